//! Who is there, and whether one person is enrolled.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use kernel::Month;
use kernel::clock::vietnam_time;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::{Work, Worked};
use crate::caller::Caller;
use crate::criteria::{self, Bad};
use crate::message::{EnrolledRequest, Pagination, SearchItem, SearchRequest};
use crate::{Error, LARGEST_PAGE, MOST_RECORDS, Register, find, record, told};

/// A page when none is asked for.
const PAGE: u32 = 50;
/// How far a clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// Answers each search by itself; one that cannot be answered spoils no other.
pub(super) async fn search(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &SearchRequest,
) -> Result<Worked, Error> {
    let (mut items, mut outcome) = (Vec::new(), Vec::new());
    let (mut log, mut told) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for item in &asked.search_request {
        let mut answer = json!({"reference_id": item.reference_id, "timestamp": work.now});
        let found = if seen.insert(item.reference_id.as_str()) {
            one(tx, work, item).await?
        } else {
            Err("rjct.reference_id.duplicate")
        };
        match found {
            Ok((data, pagination, detail, about)) => {
                answer["status"] = json!("succ");
                outcome.push(answer.clone());
                answer["data"] = data;
                answer["pagination"] = pagination;
                log.push((access::audit::Action::SpdciSearch, detail));
                told.push(about);
            }
            Err(code) => {
                answer["status"] = json!("rjct");
                answer["status_reason_code"] = json!(code);
                outcome.push(answer.clone());
            }
        }
        items.push(answer);
    }
    Ok(Worked {
        message: json!({"transaction_id": asked.transaction_id,
            "correlation_id": work.correlation_id, "search_response": items}),
        outcome,
        log,
        told,
    })
}

type Told = Result<(Value, Value, Value, told::Entry), &'static str>;

async fn one(tx: &mut PgConnection, work: &Work<'_>, item: &SearchItem) -> Result<Told, Error> {
    if item.timestamp > latest(work.now) {
        return Ok(Err("rjct.timestamp.invalid"));
    }
    let asked = &item.search_criteria;
    if !asked.sort.is_empty() {
        return Ok(Err("rjct.sort.invalid"));
    }
    let page = asked.pagination.unwrap_or(Pagination {
        page_size: PAGE,
        page_number: 1,
    });
    let last = page.page_size.checked_mul(page.page_number);
    let fits = (1..=LARGEST_PAGE).contains(&page.page_size) && page.page_number > 0;
    let Some(last) = last.filter(|last| fits && *last <= MOST_RECORDS) else {
        return Ok(Err("rjct.pagination.invalid"));
    };
    if !work.register.is_meant(asked.reg_type.as_deref()) {
        return Ok(Err("rjct.search_criteria.invalid"));
    }
    let Some(consent) = purpose(asked.consent.as_ref(), work.caller, work.now) else {
        return Ok(Err("rjct.search_criteria.invalid"));
    };
    let query = (Some(asked.query_type.as_str()), &asked.query);
    let criteria = match criteria::read(query, work.caller, work.register) {
        Ok(criteria) => criteria,
        Err(Bad::Query) => return Ok(Err("rjct.search_criteria.invalid")),
        Err(Bad::Field) => return Ok(Err("rjct.filter.invalid")),
    };
    let month = month_of(work.now);
    let part = (page.page_size, last - page.page_size);
    let who = (work.caller, work.register);
    let found = find::page(tx, who, &criteria, part, month).await?;
    if found.total > i64::from(MOST_RECORDS) {
        return Ok(Err("rjct.search.too_many_records_found"));
    }
    let people: Vec<i64> = found.people.iter().map(|person| person.person_id).collect();
    let about = told::Entry {
        action: "search",
        purpose: consent["purpose"].as_str().unwrap_or("").to_owned(),
        consent: consent["id"].as_str().map(str::to_owned),
        people: people.clone(),
        asked: told::named(tx, &criteria).await?,
    };
    let people_seen = found.people.iter();
    let records: Vec<Value> = people_seen
        .map(|person| record::of(person, work.caller, work.register, month))
        .collect();
    let fields: Vec<&str> = work
        .caller
        .fields
        .iter()
        .map(|field| field.code())
        .collect();
    let authorize = purpose(asked.authorize.as_ref(), work.caller, work.now);
    let kind = match work.register {
        Register::Beneficiary => "Beneficiary",
        Register::Social => "Member",
    };
    Ok(Ok((
        json!({"version": "1.0.0", "reg_type": work.register.kind(), "reg_record_type": kind,
            "reg_records": records}),
        json!({"page_size": page.page_size, "page_number": page.page_number,
            "total_count": found.total}),
        json!({"reference": item.reference_id, "consent": consent, "authorize": authorize,
            "fields": fields, "people": people}),
        about,
    )))
}

/// Whether one person is enrolled now, in one benefit or in any that may be told of.
pub(super) async fn enrolled(
    tx: &mut PgConnection,
    work: &Work<'_>,
    asked: &EnrolledRequest,
) -> Result<Worked, Error> {
    let criteria = &asked.enrolled_criteria;
    let query = (criteria.query_type.as_deref(), &criteria.query);
    let mut answer = json!({"reference_id": asked.transaction_id, "timestamp": work.now});
    let (mut log, mut told) = (Vec::new(), Vec::new());
    let read = criteria::read(query, work.caller, work.register);
    match read
        .ok()
        .filter(|it| it.id_numbers.is_some() || it.people.is_some())
    {
        None => {
            answer["status"] = json!("rjct");
            answer["status_reason_message"] = json!("rjct.search_criteria.invalid");
            answer["enrolled_status"] = json!("no");
        }
        Some(mut criteria) => {
            criteria.active.get_or_insert(true);
            let month = month_of(work.now);
            let who = (work.caller, work.register);
            let found = find::page(tx, who, &criteria, (1, 0), month).await?;
            let people: Vec<i64> = found.people.iter().map(|person| person.person_id).collect();
            answer["status"] = json!("succ");
            answer["enrolled_status"] = json!(if people.is_empty() { "no" } else { "yes" });
            let detail = json!({"purposes": work.caller.purposes, "people": people});
            log.push((access::audit::Action::SpdciEnrolled, detail));
            told.push(told::Entry {
                action: "enrolled",
                purpose: work.caller.purposes.join(","),
                consent: None,
                people,
                asked: told::named(tx, &criteria).await?,
            });
        }
    }
    let mut kept = answer.clone();
    if let Some(kept) = kept.as_object_mut() {
        kept.remove("enrolled_status");
    }
    Ok(Worked {
        message: json!({"transaction_id": asked.transaction_id,
            "correlation_id": work.correlation_id, "enrolled_response": [answer]}),
        outcome: vec![kept],
        log,
        told,
    })
}

/// What a consent or an authorisation says, if it is one for a purpose of the caller.
pub(crate) fn purpose(stated: Option<&Value>, caller: &Caller, now: Timestamp) -> Option<Value> {
    let stated = stated?;
    let text = |path: &str| {
        let text = stated.pointer(path)?.as_str()?;
        (text.len() <= 300 && !text.chars().any(char::is_control)).then_some(text)
    };
    let code = text("/purpose/code")?;
    let given: Timestamp = text("/ts")?.parse().ok()?;
    let known = caller.has_purpose(code);
    (known && given <= latest(now)).then(|| {
        json!({"id": text("/id"), "ts": given, "purpose": code, "terms": text("/purpose/ref_uri")})
    })
}

pub(crate) fn month_of(now: Timestamp) -> Month {
    Month::of(vietnam_time(now).date())
}

fn latest(now: Timestamp) -> Timestamp {
    now.saturating_add(AHEAD).unwrap_or(now)
}
