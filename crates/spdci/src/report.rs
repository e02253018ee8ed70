//! What other programmes tell they pay people of ours (enrollment/updates). It is kept as what they say: no
//! benefit and no fact of ours follows from it.

use std::collections::HashMap;

use access::audit::Action;
use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::answer::search::month_of;
use crate::answer::{Work, Worked};
use crate::criteria::{Criteria, is_plain};
use crate::message::ReportRequest;
use crate::{Error, MOST_REQUESTS, Register, find, told};

/// Programmes of one beneficiary at most.
const MOST_PROGRAMMES: usize = 20;

/// One programme of one beneficiary.
struct Said {
    programme: String,
    name: Option<String>,
    status: &'static str,
    enrolled_on: Option<Date>,
    changed_on: Option<Date>,
    benefit: Option<String>,
}

/// Whom it is about.
enum Who {
    IdNumber(String),
    Member(i64),
}

/// Keeps what is told of each beneficiary; one that cannot be understood spoils no other. What is already known
/// is not written again.
pub(crate) async fn report(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &ReportRequest,
    message_no: i64,
) -> Result<Worked, Error> {
    let beneficiaries = &asked.enrolled_updates.beneficiaries;
    let read: Vec<Result<(Who, Vec<Said>), &str>> = beneficiaries.iter().map(beneficiary).collect();
    let people = known(tx, work, read.iter().flatten().map(|(who, _)| who)).await?;
    let (mut items, mut rows) = (Vec::new(), Vec::new());
    for (at, read) in (1..).zip(read) {
        let told = read.and_then(|(who, said)| Ok((people.one(&who)?, said)));
        let mut answer = json!({"reference_id": at.to_string(), "timestamp": work.now,
            "status": "succ"});
        match told {
            Ok((person, said)) => rows.extend(said.into_iter().map(|said| (person, said))),
            Err(why) => {
                answer["status"] = json!("rjct");
                answer["status_reason_message"] = json!(why);
            }
        }
        items.push(answer);
    }
    write(tx, work, message_no, &rows).await?;
    let mut people: Vec<i64> = rows.iter().map(|(person, _)| *person).collect();
    people.sort_unstable();
    people.dedup();
    let purpose = work.caller.purposes.join(",");
    Ok(Worked {
        message: json!({"transaction_id": asked.transaction_id,
            "correlation_id": work.correlation_id, "enrolled_response": items}),
        outcome: items,
        log: vec![(
            Action::SpdciReport,
            json!({"people": people, "rows": rows.len()}),
        )],
        told: vec![told::Entry {
            action: "report",
            purpose,
            consent: None,
            people,
            asked: Vec::new(),
        }],
    })
}

fn beneficiary(told: &Value) -> Result<(Who, Vec<Said>), &'static str> {
    let member = told.get("member").unwrap_or(told);
    let who = who(member).ok_or("rjct.search_criteria.invalid: không có số định danh")?;
    let said = match member.get("programme_identifier") {
        Some(Value::Array(many)) if (1..=MOST_PROGRAMMES).contains(&many.len()) => {
            many.iter().map(programme).collect::<Option<Vec<_>>>()
        }
        Some(one @ Value::Object(_)) => programme(one).map(|said| vec![said]),
        _ => None,
    };
    Ok((
        who,
        said.ok_or("rjct.filter.invalid: programme_identifier không đúng mẫu")?,
    ))
}

/// The ID number, or our number of the person when there is none.
fn who(member: &Value) -> Option<Who> {
    let number = |value: &Value| {
        let text = value.get("identifier_value")?.as_str()?.trim();
        (text.len() <= 50 && is_plain(text)).then(|| text.to_owned())
    };
    let info = member.get("demographic_info").unwrap_or(&Value::Null);
    let listed = info.get("identifier").and_then(Value::as_array);
    let listed = listed.and_then(|all| all.iter().find_map(number));
    let found = listed.or_else(|| info.get("person").and_then(number));
    if let Some(found) = found.or_else(|| number(info)) {
        return Some(Who::IdNumber(found));
    }
    let member = member.get("member_identifier")?.as_str()?;
    member.parse().ok().map(Who::Member)
}

fn programme(told: &Value) -> Option<Said> {
    let text = |value: Option<&Value>| -> Option<Option<String>> {
        match value.and_then(Value::as_str).map(str::trim) {
            None | Some("") => Some(None),
            Some(text) if text.len() <= 300 && !text.chars().any(char::is_control) => {
                Some(Some(text.to_owned()))
            }
            Some(_) => None,
        }
    };
    let day = |value: Option<&Value>| -> Option<Option<Date>> {
        match text(value)? {
            None => Some(None),
            Some(text) => {
                let day: Date = text.get(..10)?.parse().ok()?;
                (1900..=2200).contains(&day.year()).then_some(Some(day))
            }
        }
    };
    let named = told.get("programme")?;
    let benefits = told.get("benefits").and_then(|it| match it {
        Value::Array(many) => many.first(),
        one => Some(one),
    });
    let status = text(told.get("enrolment_status"))??.to_lowercase();
    let known = ["active", "suspended", "closed"].into_iter();
    Some(Said {
        programme: text(named.get("programme_identifier"))??,
        name: text(named.get("programme_name"))?,
        status: { known }.find(|known| *known == status)?,
        enrolled_on: day(told.get("enrolment_date"))?,
        changed_on: day(told.get("status_change_date"))?,
        benefit: text(benefits.and_then(|it| it.get("benefit_type")))?,
    })
}

/// People named, as far as the caller may see them.
#[derive(Default)]
struct Known {
    by_number: HashMap<String, Vec<i64>>,
    members: Vec<i64>,
}

impl Known {
    fn one(&self, who: &Who) -> Result<i64, &'static str> {
        let unknown = "rjct.reference_id.invalid: không có người này trong sổ";
        match who {
            Who::Member(id) => self.members.contains(id).then_some(*id).ok_or(unknown),
            Who::IdNumber(number) => match self.by_number.get(number).map(Vec::as_slice) {
                Some([one]) => Ok(*one),
                Some(_) => Err("rjct.reference_id.invalid: nhiều hồ sơ cùng số định danh"),
                None => Err(unknown),
            },
        }
    }
}

async fn known(
    tx: &mut PgConnection,
    work: &Work<'_>,
    named: impl Iterator<Item = &Who>,
) -> Result<Known, Error> {
    let (mut numbers, mut members) = (Vec::new(), Vec::new());
    for who in named {
        match who {
            Who::IdNumber(number) => numbers.push(number.clone()),
            Who::Member(id) => members.push(*id),
        }
    }
    let month = month_of(work.now);
    let page = (u32::try_from(MOST_REQUESTS).unwrap_or(u32::MAX) * 10, 0);
    let mut known = Known::default();
    if !numbers.is_empty() {
        let criteria = Criteria {
            id_numbers: Some(numbers),
            ..Criteria::default()
        };
        let who = (work.caller, Register::Social);
        for person in find::page(tx, who, &criteria, page, month).await?.people {
            let number = person.id_number.unwrap_or_default();
            let same = known.by_number.entry(number).or_default();
            same.push(person.person_id);
        }
    }
    if !members.is_empty() {
        let criteria = Criteria {
            people: Some(members),
            ..Criteria::default()
        };
        let who = (work.caller, Register::Social);
        let found = find::page(tx, who, &criteria, page, month).await?;
        known.members = found.people.iter().map(|it| it.person_id).collect();
    }
    Ok(known)
}

async fn write(
    tx: &mut PgConnection,
    work: &Work<'_>,
    message_no: i64,
    rows: &[(i64, Said)],
) -> Result<(), Error> {
    let people: Vec<i64> = rows.iter().map(|(person, _)| *person).collect();
    let said = || rows.iter().map(|(_, said)| said);
    let programmes: Vec<String> = said().map(|it| it.programme.clone()).collect();
    let names: Vec<Option<String>> = said().map(|it| it.name.clone()).collect();
    let statuses: Vec<String> = said().map(|it| it.status.to_owned()).collect();
    let day = |day: Option<Date>| day.map(ToSqlx::to_sqlx);
    let enrolled: Vec<Option<SqlDate>> = said().map(|it| day(it.enrolled_on)).collect();
    let changed: Vec<Option<SqlDate>> = said().map(|it| day(it.changed_on)).collect();
    let benefits: Vec<Option<String>> = said().map(|it| it.benefit.clone()).collect();
    sqlx::query!(
        "insert into spdci_report (message_no, caller, person_id, programme, programme_name, status,
             enrolled_on, changed_on, benefit, recorded_at)
         select $1, $2, said.person_id, said.programme, said.name, said.status, said.enrolled_on,
                said.changed_on, said.benefit, $3
         from unnest($4::bigint[], $5::text[], $6::text[], $7::text[], $8::date[], $9::date[], $10::text[])
              with ordinality as said (person_id, programme, name, status, enrolled_on, changed_on, benefit, at)
         where (said.name, said.status, said.enrolled_on, said.changed_on, said.benefit) is distinct from
               (select (r.programme_name, r.status, r.enrolled_on, r.changed_on, r.benefit)
                from spdci_report r
                where r.person_id = said.person_id and r.caller = $2 and r.programme = said.programme
                order by r.report_no desc limit 1)
         order by said.at",
        message_no,
        work.caller.name,
        work.now.to_sqlx() as _,
        &people,
        &programmes,
        &names as &[Option<String>],
        &statuses,
        &enrolled as &[Option<SqlDate>],
        &changed as &[Option<SqlDate>],
        &benefits as &[Option<String>]
    )
    .execute(tx)
    .await?;
    Ok(())
}
