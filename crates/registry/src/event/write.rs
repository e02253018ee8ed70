//! Events as JSON, in the fields of the contract.

use jiff::civil::Date;
use law::{Benefit, FactKind};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::{Correction, Event, EventKind, PayeeChoice, Registration};
use crate::fact;

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event_id", &self.uuid())?;
        map.serialize_entry("kind", self.kind.code())?;
        map.serialize_entry("person", &self.person)?;
        map.serialize_entry("effective", &self.effective)?;
        map.serialize_entry("source", &self.source)?;
        write_kind(&self.kind, &mut map)?;
        map.end()
    }
}

/// Writes a field that has a value.
fn put<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &'static str,
    value: &Option<T>,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(name, value),
        None => Ok(()),
    }
}

fn write_kind<M: SerializeMap>(kind: &EventKind, map: &mut M) -> Result<(), M::Error> {
    match kind {
        EventKind::PersonRegistered(it) => write_registration(it, map),
        EventKind::PersonCorrected(it) => write_correction(it, map),
        EventKind::FactStarted { fact_id, fact, to } => {
            map.serialize_entry("fact_id", fact_id)?;
            map.serialize_entry("fact", &FactOnWire { fact, to: *to })
        }
        EventKind::FactEnded { fact_id } => map.serialize_entry("fact_id", fact_id),
        EventKind::Enrolled {
            benefit,
            from,
            decision,
        } => {
            map.serialize_entry("benefit", benefit.code())?;
            put(map, "from", from)?;
            map.serialize_entry("decision", decision)
        }
        EventKind::EnrolmentEnded {
            benefit,
            last_month,
            reason,
            decision,
        } => {
            map.serialize_entry("benefit", benefit.code())?;
            map.serialize_entry("last_month", last_month)?;
            map.serialize_entry("reason", reason)?;
            put(map, "decision", decision)
        }
        EventKind::Suspended(pause) | EventKind::Resumed(pause) => {
            put(map, "benefit", &pause.benefit.map(Benefit::code))?;
            map.serialize_entry("from", &pause.from)?;
            map.serialize_entry("reason", &pause.reason)?;
            put(map, "decision", &pause.decision)
        }
        EventKind::Moved { area } => map.serialize_entry("area", area),
        EventKind::Died { date } => map.serialize_entry("date", date),
        EventKind::IdentityChecked(check) => {
            map.serialize_entry("result", check.result.code())?;
            map.serialize_entry("fields", &check.fields)?;
            put(map, "request_code", &check.request_code)?;
            put(map, "checked_by", &check.checked_by)
        }
        EventKind::EventCancelled { cancels } => {
            map.serialize_entry("cancels", &Uuid::from_u128(cancels.0))
        }
        EventKind::PayeeSet(payee) => write_payee(payee, map),
        EventKind::PayeeWish { wants_account } => {
            map.serialize_entry("wants_account", wants_account)
        }
        EventKind::Merged { into, reason } => {
            map.serialize_entry("into", into)?;
            map.serialize_entry("reason", reason)
        }
    }
}

fn write_registration<M: SerializeMap>(it: &Registration, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("full_name", &it.full_name)?;
    map.serialize_entry("birth_date", &it.birth_date)?;
    put(map, "sex", &it.sex)?;
    put(map, "ethnicity", &it.ethnicity)?;
    map.serialize_entry("id_number", &it.id_number)?;
    map.serialize_entry("area", &it.area)?;
    put(map, "household_id", &it.household_id)?;
    put(map, "phone", &it.phone)
}

fn write_correction<M: SerializeMap>(it: &Correction, map: &mut M) -> Result<(), M::Error> {
    put(map, "full_name", &it.full_name)?;
    put(map, "birth_date", &it.birth_date)?;
    put(map, "sex", &it.sex)?;
    put(map, "ethnicity", &it.ethnicity)?;
    put(map, "id_number", &it.id_number)?;
    put(map, "area", &it.area)?;
    put(map, "household_id", &it.household_id)?;
    put(map, "phone", &it.phone)
}

fn write_payee<M: SerializeMap>(payee: &PayeeChoice, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("channel", payee.channel.code())?;
    map.serialize_entry("holder", payee.holder.code())?;
    put(map, "holder_name", &payee.holder_name)?;
    put(map, "holder_id_number", &payee.holder_id_number)?;
    put(map, "provider", &payee.provider)?;
    put(map, "account_number", &payee.account_number)?;
    put(map, "authorised_until", &payee.authorised_until)
}

struct FactOnWire<'a> {
    fact: &'a FactKind,
    to: Option<Date>,
}

impl Serialize for FactOnWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", fact::code(self.fact))?;
        let variant = fact::variant(self.fact);
        match self.fact {
            FactKind::WithoutSupport { .. } => put(&mut map, "basis", &variant)?,
            FactKind::Poverty { .. } => put(&mut map, "status", &variant)?,
            FactKind::Disability { .. } => put(&mut map, "grade", &variant)?,
            FactKind::Studying { until } => put(&mut map, "until", until)?,
            FactKind::Child {
                birth_date,
                studying_until,
                until,
            } => {
                put(&mut map, "birth_date", birth_date)?;
                put(&mut map, "studying_until", studying_until)?;
                put(&mut map, "until", until)?;
            }
            FactKind::Suspended { reason } => map.serialize_entry("reason", reason)?,
            FactKind::CaresFor(cared) => {
                map.serialize_entry("person", &cared.person)?;
                map.serialize_entry("relation", &cared.relation)?;
            }
            _ => {}
        }
        put(&mut map, "to", &self.to)?;
        map.end()
    }
}
