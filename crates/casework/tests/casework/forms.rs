//! Forms from answers to what the law owes: every form filled in by an invented applicant.

mod any_answers;
mod drafts;

use casework::draft::{self, Owner, Subject};
use casework::form::{self, Answers, Form};
use casework::submit::{Application, SubmitError, submit};
use casework::{Channel, Event, Submitted, answered, apply, eligibility};
use kernel::{Actor, Clock, Dong, Month, MonthSpan, PersonId};
use law::{Benefit, Law};
use proptest::prelude::*;
use registry::event::read_lines;
use serde_json::{Value, json};
use testkit::TestDb;
use uuid::Uuid;

fn clock() -> Clock {
    testkit::clock("2024-05-06T08:00:00+07:00")
}

fn later() -> Clock {
    testkit::clock("2024-06-03T08:00:00+07:00")
}

fn actor() -> Actor {
    Actor::with_every_role("an.nguyen")
}

fn answers(more: &[(&str, &str)]) -> Answers {
    let head = [
        ("full_name", "Người Thử"),
        ("birth_date", "12/03/1980"),
        ("sex", "female"),
        ("ethnicity", "Kinh"),
        ("id_number", "999180000011"),
        ("area", "21175"),
        ("pension", "no"),
        ("poverty", "neither"),
        ("disabled", "no"),
        ("schooling", "never"),
        ("declared_by", "itself"),
    ];
    Answers::of_fields(head.into_iter().chain(more.iter().copied()))
}

fn of_form(form: &Form, given: &Answers) -> Answers {
    let fields = given.iter().filter(|(code, _)| form.field(code).is_some());
    let mut kept = Answers::default();
    for (code, _) in fields {
        match given.text(code) {
            Some(text) => kept.set(code, text),
            None => kept.set_rows(code, given.rows(code).to_vec()),
        }
    }
    kept
}

async fn submitted(
    db: &TestDb,
    (procedure, form, benefit): (&str, &str, Benefit),
    given: &Answers,
    person: Option<PersonId>,
) -> Result<String, SubmitError> {
    let subject = Subject {
        form: form.to_owned(),
        procedure: procedure.to_owned(),
        benefit: Some(benefit),
        person,
    };
    let form = form::by_code(form).expect("a form");
    let application = Application {
        id: Uuid::now_v7(),
        subject: &subject,
        answers: &of_form(form, given),
        channel: Channel::Direct,
        papers: Vec::new(),
        received: true,
        draft: None,
    };
    submit(db.pool(), &actor(), &clock(), &application).await
}

fn told(dossier: &str, at: &str, fields: Value) -> Event {
    let mut whole = json!({"event_id": Uuid::now_v7(), "dossier": dossier,
                           "at": format!("{at}:00+07:00")});
    let more = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(more);
    Event::parse(whole.to_string().as_bytes()).expect("a step")
}

/// Stages of a monthly allowance and of a funeral grant before the decision, each with a day of May.
const ALLOWANCE: &[(&str, i8)] = &[("commune_review", 13), ("sent_up", 15), ("appraisal", 20)];
const GRANT: &[(&str, i8)] = &[("commune_review", 13)];

async fn decide(db: &TestDb, dossier: &str, stages: &[(&str, i8)]) -> registry::Applied {
    let done = |(stage, day): &(&str, i8)| {
        let at = format!("2024-05-{day}T09:00");
        told(dossier, &at, json!({"kind": "stage_done", "stage": stage}))
    };
    let mut steps: Vec<_> = stages.iter().map(done).collect();
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-05-22"});
    let approved = json!({"kind": "decided", "outcome": "approved", "decision": decision});
    steps.push(told(dossier, "2024-05-22T15:00", approved));
    let rows: Vec<Submitted> = (1..)
        .zip(steps)
        .map(|(row, event)| Submitted { row, event })
        .collect();
    apply(db.pool(), &actor(), &later(), &rows)
        .await
        .expect("recorded")
}

async fn person_of(db: &TestDb, number: &str) -> PersonId {
    let id: i64 = sqlx::query_scalar("select person_id from person where id_number = $1")
        .bind(number)
        .fetch_one(db.pool())
        .await
        .expect("registered once");
    PersonId(id)
}

/// What the law owes the person from January to May 2024.
async fn owed(db: &TestDb, person: PersonId) -> Vec<(Benefit, String, String, i64)> {
    let known = registry::person::read(db.pool(), &actor(), &later(), person)
        .await
        .expect("known");
    let mut person = law::Person {
        birth_date: known.birth_date,
        death_date: known.death_date,
        sex: known.sex,
        provinces: Vec::new(),
        difficult_area: false,
        enrolments: Vec::new(),
        facts: known.facts.into_iter().map(|(_, fact)| fact).collect(),
    };
    person
        .enrolments
        .extend(known.enrolments.iter().map(|it| law::Enrolment {
            benefit: it.benefit,
            from: it.from,
            to: it.to,
            suspended: Vec::new(),
        }));
    let law = Law::embedded().in_force(later().today());
    let month = |text: &str| text.parse::<Month>().expect("a month");
    let span = MonthSpan {
        from: month("2024-01"),
        to: month("2024-05"),
    };
    let mut spells = Vec::new();
    law.owed(&person, span, &mut spells);
    let spell = |it: law::Spell| {
        (
            it.benefit,
            it.from.to_string(),
            it.to.to_string(),
            it.amount.0,
        )
    };
    spells.into_iter().map(spell).collect()
}

const MONTHLY: &str = "1.001776";

/// Form, benefit, answers, first month, đồng a month.
type Case<'a> = (&'a str, Benefit, Vec<(&'a str, &'a str)>, &'a str, i64);

#[tokio::test]
async fn every_form_leads_from_answers_to_the_amount_of_the_law() {
    let child = [("birth_date", "2021-06-01"), ("id_number", "999321000011")];
    let poor = ("poverty", "poor");
    let cases: Vec<Case> = vec![
        (
            "d20-1a",
            Benefit::ChildWithoutSupport,
            [&child[..], &[("basis", "b"), ("difficult_area", "no")]].concat(),
            "2024-05",
            900_000,
        ),
        (
            "d20-1b",
            Benefit::PoorAdultWithHiv,
            vec![
                poor,
                ("hiv", "yes"),
                ("hiv_found_on", "2023-01-02"),
                ("income", "no"),
            ],
            "2024-05",
            540_000,
        ),
        (
            "d20-1c",
            Benefit::PoorSingleParent,
            vec![
                poor,
                ("marital", "widowed"),
                ("children.0.birth_date", "2015"),
                ("children.1.birth_date", "5/2018"),
                ("children.2.birth_date", "2020-05-06"),
            ],
            "2024-05",
            1_080_000,
        ),
        (
            "d20-1d",
            Benefit::OlderPoorWithoutSupport,
            vec![
                poor,
                ("birth_date", "1950"),
                ("id_number", "999150000011"),
                ("supporter", "none"),
                ("difficult_area", "no"),
            ],
            "2024-05",
            540_000,
        ),
        // Paid from the month of the certificate.
        (
            "d20-1dd",
            Benefit::Disability,
            vec![
                ("disabled", "yes"),
                ("disability_grade", "severe"),
                ("certificate_date", "20/02/2024"),
                ("marital", "married"),
            ],
            "2024-02",
            540_000,
        ),
    ];
    for (form, benefit, more, from, amount) in cases {
        let db = TestDb::practice().await;
        let given = answers(&more);
        let number = given.text("id_number").expect("a number").to_owned();
        let code = submitted(&db, (MONTHLY, form, benefit), &given, None).await;
        let code = code.unwrap_or_else(|why| panic!("{form}: {why:?}"));
        let law = Law::embedded().in_force(clock().today());
        let sheet = form::by_code(form).expect("a form");
        let checked = sheet
            .check(&of_form(sheet, &given), clock().today())
            .expect("sound");
        let asked = (sheet, &checked, None);
        let answer = eligibility::ask(db.pool(), &actor(), &clock(), &law, asked).await;
        let answer = answer.expect("an answer");
        let found = answer.entitled.iter().find(|it| it.benefit == benefit);
        let found = found.unwrap_or_else(|| panic!("{form}: {answer:?}"));
        assert_eq!(
            (found.from.to_string().as_str(), found.amount),
            (from, Dong(amount)),
            "{form}"
        );
        assert_eq!(answer.unanswered, [""; 0]);
        assert_eq!(decide(&db, &code, ALLOWANCE).await.refused, [], "{form}");
        let person = person_of(&db, &number).await;
        let expected = (benefit, from.to_owned(), "2024-05".to_owned(), amount);
        assert_eq!(owed(&db, person).await, [expected], "{form}");
    }
}

/// Somebody extremely severely disabled on the allowance, aged 61.
async fn known_person(db: &TestDb) -> PersonId {
    let lines = [
        json!({"event_id": Uuid::now_v7(), "kind": "person_registered", "person": "p",
               "effective": "2023-01-01", "source": "test", "full_name": "Người Cũ",
               "birth_date": "1963-01-01", "sex": "male", "ethnicity": "01",
               "id_number": "999063000011", "area": "21175"}),
        json!({"event_id": Uuid::now_v7(), "kind": "fact_started", "person": "p", "source": "test",
               "effective": "2023-03-01", "fact_id": "f",
               "fact": {"kind": "disability", "grade": "extremely_severe"}}),
        json!({"event_id": Uuid::now_v7(), "kind": "enrolled", "person": "p", "source": "test",
               "effective": "2023-03-01", "benefit": "disability", "from": "2023-03",
               "decision": {"number": "1/QĐ", "date": "2023-03-10"}}),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    let (events, refused) = read_lines(text.as_bytes());
    assert_eq!(refused, []);
    let applied = registry::apply(db.pool(), &actor(), &clock(), &events)
        .await
        .expect("applied");
    assert_eq!(applied.refused, []);
    person_of(db, "999063000011").await
}

#[tokio::test]
async fn a_carer_and_a_burial_stand_on_somebody_known() {
    let db = TestDb::practice().await;
    let cared = known_person(&db).await;
    let carer = answers(&[
        ("cared_name", "Người Cũ"),
        ("cared_id_number", "999063000011"),
        ("care_since", "2023-03-01"),
    ]);
    let asked = (MONTHLY, "d20-2a", Benefit::HouseholdCarer);
    let code = submitted(&db, asked, &carer, None)
        .await
        .expect("submitted");
    assert_eq!(decide(&db, &code, ALLOWANCE).await.refused, []);
    let enrolled: (i16, i32) = sqlx::query_as(
        "select benefit, from_month from enrolment join person using (person_id) where id_number = $1",
    )
    .bind("999180000011")
    .fetch_one(db.pool())
    .await
    .expect("the carer is enrolled");
    assert_eq!(enrolled, (Benefit::HouseholdCarer.number(), 202_405));
    let funeral = Answers::of_fields([
        ("full_name", "Người Cũ"),
        ("birth_date", "1963-01-01"),
        ("sex", "male"),
        ("area", "21175"),
        ("id_number", "999063000011"),
        ("death_date", "2024-05-02"),
        ("organiser_kind", "person"),
        ("organiser_name", "Người Con"),
    ]);
    let asked = ("1.001731", "d20-04", Benefit::Funeral);
    let code = submitted(&db, asked, &funeral, Some(cared))
        .await
        .expect("submitted");
    assert_eq!(decide(&db, &code, GRANT).await.refused, []);
    let owed = owed(&db, cared).await;
    let paid = owed
        .iter()
        .find(|it| it.0 == Benefit::Funeral)
        .expect("the funeral grant");
    assert_eq!((paid.1.as_str(), paid.3), ("2024-05", 7_200_000));
}

#[tokio::test]
async fn what_is_known_is_not_told_again() {
    let db = TestDb::practice().await;
    let person = known_person(&db).await;
    let known = registry::person::read(db.pool(), &actor(), &clock(), person)
        .await
        .expect("known");
    let form = form::by_code("d20-1dd").expect("a form");
    let filled = casework::known::answers(form, &known, clock().today());
    assert_eq!(filled.text("full_name"), Some("Người Cũ"));
    assert_eq!(filled.text("disability_grade"), Some("extremely_severe"));
    assert_eq!(filled.text("certificate_date"), Some("2023-03-01"));
    let mut given = filled.clone();
    for (code, text) in [
        ("schooling", "never"),
        ("pension", "no"),
        ("poverty", "neither"),
        ("marital", "married"),
        ("declared_by", "itself"),
    ] {
        given.set(code, text);
    }
    given.extend(Answers::of_fields([(
        "children.0.birth_date",
        "2023-02-01",
    )]));
    let asked = (MONTHLY, "d20-1dd", Benefit::DisabledParent);
    let code = submitted(&db, asked, &given, Some(person))
        .await
        .expect("submitted");
    assert_eq!(decide(&db, &code, ALLOWANCE).await.refused, []);
    let facts: Vec<(String, i64)> = sqlx::query_as(
        "select kind, count(*) from fact where person_id = $1 group by 1 order by 1",
    )
    .bind(person.0)
    .fetch_all(db.pool())
    .await
    .expect("reads");
    assert_eq!(
        facts,
        [("child".to_owned(), 1), ("disability".to_owned(), 1)]
    );
}

#[tokio::test]
async fn an_approval_that_cannot_be_leaves_nothing_behind() {
    let db = TestDb::practice().await;
    let carer = answers(&[
        ("cared_name", "Không Có"),
        ("cared_id_number", "999063000099"),
        ("care_since", "2023-03-01"),
    ]);
    let asked = (MONTHLY, "d20-2a", Benefit::HouseholdCarer);
    let code = submitted(&db, asked, &carer, None)
        .await
        .expect("submitted");
    let codes: Vec<&str> = decide(&db, &code, ALLOWANCE)
        .await
        .refused
        .iter()
        .map(|refusal| refusal.code)
        .collect();
    assert_eq!(codes, ["unknown_cared_person"]);
    let people: i64 = sqlx::query_scalar("select count(*) from person")
        .fetch_one(db.pool())
        .await
        .expect("reads");
    assert_eq!(people, 0);
}
