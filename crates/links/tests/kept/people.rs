//! A registry with a few people in it.

use kernel::actor::Role;
use kernel::{Actor, Clock, PersonId};
use registry::event::read_lines;
use testkit::TestDb;

/// Two communes of Quảng Ngãi, one of Hà Nội.
pub const HERE: &str = "21031";
pub const FAR: &str = "00004";

pub fn clock() -> Clock {
    testkit::clock("2024-05-20T08:00:00+07:00")
}

/// An officer of one area.
pub fn officer(name: &str, area: &str) -> Actor {
    let grant = kernel::actor::Grant {
        role: Role::Officer,
        area: (!area.is_empty()).then(|| area.into()),
    };
    Actor::new(name, vec![grant])
}

/// Somebody as events tell of them.
pub struct Person<'a> {
    pub key: &'a str,
    pub name: &'a str,
    pub birth: &'a str,
    pub id_number: Option<&'a str>,
    pub area: &'a str,
}

pub async fn register(db: &TestDb, people: &[Person<'_>]) {
    let mut lines = String::new();
    for (at, it) in people.iter().enumerate() {
        let id = format!(
            "0190a000-0000-7000-8000-{:012}",
            number_of(it.key) + at as u64
        );
        let line = serde_json::json!({
            "event_id": id, "kind": "person_registered", "person": it.key,
            "effective": "2024-01-01", "source": "thử", "full_name": it.name,
            "birth_date": it.birth, "sex": "female", "ethnicity": null,
            "id_number": it.id_number, "area": it.area,
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    tell(db, &lines).await;
}

/// Far apart for every key.
fn number_of(key: &str) -> u64 {
    key.bytes()
        .fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000)
        * 1_000
}

pub async fn tell(db: &TestDb, lines: &str) {
    let (events, refused) = read_lines(lines.as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("nap.du.lieu");
    let applied = registry::apply(db.pool(), &actor, &clock(), &events).await;
    assert_eq!(applied.expect("applies").refused, []);
}

/// Four hundred people of both provinces who are nobody else.
pub async fn neighbours(db: &TestDb) {
    const GIVEN: [&str; 10] = [
        "Hoa", "Lan", "Cúc", "Mai", "Đào", "Sen", "Nhài", "Huệ", "Bưởi", "Thơm",
    ];
    const MIDDLE: [&str; 8] = ["Thị", "Ngọc", "Kim", "Thu", "Xuân", "Bích", "Minh", "Thanh"];
    const SURNAME: [&str; 5] = ["Nguyễn", "Trần", "Lê", "Phạm", "Võ"];
    let made: Vec<[String; 4]> = (0..400)
        .map(|at| {
            let name = format!(
                "{} {} {}",
                SURNAME[at % 5],
                MIDDLE[at / 5 % 8],
                GIVEN[at / 40]
            );
            let birth = format!("{}-{:02}-{:02}", 1930 + at % 37, 1 + at % 12, 1 + at % 28);
            let id_number = format!("9991{:02}{at:06}", 30 + at % 37);
            [format!("n{at}"), name, birth, id_number]
        })
        .collect();
    let people: Vec<Person<'_>> = made
        .iter()
        .enumerate()
        .map(|(at, [key, name, birth, id_number])| Person {
            key,
            name,
            birth,
            id_number: Some(id_number),
            area: if at % 2 == 0 { HERE } else { FAR },
        })
        .collect();
    register(db, &people).await;
}

pub async fn number(db: &TestDb, key: &str) -> PersonId {
    let number = sqlx::query_scalar("select person_id from person_key where key = $1")
        .bind(key)
        .fetch_one(db.pool())
        .await;
    PersonId(number.expect("registered"))
}
