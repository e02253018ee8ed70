//! What is known of a beneficiary already, so that it is not asked again.

use jiff::civil::Date;
use law::FactKind;
use registry::person::Profile;

use crate::form::{Answers, Form};

/// The answers the registry gives to a form: who the beneficiary is, and the facts that hold on the
/// day. They are shown and may be changed.
pub fn answers(form: &Form, known: &Profile, day: Date) -> Answers {
    let mut answers = Answers::default();
    for field in form.fields() {
        let value = field
            .from
            .as_deref()
            .and_then(|from| of_person(known, from));
        if let Some(value) = value {
            answers.set(&field.code, &value);
        }
    }
    let holds = |from: Date, to: Option<Date>| from <= day && to.is_none_or(|to| day <= to);
    let facts = known.facts.iter().map(|(_, fact)| fact);
    for fact in facts.filter(|fact| holds(fact.from, fact.to)) {
        of_fact(form, &fact.kind, fact.from, &mut answers);
    }
    answers
}

fn of_person(known: &Profile, from: &str) -> Option<String> {
    match from {
        "person.full_name" => Some(known.full_name.clone()),
        "person.birth_date" => Some(known.birth_date.to_string()),
        "person.sex" => known.sex.map(|sex| match sex {
            kernel::Sex::Female => "female".to_owned(),
            kernel::Sex::Male => "male".to_owned(),
        }),
        "person.ethnicity" => known.ethnicity.clone(),
        // Masked ones are no answers.
        "person.id_number" => known.id_number.clone().filter(|_| known.handler),
        "person.area" => Some(known.commune.code.to_owned()),
        "person.phone" => known.phone.clone(),
        "person.death_date" => known.death_date.map(|day| day.to_string()),
        _ => None,
    }
}

/// Answers the fields a fact comes from, with its first day.
fn of_fact(form: &Form, kind: &FactKind, since: Date, answers: &mut Answers) {
    let (code, variant) = (registry::fact::code(kind), registry::fact::variant(kind));
    if let FactKind::Child {
        birth_date: Some(birth),
        studying_until,
        ..
    } = kind
    {
        let Some(group) = form
            .fields()
            .find(|it| it.facts.iter().any(|it| it.kind == code))
        else {
            return;
        };
        let mut rows = answers.rows(&group.code).to_vec();
        let until = studying_until.map(|day| ("study_until".to_owned(), day.to_string()));
        let born = ("birth_date".to_owned(), birth.to_string());
        rows.push(std::iter::once(born).chain(until).collect());
        answers.set_rows(&group.code, rows);
        return;
    }
    of_variant(form, (code, variant), since, answers);
}

/// Answers the fields a fact of a kind and variant comes from, with its first day.
pub fn of_variant(
    form: &Form,
    (code, variant): (&str, Option<&str>),
    since: Date,
    answers: &mut Answers,
) {
    for field in form.fields() {
        let Some(fact) = field.facts.iter().find(|it| it.kind == code) else {
            continue;
        };
        let said = match (variant, fact.when.as_slice()) {
            (Some(variant), _) if field.may_be(variant) => variant,
            (None, [only]) => only,
            _ => continue,
        };
        if let Some(shown) = &field.shown_if {
            answers.set(&shown.field, &shown.is[0]);
        }
        answers.set(&field.code, said);
        if let Some(day) = &fact.since {
            answers.set(day, &since.to_string());
        }
    }
}
