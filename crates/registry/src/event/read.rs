//! Events out of JSON. Reading is by hand, so that a refusal names the field and says what
//! is wrong with it in Vietnamese.

mod fact;

use jiff::civil::Date;
use kernel::{AreaCode, EventId, Month, PartialDate, Sex};
use law::Benefit;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::json::{Fields, Json};
use super::{
    Channel, CheckResult, Correction, Decision, Event, EventKind, Holder, IdentityCheck, Pause,
    PayeeChoice, Registration,
};
use crate::refusal::Fault;

/// Longest key of a source, person, fact or household, in characters.
pub const MAX_KEY: usize = 200;
/// Longest name or reason, in characters.
pub const MAX_TEXT: usize = 500;

/// The fields of `person_registered` an identity check can find to differ.
const REGISTRATION_FIELDS: [&str; 8] = [
    "full_name",
    "birth_date",
    "sex",
    "ethnicity",
    "id_number",
    "area",
    "household_id",
    "phone",
];

pub(super) fn parse(line: &[u8]) -> Result<Event, Fault> {
    let text = std::str::from_utf8(line)
        .map_err(|_| Fault::new("", "not_utf8", "dòng không phải văn bản UTF-8"))?;
    let tree: Json<'_> = serde_json::from_str(text).map_err(|error| {
        let why = format!("dòng không phải JSON hợp lệ (cột {})", error.column());
        Fault::new("", "not_json", why)
    })?;
    read(Fields::of(tree, "")?)
}

fn read(mut fields: Fields<'_>) -> Result<Event, Fault> {
    let event_id = event_id(&mut fields, "event_id")?;
    let kind = fields.required("kind", MAX_KEY)?;
    let person = fields.required("person", MAX_KEY)?;
    let source = fields.required("source", MAX_KEY)?;
    let effective = fields.day("effective")?;
    let kind = read_kind(&kind, effective, &mut fields)?;
    fields.finish()?;
    Ok(Event {
        event_id,
        source,
        person,
        effective,
        kind,
    })
}

fn read_kind(kind: &str, effective: Date, fields: &mut Fields<'_>) -> Result<EventKind, Fault> {
    Ok(match kind {
        "person_registered" => EventKind::PersonRegistered(Box::new(registration(fields)?)),
        "person_corrected" => EventKind::PersonCorrected(Box::new(correction(fields)?)),
        "fact_started" => {
            let fact_id = fields.required("fact_id", MAX_KEY)?;
            let (fact, to) = fact::read(effective, fields)?;
            EventKind::FactStarted { fact_id, fact, to }
        }
        "fact_ended" => EventKind::FactEnded {
            fact_id: fields.required("fact_id", MAX_KEY)?,
        },
        "enrolled" => EventKind::Enrolled {
            benefit: benefit(fields)?,
            from: optional_month(fields, "from")?,
            decision: decision(fields)?
                .ok_or_else(|| fields.fault("decision", "missing", "thiếu quyết định hưởng"))?,
        },
        "enrolment_ended" => EventKind::EnrolmentEnded {
            benefit: benefit(fields)?,
            last_month: month(fields, "last_month")?,
            reason: fields.required("reason", MAX_TEXT)?,
            decision: decision(fields)?,
        },
        "suspended" => EventKind::Suspended(pause(fields)?),
        "resumed" => EventKind::Resumed(pause(fields)?),
        "moved" => EventKind::Moved {
            area: area(fields)?,
        },
        "died" => EventKind::Died {
            date: fields.day("date")?,
        },
        "identity_checked" => EventKind::IdentityChecked(Box::new(identity_check(fields)?)),
        "event_cancelled" => EventKind::EventCancelled {
            cancels: event_id(fields, "cancels")?,
        },
        "payee_set" => EventKind::PayeeSet(Box::new(payee(fields)?)),
        "payee_wish" => EventKind::PayeeWish {
            wants_account: fields.yes_or_no("wants_account")?,
        },
        "merged" => EventKind::Merged {
            into: fields.required("into", MAX_KEY)?,
            reason: fields.required("reason", MAX_TEXT)?,
        },
        _ => return Err(fields.fault("kind", "unknown_kind", "không có loại sự kiện này")),
    })
}

fn event_id(fields: &mut Fields<'_>, name: &str) -> Result<EventId, Fault> {
    const WHY: &str = "mã sự kiện không đúng: cần một UUID, ví dụ 3f2b8c1e-…";
    fields.required_as(name, "not_a_uuid", WHY, |text| {
        let uuid = Uuid::parse_str(text).ok().filter(|_| text.len() == 36)?;
        Some(EventId(uuid.as_u128()))
    })
}

fn benefit(fields: &mut Fields<'_>) -> Result<Benefit, Fault> {
    optional_benefit(fields)?
        .ok_or_else(|| fields.fault("benefit", "missing", "thiếu trường bắt buộc"))
}

fn optional_benefit(fields: &mut Fields<'_>) -> Result<Option<Benefit>, Fault> {
    const WHY: &str = "không có chính sách mang mã này";
    fields.optional_as("benefit", "unknown_benefit", WHY, Benefit::from_code)
}

const NOT_A_MONTH: &str = "tháng không đúng: cần dạng YYYY-MM, từ năm 1990 đến 2200";

fn read_month(text: &str) -> Option<Month> {
    let month: Month = text.parse().ok()?;
    (1990..=2200).contains(&month.year()).then_some(month)
}

fn month(fields: &mut Fields<'_>, name: &str) -> Result<Month, Fault> {
    fields.required_as(name, "not_a_month", NOT_A_MONTH, read_month)
}

fn optional_month(fields: &mut Fields<'_>, name: &str) -> Result<Option<Month>, Fault> {
    fields.optional_as(name, "not_a_month", NOT_A_MONTH, read_month)
}

fn read_area(text: &str) -> Option<AreaCode> {
    let digits = matches!(text.len(), 3 | 5) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| AreaCode(text.to_owned()))
}

fn area(fields: &mut Fields<'_>) -> Result<AreaCode, Fault> {
    fields.required_as(
        "area",
        "not_a_commune",
        "mã xã phải gồm 5 chữ số (huyện đảo không có xã: 3 chữ số)",
        read_area,
    )
}

fn read_sex(text: &str) -> Option<Sex> {
    match text {
        "male" => Some(Sex::Male),
        "female" => Some(Sex::Female),
        _ => None,
    }
}

const NOT_A_SEX: &str = "giới tính phải là male hoặc female";
const NOT_A_BIRTH_DATE: &str =
    "ngày sinh không đúng: cần YYYY-MM-DD, YYYY-MM hoặc YYYY, từ năm 1850 đến 2200";

fn read_birth_date(text: &str) -> Option<PartialDate> {
    let date: PartialDate = text.parse().ok()?;
    (1850..=2200).contains(&date.year()).then_some(date)
}

fn read_ethnicity(text: &str) -> Option<String> {
    let two_digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    two_digits.then(|| text.to_owned())
}

const NOT_AN_ETHNICITY: &str = "mã dân tộc phải gồm 2 chữ số";

fn registration(fields: &mut Fields<'_>) -> Result<Registration, Fault> {
    let birth = fields.required_as(
        "birth_date",
        "not_a_date",
        NOT_A_BIRTH_DATE,
        read_birth_date,
    );
    let ethnicity = fields.optional_as(
        "ethnicity",
        "not_an_ethnicity",
        NOT_AN_ETHNICITY,
        read_ethnicity,
    );
    Ok(Registration {
        full_name: fields.required("full_name", MAX_TEXT)?,
        birth_date: birth?,
        sex: fields.optional_as("sex", "not_a_sex", NOT_A_SEX, read_sex)?,
        ethnicity: ethnicity?,
        id_number: fields.optional("id_number", MAX_KEY)?,
        area: area(fields)?,
        household_id: fields.optional("household_id", MAX_KEY)?,
        phone: fields.optional("phone", MAX_KEY)?,
    })
}

fn correction(fields: &mut Fields<'_>) -> Result<Correction, Fault> {
    let sex = match fields.nullable("sex", MAX_KEY)? {
        None => None,
        Some(None) => Some(None),
        Some(Some(text)) => {
            Some(Some(read_sex(&text).ok_or_else(|| {
                fields.fault("sex", "not_a_sex", NOT_A_SEX)
            })?))
        }
    };
    let ethnicity = fields.nullable("ethnicity", MAX_KEY)?;
    if let Some(Some(text)) = &ethnicity
        && read_ethnicity(text).is_none()
    {
        return Err(fields.fault("ethnicity", "not_an_ethnicity", NOT_AN_ETHNICITY));
    }
    let birth = fields.optional_as(
        "birth_date",
        "not_a_date",
        NOT_A_BIRTH_DATE,
        read_birth_date,
    );
    let area = fields.optional_as(
        "area",
        "not_a_commune",
        "mã xã phải gồm 5 chữ số (huyện đảo không có xã: 3 chữ số)",
        read_area,
    );
    let correction = Correction {
        full_name: fields.optional("full_name", MAX_TEXT)?,
        birth_date: birth?,
        sex,
        ethnicity,
        id_number: fields.nullable("id_number", MAX_KEY)?,
        area: area?,
        household_id: fields.nullable("household_id", MAX_KEY)?,
        phone: fields.nullable("phone", MAX_KEY)?,
    };
    if correction == Correction::default() {
        return Err(fields.fault("", "nothing_corrected", "không có trường nào được sửa"));
    }
    if correction
        .full_name
        .as_ref()
        .is_some_and(|name| name.trim().is_empty())
    {
        return Err(fields.fault("full_name", "missing", "họ tên để trống"));
    }
    Ok(correction)
}

fn decision(fields: &mut Fields<'_>) -> Result<Option<Decision>, Fault> {
    let value = match fields.take("decision") {
        None | Some(Json::Null) => return Ok(None),
        Some(value) => value,
    };
    let mut inner = Fields::of(value, "decision.")?;
    let decision = Decision {
        number: inner.required("number", MAX_KEY)?,
        date: inner.day("date")?,
        signed_by: inner.optional("signed_by", MAX_TEXT)?,
    };
    inner.finish()?;
    Ok(Some(decision))
}

fn pause(fields: &mut Fields<'_>) -> Result<Pause, Fault> {
    Ok(Pause {
        benefit: optional_benefit(fields)?,
        from: month(fields, "from")?,
        reason: fields.required("reason", MAX_TEXT)?,
        decision: decision(fields)?,
    })
}

fn identity_check(fields: &mut Fields<'_>) -> Result<IdentityCheck, Fault> {
    const WHY: &str = "kết quả phải là verified, mismatch, not_found hoặc service_error";
    let differing = fields.texts("fields")?;
    if differing
        .iter()
        .any(|field| !REGISTRATION_FIELDS.contains(&field.as_str()))
    {
        let why = "có tên trường không thuộc thông tin đăng ký";
        return Err(fields.fault("fields", "unknown_value", why));
    }
    Ok(IdentityCheck {
        result: fields.required_as("result", "unknown_value", WHY, CheckResult::from_code)?,
        fields: differing,
        request_code: fields.optional("request_code", MAX_KEY)?,
        checked_by: fields.optional("checked_by", MAX_TEXT)?,
    })
}

fn payee(fields: &mut Fields<'_>) -> Result<PayeeChoice, Fault> {
    const CHANNELS: &str =
        "hình thức nhận phải là account, e_wallet, mobile_money, post_office hoặc home";
    const HOLDERS: &str = "chủ tài khoản phải là self, guardian hoặc authorised";
    let payee = PayeeChoice {
        channel: fields.required_as("channel", "unknown_value", CHANNELS, Channel::from_code)?,
        holder: fields.required_as("holder", "unknown_value", HOLDERS, Holder::from_code)?,
        holder_name: fields.optional("holder_name", MAX_TEXT)?,
        holder_id_number: fields.optional("holder_id_number", MAX_KEY)?,
        provider: fields.optional("provider", MAX_KEY)?,
        account_number: fields.optional("account_number", MAX_KEY)?,
        authorised_until: fields.optional_day("authorised_until")?,
    };
    if payee.holder != Holder::Itself && payee.holder_name.is_none() {
        return Err(fields.fault("holder_name", "missing", "thiếu tên người nhận thay"));
    }
    Ok(payee)
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Event, D::Error> {
        let read =
            Json::deserialize(deserializer).map(|tree| Fields::of(tree, "").and_then(read))?;
        read.map_err(|fault| {
            serde::de::Error::custom(format!(
                "{}: {} ({})",
                fault.field, fault.message, fault.code
            ))
        })
    }
}
