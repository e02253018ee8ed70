//! Forms 10c and 10d of a sample province against a count of its records one by one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff_sqlx::Date as SqlDate;
use kernel::Month;
use law::{Benefit, Law};
use reports::form::{self, Figures, Form, Which};
use reports::{ByArea, Division};
use serde_json::json;
use testkit::TestDb;

use crate::support::{
    BA_TO, PROVINCE, TINH_THO, actor, clock, event, made, may, office_of, record, sample,
};

const FIRST: Date = date(2024, 5, 1);
const LAST: Date = date(2024, 5, 31);

fn of(area: &str) -> ByArea {
    ByArea {
        division: Division::Below,
        month: may(),
        area: area.to_owned(),
    }
}

async fn filled(db: &TestDb, which: Which, area: &str) -> Form {
    let (clock, law) = (clock(), Law::embedded());
    let filled = form::fill(
        &office_of(db, &clock, &law),
        &actor(),
        which,
        &of(area),
        None,
    )
    .await;
    filled.expect("a form")
}

/// Figures by number and words of the row; a row without number stands under the one before.
fn rows(form: &Form) -> BTreeMap<String, Figures> {
    let mut number = "";
    let mut found = BTreeMap::new();
    for row in &form.rows {
        let name = if row.number.is_empty() {
            format!("{number} {}", row.label)
        } else {
            number = row.number;
            number.to_owned()
        };
        if let Some(figures) = row.figures {
            assert!(
                found.insert(name.clone(), figures).is_none(),
                "{name} twice"
            );
        }
    }
    found
}

/// Somebody as their records say, fact by fact.
#[derive(Default)]
struct Record {
    older: bool,
    child: bool,
    male: bool,
    lives: bool,
    facts: BTreeSet<(String, String)>,
    grade: Option<String>,
    drawn: BTreeSet<i16>,
    cared_as: BTreeSet<i16>,
    amount: i64,
}

impl Record {
    fn is(&self, kind: &str) -> bool {
        self.facts.iter().any(|(known, _)| known == kind)
    }

    fn is_poor(&self) -> bool {
        self.facts
            .contains(&("poverty".to_owned(), "poor".to_owned()))
    }

    fn draws(&self, benefit: Benefit) -> bool {
        self.drawn.contains(&benefit.number())
    }
}

/// Everybody, read row by row and put together here.
async fn records(db: &TestDb) -> BTreeMap<i64, Record> {
    type Person = (i64, SqlDate, Option<i16>, Option<SqlDate>, Option<i64>);
    type Fact = (
        i64,
        String,
        Option<String>,
        SqlDate,
        Option<SqlDate>,
        Option<i64>,
    );
    let mut found: BTreeMap<i64, Record> = BTreeMap::new();
    let people: Vec<Person> =
        sqlx::query_as("select person_id, birth_date, sex, death_date, merged_into from person")
            .fetch_all(db.pool())
            .await
            .expect("people");
    for (id, birth, sex, death, merged) in people {
        let birth = birth.to_jiff();
        let record = found.entry(id).or_default();
        record.older = birth <= date(1964, 5, 31);
        record.child = birth > date(2008, 5, 31);
        record.male = sex == Some(1);
        record.lives = merged.is_none() && death.is_none_or(|day| day.to_jiff() >= FIRST);
    }
    let facts: Vec<Fact> = sqlx::query_as(
        "select person_id, kind, variant, from_date, to_date, cared_person_id from fact
         order by from_date, fact_no",
    )
    .fetch_all(db.pool())
    .await
    .expect("facts");
    let mut cares: BTreeMap<i64, i64> = BTreeMap::new();
    for (id, kind, variant, from, to, cared) in facts {
        let holds = from.to_jiff() <= LAST && to.is_none_or(|to| to.to_jiff() >= FIRST);
        if !holds {
            continue;
        }
        if let Some(cared) = cared {
            cares.entry(id).or_insert(cared);
        }
        let record = found.get_mut(&id).expect("somebody");
        let variant = variant.unwrap_or_default();
        if kind == "disability" {
            record.grade = Some(variant.clone());
        }
        record.facts.insert((kind, variant));
    }
    let lines: Vec<(i64, i16, i16, i64)> = sqlx::query_as(
        "select person_id, benefit, kind, amount from list_line
                        where list_month = 202405 and kind <> 3",
    )
    .fetch_all(db.pool())
    .await
    .expect("lines");
    for (id, benefit, kind, amount) in lines {
        let carer = Benefit::from_number(benefit).expect("a benefit").code();
        let carer = carer.starts_with("carer_") || carer == "household_carer";
        let subject = if carer { cares[&id] } else { id };
        let record = found.get_mut(&subject).expect("somebody");
        record.amount += amount;
        if kind == 1 {
            let drawn = if carer {
                &mut record.cared_as
            } else {
                &mut record.drawn
            };
            drawn.insert(benefit);
        }
    }
    found
}

fn count(records: &BTreeMap<i64, Record>, counts: impl Fn(&Record) -> bool) -> Figures {
    let counted: Vec<&Record> = records.values().filter(|record| counts(record)).collect();
    let male = counted.iter().filter(|record| record.male).count() as i64;
    let people = counted.len() as i64;
    Figures {
        people,
        male,
        female: people - male,
        ..Figures::default()
    }
}

#[tokio::test]
async fn the_form_of_older_people_is_a_count_of_their_records() {
    let db = sample().await;
    let (found, records) = (
        rows(&filled(&db, Which::Older, PROVINCE).await),
        records(&db).await,
    );
    let known = |it: &Record| it.lives && it.older;
    let own = |it: &Record| {
        it.drawn
            .iter()
            .any(|it| *it != Benefit::FacilityCare.number())
    };
    let older = |benefit: Benefit| move |it: &Record| it.older && it.draws(benefit);
    let over_80 = older(Benefit::Older80WithoutPension);
    for (row, expected) in [
        ("1", count(&records, known)),
        ("2", count(&records, |it| known(it) && it.is_poor())),
        (
            "3",
            count(&records, |it| known(it) && it.is("no_supporter")),
        ),
        ("4", count(&records, |it| known(it) && it.is("disability"))),
        ("5", count(&records, |it| known(it) && it.is("pension"))),
        ("7", count(&records, |it| it.older && own(it))),
        (
            "7.1",
            count(&records, older(Benefit::OlderPoorWithoutSupport)),
        ),
        ("7.2", count(&records, over_80)),
        (
            "7.2 Trong đó: thuộc diện hộ nghèo",
            count(&records, |it| over_80(it) && it.is_poor()),
        ),
        ("7.3", count(&records, older(Benefit::Disability))),
        (
            "8",
            count(&records, |it| {
                it.older && (!it.cared_as.is_empty() || it.draws(Benefit::OlderFostered))
            }),
        ),
    ] {
        assert_eq!(found[row], expected, "{row}");
    }
    for row in ["1", "2", "3", "4", "7.1", "7.2", "7.3", "8"] {
        assert!(found[row].people > 0, "the sample has somebody in {row}");
    }
    let parts: i64 = ["7.1", "7.2", "7.3", "7.4"]
        .iter()
        .map(|row| found[*row].people)
        .sum();
    assert_eq!(parts, found["7"].people);
    let amount: i64 = records
        .values()
        .filter(|it| it.older)
        .map(|it| it.amount)
        .sum();
    assert_eq!(
        found["26 Chính sách trợ giúp xã hội"].amount.value(),
        amount
    );
    assert!(
        !found.contains_key("6"),
        "merit allowances are not recorded"
    );
}

#[tokio::test]
async fn the_form_of_disabilities_is_a_count_of_their_records() {
    let db = sample().await;
    let form = filled(&db, Which::Disability, PROVINCE).await;
    let (found, records) = (rows(&form), records(&db).await);
    let known = |it: &Record| it.lives && it.grade.is_some();
    let of =
        |grade: &'static str| move |it: &Record| it.lives && it.grade.as_deref() == Some(grade);
    let draws = |grade: &'static str| {
        move |it: &Record| it.draws(Benefit::Disability) && it.grade.as_deref() == Some(grade)
    };
    let carers = [Benefit::CarerDisability, Benefit::HouseholdCarer].map(Benefit::number);
    for (row, expected) in [
        ("1", count(&records, known)),
        ("1.2 Đặc biệt nặng", count(&records, of("extremely_severe"))),
        ("1.2 Nặng", count(&records, of("severe"))),
        ("1.2 Nhẹ", count(&records, of("mild"))),
        ("2", count(&records, |it| known(it) && it.is_poor())),
        (
            "2.2",
            count(&records, |it| of("severe")(it) && it.is_poor()),
        ),
        ("3", count(&records, |it| known(it) && it.older)),
        ("4", count(&records, |it| known(it) && it.is("pension"))),
        ("6", count(&records, |it| it.draws(Benefit::Disability))),
        ("6.1", count(&records, draws("extremely_severe"))),
        (
            "6.1 Dưới 16 tuổi",
            count(&records, |it| draws("extremely_severe")(it) && it.child),
        ),
        (
            "6.2 Từ đủ 60 tuổi trở lên",
            count(&records, |it| draws("severe")(it) && it.older),
        ),
        (
            "7",
            count(&records, |it| {
                carers.iter().any(|carer| it.cared_as.contains(carer))
            }),
        ),
    ] {
        assert_eq!(found[row], expected, "{row}");
    }
    for row in [
        "1.2 Đặc biệt nặng",
        "1.2 Nặng",
        "2",
        "3",
        "6.1 Dưới 16 tuổi",
        "7",
    ] {
        assert!(found[row].people > 0, "the sample has somebody in {row}");
    }
    let types = form
        .rows
        .iter()
        .filter(|row| row.unit.is_some() && row.figures.is_none());
    assert_eq!(
        types.count(),
        9,
        "types, merit, insurance and devices are not recorded"
    );
    // The same people stand in form 10a.
    let regular = filled(&db, Which::Regular, PROVINCE).await;
    let regular = |number: &str| {
        let row = regular.rows.iter().find(|row| row.number == number);
        row.and_then(|row| row.figures).expect("a row").people
    };
    for (number, of_10d) in [("6", "6"), ("6.1", "6.1"), ("6.2", "6.2")] {
        assert_eq!(regular(number), found[of_10d].people);
    }
}

#[tokio::test]
async fn every_figure_has_its_people() {
    let db = sample().await;
    let (clock, law) = (clock(), Law::embedded());
    let office = office_of(&db, &clock, &law);
    for which in [Which::Older, Which::Disability] {
        let form = filled(&db, which, PROVINCE).await;
        for (at, row) in form.rows.iter().enumerate() {
            let (mut seen, mut after) = (BTreeSet::new(), None);
            loop {
                let of = of(PROVINCE);
                let page = form::members(&office, &actor(), (which, at), &of, after, 70).await;
                let page = page.expect("people");
                let Some(last) = page.last() else { break };
                after = Some(last.person_id);
                assert!(page.iter().all(|member| seen.insert(member.person_id)));
            }
            let expected = row.figures.map_or(0, |figures| figures.people);
            assert_eq!(seen.len() as i64, expected, "{} {}", row.number, row.label);
        }
    }
}

#[tokio::test]
async fn who_moved_counts_where_they_live_in_the_month() {
    let (db, law) = (made().await, Law::embedded());
    let june = testkit::clock("2024-06-05T08:00:00+07:00");
    let office = office_of(&db, &june, &law);
    let disabled = async |month: Month| {
        let mut found = [0, 0];
        for (people, area) in found.iter_mut().zip([TINH_THO, BA_TO]) {
            let of = ByArea { month, ..of(area) };
            let form = form::fill(&office, &actor(), Which::Disability, &of, None).await;
            *people = form.map_or(0, |form| rows(&form)["1"].people);
        }
        found
    };
    // A move counts from the month after, a death too.
    let moved = json!({"area": BA_TO, "effective": "2024-05-10"});
    record(&db, vec![event("severe", "moved", moved)]).await;
    let died = json!({"date": "2024-05-05", "effective": "2024-05-05"});
    record(&db, vec![event("cared", "died", died)]).await;
    let made = payments::make(&office, &actor(), may().next(), PROVINCE).await;
    made.expect("a list");
    assert_eq!(disabled(may()).await, [2, 0]);
    assert_eq!(disabled(may().next()).await, [0, 1]);
}

#[tokio::test]
async fn tables_have_the_twenty_six_and_ten_items_of_the_decree() {
    let db = made().await;
    for (which, items) in [(Which::Older, 26), (Which::Disability, 10)] {
        let form = filled(&db, which, PROVINCE).await;
        let numbers = form
            .rows
            .iter()
            .filter_map(|row| row.number.parse::<u8>().ok());
        assert_eq!(
            numbers.collect::<Vec<u8>>(),
            (1..=items).collect::<Vec<u8>>()
        );
        let table = form.board(clock().now());
        let full = table
            .rows
            .iter()
            .all(|row| row.len() == table.columns.len());
        assert!(full && form.names().len() == table.columns.len());
        let paper = form.paper(clock().now());
        assert!(
            paper
                .rows
                .iter()
                .all(|row| row.cells.len() == paper.headings.len())
        );
    }
}
