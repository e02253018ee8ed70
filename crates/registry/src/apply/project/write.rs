//! The rows themselves, one COPY a table.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::Month;
use kernel::area::{Area, Areas};
use kernel::name::search_key;
use law::FactKind;
use sqlx::PgConnection;

use super::Row;
use crate::apply::intake::Intake;
use crate::apply::{ApplyError, Stop};
use crate::copy::CopyWriter;
use crate::event::CheckResult;
use crate::fact;
use crate::payee::concern::name_differs;
use crate::timeline::{Award, StatedFact};

/// The first month of the communes of today.
const MERGERS: Date = jiff::civil::date(2025, 7, 1);

pub(super) async fn write_people(tx: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), Stop> {
    const COPY: &str = "copy person (person_id, person_key, full_name, name_key, birth_date, \
        birth_precision, sex, ethnicity, id_number, id_state, identity_check, identity_fields, \
        phone, household_id, area_code, area_valid_from, moves, death_date, merged_into) \
        from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in rows {
        let who = &row.state.identity;
        let home = row.state.home();
        let (check, fields) = match row.state.check {
            Some((result, fields)) if result == CheckResult::Mismatch => (result.code(), fields),
            Some((result, _)) => (result.code(), [].as_slice()),
            None => ("not_sent", [].as_slice()),
        };
        writer.row().await?;
        writer.put_i64(row.person);
        writer.put_str(who.person_key);
        writer.put_str(who.full_name);
        writer.put_str(&search_key(who.full_name));
        writer.put_date(who.birth_date.assumed_day());
        writer.put_str(who.birth_date.precision());
        writer.put_opt(who.sex, |writer, sex| writer.put_i16(sex.code()));
        writer.put_opt(who.ethnicity, CopyWriter::put_str);
        writer.put_opt(who.id_number, CopyWriter::put_str);
        writer.put_str(row.id_state.code());
        writer.put_str(check);
        writer.put_str_array(fields.iter().map(String::as_str));
        writer.put_opt(who.phone, CopyWriter::put_str);
        writer.put_opt(who.household_id, CopyWriter::put_str);
        writer.put_str(home.code);
        writer.put_date(home.valid_from);
        let moves = row.state.residences.len() - 1;
        writer.put_i16(i16::try_from(moves).unwrap_or(i16::MAX));
        writer.put_opt(row.state.death, CopyWriter::put_date);
        writer.put_opt(row.merged_into, CopyWriter::put_i64);
    }
    writer.finish().await?;
    Ok(())
}

pub(super) async fn write_residences(tx: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), Stop> {
    const COPY: &str = "copy residence (person_id, from_date, area_code, area_valid_from) \
        from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in rows {
        for (since, area) in &row.state.residences {
            writer.row().await?;
            writer.put_i64(row.person);
            writer.put_date(*since);
            writer.put_str(area.code);
            writer.put_date(area.valid_from);
        }
    }
    writer.finish().await?;
    Ok(())
}

pub(super) async fn write_facts(
    tx: &mut PgConnection,
    intake: &Intake<'_>,
    rows: &[Row<'_>],
) -> Result<(), Stop> {
    const COPY: &str = "copy fact (person_id, fact_no, fact_id, kind, from_date, to_date, variant, \
        birth_date, birth_precision, study_until, care_until, cared_person_id, relation, reason) \
        from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in rows {
        for (number, fact) in (1..).zip(&row.state.facts) {
            writer.row().await?;
            writer.put_i64(row.person);
            writer.put_i16(number);
            put_fact(&mut writer, intake, row.person, fact)?;
        }
    }
    writer.finish().await?;
    Ok(())
}

fn put_fact(
    writer: &mut CopyWriter<'_>,
    intake: &Intake<'_>,
    person: i64,
    fact: &StatedFact<'_>,
) -> Result<(), ApplyError> {
    let (birth, study_until, care_until) = match fact.kind {
        FactKind::Child {
            birth_date,
            studying_until,
            until,
        } => (*birth_date, *studying_until, *until),
        FactKind::Studying { until } => (None, *until, None),
        _ => (None, None, None),
    };
    let (cared, relation) = match fact.kind {
        FactKind::CaresFor(cared) => {
            let number = intake
                .number_of(fact.source, &cared.person)
                .ok_or_else(|| {
                    let what = "người được chăm sóc không có trong sổ".to_owned();
                    ApplyError::Inconsistent { person, what }
                })?;
            (Some(number), Some(cared.relation.as_str()))
        }
        _ => (None, None),
    };
    let reason = match fact.kind {
        FactKind::Suspended { reason } => Some(reason.as_str()),
        _ => None,
    };
    writer.put_str(fact.fact_id);
    writer.put_str(fact::code(fact.kind));
    writer.put_date(fact.from);
    writer.put_opt(fact.to, CopyWriter::put_date);
    writer.put_opt(fact::variant(fact.kind), CopyWriter::put_str);
    writer.put_opt(birth, |writer, birth| writer.put_date(birth.assumed_day()));
    writer.put_opt(birth, |writer, birth| writer.put_str(birth.precision()));
    writer.put_opt(study_until, CopyWriter::put_date);
    writer.put_opt(care_until, CopyWriter::put_date);
    writer.put_opt(cared, CopyWriter::put_i64);
    writer.put_opt(relation, CopyWriter::put_str);
    writer.put_opt(reason, CopyWriter::put_str);
    Ok(())
}

pub(super) async fn write_enrolments(tx: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), Stop> {
    const COPY: &str = "copy enrolment (person_id, benefit, enrolment_no, from_month, to_month, \
        previous_to, suspended, decision_number, decision_date, signed_by, end_reason, event_id) \
        from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in rows {
        let mut number = 0;
        let mut previous: Option<&Award<'_>> = None;
        for award in &row.state.awards {
            previous = previous.filter(|earlier| earlier.benefit == award.benefit);
            number = if previous.is_some() { number + 1 } else { 1 };
            writer.row().await?;
            writer.put_i64(row.person);
            writer.put_i16(award.benefit.number());
            writer.put_i16(number);
            put_award(&mut writer, award, previous);
            previous = Some(award);
        }
    }
    writer.finish().await?;
    Ok(())
}

fn put_award(writer: &mut CopyWriter<'_>, award: &Award<'_>, previous: Option<&Award<'_>>) {
    let pairs = award.suspended.iter().flat_map(|span| [span.from, span.to]);
    let suspended: Vec<i32> = pairs.map(Month::yyyymm).collect();
    let decision = award.decision;
    writer.put_i32(award.from.yyyymm());
    writer.put_opt(award.to, |writer, to| writer.put_i32(to.yyyymm()));
    let previous_to = previous.and_then(|earlier| earlier.to);
    writer.put_opt(previous_to, |writer, to| writer.put_i32(to.yyyymm()));
    writer.put_i32_array(&suspended);
    writer.put_str(&decision.number);
    writer.put_date(decision.date);
    writer.put_opt(decision.signed_by.as_deref(), CopyWriter::put_str);
    writer.put_opt(award.end_reason, CopyWriter::put_str);
    writer.put_uuid(uuid::Uuid::from_u128(award.event_id.0));
}

pub(super) async fn write_payees(tx: &mut PgConnection, rows: &[Row<'_>]) -> Result<(), Stop> {
    const COPY: &str = "copy payee (person_id, channel, holder, holder_name, holder_id_number, \
        provider, account_number, authorised_until, since, wants_account, name_differs) \
        from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    for row in rows {
        let (payee, wish) = (row.state.payee, row.state.wants_account);
        if payee.is_none() && wish.is_none() {
            continue;
        }
        let choice = payee.map(|(_, choice)| choice);
        let text = |field: fn(&crate::event::PayeeChoice) -> &Option<String>| {
            choice.and_then(|choice| field(choice).as_deref())
        };
        writer.row().await?;
        writer.put_i64(row.person);
        writer.put_opt(choice.map(|it| it.channel.code()), CopyWriter::put_str);
        writer.put_opt(choice.map(|it| it.holder.code()), CopyWriter::put_str);
        writer.put_opt(text(|it| &it.holder_name), CopyWriter::put_str);
        writer.put_opt(text(|it| &it.holder_id_number), CopyWriter::put_str);
        writer.put_opt(text(|it| &it.provider), CopyWriter::put_str);
        writer.put_opt(text(|it| &it.account_number), CopyWriter::put_str);
        writer.put_opt(
            choice.and_then(|it| it.authorised_until),
            CopyWriter::put_date,
        );
        writer.put_opt(payee.map(|(since, _)| since), CopyWriter::put_date);
        writer.put_opt(wish, CopyWriter::put_bool);
        let full_name = row.state.identity.full_name;
        writer.put_bool(choice.is_some_and(|it| name_differs(it, full_name)));
    }
    writer.finish().await?;
    Ok(())
}

/// People whose commune was split in the mergers, with the commune a later move confirmed.
pub(super) async fn write_confirmations(
    tx: &mut PgConnection,
    areas: &Areas,
    rows: &[Row<'_>],
) -> Result<(), Stop> {
    const COPY: &str = "copy move_confirmation (person_id, old_area_code, likeliest_code, \
        confirmed_code) from stdin (format binary)";
    let mut writer = CopyWriter::begin(tx, COPY).await?;
    // People live in few communes: each is looked up once.
    let mut split: BTreeMap<(&str, Date), Option<&Area>> = BTreeMap::new();
    for row in rows {
        let homes = &row.state.residences;
        let at_mergers = homes.iter().rposition(|(since, _)| *since < MERGERS);
        let Some(at) = at_mergers.filter(|_| row.merged_into.is_none()) else {
            continue;
        };
        let home = homes[at].1;
        let likeliest = *split
            .entry((home.code, home.valid_from))
            .or_insert_with(|| {
                let now = areas.resolve(home.code, home.valid_from, Month::of(MERGERS));
                now.filter(|now| !now.confirmed).map(|now| now.area)
            });
        if let Some(likeliest) = likeliest {
            let confirmed = homes.get(at + 1).map(|(_, home)| home.code);
            writer.row().await?;
            writer.put_i64(row.person);
            writer.put_str(home.code);
            writer.put_str(likeliest.code);
            writer.put_opt(confirmed, CopyWriter::put_str);
        }
    }
    writer.finish().await?;
    Ok(())
}
