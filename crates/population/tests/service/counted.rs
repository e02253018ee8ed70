//! How many are due is kept for each commune, and after every change equals a full count.

use kernel::EventId;
use registry::duplicates::{self, Said};

use super::*;

/// A full count of the people of communes (none: the country), made without anything that is kept.
const FULL: &str = "with due as (
        select p.id_state, p.id_number, p.identity_check,
               p.identity_check in ('verified', 'mismatch', 'not_found') and exists (
                   select from event e
                   where e.person_id = p.person_id and e.kind = 'identity_checked'
                     and e.effective >= date '2024-05-02' - 30 and not exists (
                         select from event c
                         where c.person_id = e.person_id and c.kind = 'person_corrected'
                           and c.event_no > e.event_no and c.body ?|
                               array['full_name', 'birth_date', 'sex', 'id_number'])) as lately
        from person p
        where p.merged_into is null and p.death_date is null and ($2 = '' or p.area_code = $2)
          and exists (select from enrolment e join person m using (person_id)
                      where coalesce(m.merged_into, m.person_id) = p.person_id
                        and e.from_month <= $1 and (e.to_month is null or e.to_month >= $1)))
    select count(*), count(*) filter (where lately and identity_check = 'verified'),
           count(*) filter (where lately and identity_check <> 'verified'),
           count(*) filter (where not lately and askable), count(*) filter (where not lately and not askable)
    from due, lateral (select id_number is not null and (id_state not in ('missing', 'malformed')
                              or id_number ~ '^[0-9]{9}$') as askable) a";

/// Another commune, and a month later.
const ELSEWHERE: &str = "21031";

async fn holds(db: &TestDb, after: &str) -> due::Due {
    for month in ["2024-05", "2024-06"] {
        let month: Month = month.parse().expect("a month");
        for area in [ELSEWHERE, COMMUNE, ""] {
            let wanted = Wanted {
                area: area.to_owned(),
                month,
                lately_days: 30,
                limit: None,
            };
            let told = due::count(db.pool(), &actor(), &clock(), &wanted).await;
            let told = told.expect("counted");
            let full: (i64, i64, i64, i64, i64) = sqlx::query_as(FULL)
                .bind(month.yyyymm())
                .bind(area)
                .fetch_one(db.pool())
                .await
                .expect("a full count");
            let kept = (
                told.people,
                told.verified,
                told.differing,
                told.to_ask,
                told.unaskable,
            );
            assert_eq!(kept, full, "{after}: {month} {area:?}");
            let due = due::people(db.pool(), &actor(), &clock(), &wanted).await;
            assert_eq!(
                due.expect("found").len() as i64,
                told.to_ask,
                "{after}: {month} {area:?}"
            );
        }
    }
    let wanted = Wanted {
        area: "VN".to_owned(),
        ..wanted()
    };
    let told = due::count(db.pool(), &actor(), &clock(), &wanted).await;
    told.expect("counted")
}

#[tokio::test]
async fn what_is_kept_equals_a_full_count_after_every_change() {
    let db = TestDb::practice().await;
    assert_eq!(holds(&db, "nobody").await, due::Due::default());
    let known = many(&db, 6).await;
    assert_eq!(holds(&db, "registered").await.to_ask, 6);
    let address = sandbox(&known, Manner::default()).await;
    run(&db, &service(&address)).await.expect("asked");
    assert_eq!(holds(&db, "checked").await.verified, 6);

    let decision = r#""decision":{"number":"2/QĐ","date":"2024-05-02"}"#;
    let changes = [
        r#""kind":"person_corrected","person":"1","full_name":"Người Thử Khác""#.to_owned(),
        r#""kind":"person_corrected","person":"2","phone":"0900000000""#.to_owned(),
        format!(r#""kind":"moved","person":"3","area":"{ELSEWHERE}""#),
        r#""kind":"died","person":"5","date":"2024-05-01""#.to_owned(),
        format!(
            r#""kind":"enrolment_ended","person":"0","benefit":"older_80_without_pension","last_month":"2024-05","reason":"x",{decision}"#
        ),
        r#""kind":"person_corrected","person":"2","id_number":"12""#.to_owned(),
        format!(
            r#""kind":"event_cancelled","person":"3","cancels":"{}""#,
            of(2)
        ),
    ];
    for (at, change) in changes.iter().enumerate() {
        apply(&db, &line(at, change)).await;
        holds(&db, change).await;
        if change.contains("moved") {
            // Whoever is merged counts where the other record lives.
            let (kept, dropped, event) = (PersonId(4), PersonId(5), EventId(of(MERGED).as_u128()));
            let pair = (kept, dropped);
            let said =
                duplicates::merge(db.pool(), &actor(), &clock(), event, pair, "một người").await;
            assert_eq!(said.expect("merged"), Said::Done);
            assert_eq!(holds(&db, "merged").await.people, 5);
        }
    }
    let parted = format!(
        r##""kind":"event_cancelled","person":"#5","cancels":"{}""##,
        of(MERGED)
    );
    apply(&db, &line(changes.len(), &parted)).await;
    holds(&db, "parted").await;
    let ended = format!(
        r#""kind":"enrolment_ended","person":"4","benefit":"older_80_without_pension","last_month":"2024-05","reason":"x",{decision}"#
    );
    apply(&db, &line(changes.len() + 1, &ended)).await;
    let left = holds(&db, "all").await;
    assert_eq!((left.people, left.unaskable), (5, 1));
    let kept = count(
        &db,
        "select sum(people) from check_count where month = 202405",
    )
    .await;
    assert_eq!(kept, 5, "communes nobody lives in any more count nobody");
}

/// The number of the merging among the changes.
const MERGED: usize = 90;

/// A change as an event.
fn line(at: usize, change: &str) -> String {
    let head = format!(
        r#""event_id":"{}","source":"thử","effective":"2024-05-02""#,
        of(at)
    );
    format!("{{{head},{change}}}")
}

/// The identity of the so-and-so-many-th change.
fn of(at: usize) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("change {at}").as_bytes())
}

#[tokio::test]
async fn nobody_is_missed_who_changes_while_it_is_counted() {
    let db = TestDb::practice().await;
    many(&db, 4).await;
    holds(&db, "registered").await;
    // Counted and changed at once, whichever comes first: what is left to count again is noted.
    let moved = format!(
        r#"{{"event_id":"{}","source":"thử","effective":"2024-05-02","kind":"moved","person":"1","area":"{ELSEWHERE}"}}"#,
        of(0)
    );
    let wanted = wanted();
    let (pool, actor, clock) = (db.pool(), actor(), clock());
    let (counted, ()) = tokio::join!(
        due::count(pool, &actor, &clock, &wanted),
        apply(&db, &moved)
    );
    assert_eq!(counted.expect("counted").people, 4);
    holds(&db, "moved meanwhile").await;
}
