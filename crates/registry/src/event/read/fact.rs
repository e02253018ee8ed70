//! The `fact` object of `fact_started`.

use jiff::civil::Date;
use law::{CaredPerson, FactKind};

use super::{Fields, MAX_KEY, MAX_TEXT, NOT_A_BIRTH_DATE, read_birth_date};
use crate::fact;
use crate::refusal::Fault;

/// The `fact` object: what is true, and its last day if given. `from` may be given too and must
/// then be the effective day.
pub(super) fn read(
    effective: Date,
    fields: &mut Fields<'_>,
) -> Result<(FactKind, Option<Date>), Fault> {
    let value = fields
        .take("fact")
        .ok_or_else(|| fields.fault("fact", "missing", "thiếu trường bắt buộc"))?;
    let mut inner = Fields::of(value, "fact.")?;
    let kind = inner.required("kind", MAX_KEY)?;
    let kind = fact_kind(&kind, &mut inner)?;
    if inner
        .optional_day("from")?
        .is_some_and(|from| from != effective)
    {
        let why = "ngày bắt đầu phải là ngày hiệu lực của sự kiện";
        return Err(inner.fault("from", "not_effective_day", why));
    }
    let to = inner.optional_day("to")?;
    inner.finish()?;
    if to.is_some_and(|to| to < effective) {
        let why = "ngày kết thúc trước ngày bắt đầu";
        return Err(Fault::new("fact.to", "end_before_begin", why));
    }
    Ok((kind, to))
}

fn fact_kind(kind: &str, fields: &mut Fields<'_>) -> Result<FactKind, Fault> {
    const BASES: &str =
        "căn cứ phải là một chữ của khoản 1 Điều 5: a, b, c, d, đ, e, g, h, i, k, l";
    const STATUSES: &str = "diện hộ phải là poor hoặc near_poor";
    const GRADES: &str = "mức độ khuyết tật phải là mild, severe hoặc extremely_severe";
    let value = "unknown_value";
    Ok(match kind {
        "without_support" => FactKind::WithoutSupport {
            basis: fields.required_as("basis", value, BASES, fact::basis_from_code)?,
        },
        "studying" => FactKind::Studying {
            until: fields.optional_day("until")?,
        },
        "hiv" => FactKind::Hiv,
        "poverty" => FactKind::Poverty {
            status: fields.required_as("status", value, STATUSES, fact::status_from_code)?,
        },
        "single" => FactKind::Single,
        "child" => FactKind::Child {
            birth_date: fields.optional_as(
                "birth_date",
                "not_a_date",
                NOT_A_BIRTH_DATE,
                read_birth_date,
            )?,
            studying_until: fields.optional_day("studying_until")?,
            until: fields.optional_day("until")?,
        },
        "no_supporter" => FactKind::NoSupporter,
        "supporter_on_allowance" => FactKind::SupporterOnAllowance,
        "fostered_in_community" => FactKind::FosteredInCommunity,
        "disability" => FactKind::Disability {
            grade: fields.required_as("grade", value, GRADES, fact::grade_from_code)?,
        },
        "pension" => FactKind::Pension,
        "stable_income" => FactKind::StableIncome,
        "pregnant" => FactKind::Pregnant,
        "in_facility" => FactKind::InFacility,
        "in_prison" => FactKind::InPrison,
        "suspended" => FactKind::Suspended {
            reason: fields.required("reason", MAX_TEXT)?,
        },
        "cares_for" => FactKind::CaresFor(Box::new(CaredPerson {
            person: fields.required("person", MAX_KEY)?,
            relation: fields.required("relation", MAX_KEY)?,
            ..CaredPerson::default()
        })),
        _ => return Err(fields.fault("kind", "unknown_fact", "không có loại tình trạng này")),
    })
}
