//! A person as a caller sees one: only the fields it was given, and never what reveals an infection.

use kernel::Month;
use kernel::area::Areas;
use kernel::name::split;
use kernel::sex::Sex;
use law::Benefit;
use serde_json::{Map, Value, json};

use crate::Register;
use crate::caller::Caller;
use crate::find::{Enrolment, Person};

/// What of a person may be handed out, each by itself. The member's number always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Surname, middle and given name.
    Name,
    /// As far as known.
    BirthDate,
    /// Sex.
    Sex,
    /// The whole ID number.
    IdNumber,
    /// Telephone number.
    Phone,
    /// The commune lived in.
    Area,
    /// The day of death.
    DeathDate,
    /// Whether disabled, and how gravely.
    Disability,
    /// What the person is enrolled in, since when.
    Programme,
}

impl Field {
    /// Every field.
    pub const ALL: [Field; 9] = [
        Field::Name,
        Field::BirthDate,
        Field::Sex,
        Field::IdNumber,
        Field::Phone,
        Field::Area,
        Field::DeathDate,
        Field::Disability,
        Field::Programme,
    ];

    /// Stable code on the command line and in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::BirthDate => "birth_date",
            Field::Sex => "sex",
            Field::IdNumber => "id_number",
            Field::Phone => "phone",
            Field::Area => "area",
            Field::DeathDate => "death_date",
            Field::Disability => "disability",
            Field::Programme => "programme",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.code() == code)
    }
}

/// The record of a person in a registry.
pub(crate) fn of(person: &Person, caller: &Caller, register: Register, month: Month) -> Value {
    within(register, member(person, caller, register, month))
}

/// The same with what happened to the person.
pub(crate) fn changed(
    person: &Person,
    (caller, register): (&Caller, Register),
    month: Month,
    change: Value,
) -> Value {
    let mut member = member(person, caller, register, month);
    member["additional_attributes"] = json!([change]);
    within(register, member)
}

/// A record that is not, or no longer, the caller's to see: its number and why.
pub(crate) fn gone(person_id: i64, register: Register, change: Value) -> Value {
    let member = json!({"@type": "Member", "member_identifier": person_id.to_string(),
        "additional_attributes": [change]});
    within(register, member)
}

fn within(register: Register, member: Value) -> Value {
    match register {
        Register::Social => member,
        Register::Beneficiary => json!({
            "@context": {"@vocab": "https://schema.spdci.org/extensions/ibr/v1"},
            "@type": "Beneficiary",
            "assistance_unit": "1",
            "member": member,
        }),
    }
}

fn member(person: &Person, caller: &Caller, register: Register, month: Month) -> Value {
    let mut demographic = Map::from_iter([("@type".to_owned(), json!("Person"))]);
    let mut put = |field: Field, name: &str, value: Option<Value>| {
        if let (true, Some(value)) = (caller.sees(field), value) {
            demographic.insert(name.to_owned(), value);
        }
    };
    let parts = split(&person.full_name);
    let name = json!({"@type": "Name", "surname": parts.surname, "second_name": parts.middle,
        "given_name": parts.given});
    put(Field::Name, "name", Some(name));
    put(
        Field::BirthDate,
        "birth_date",
        Some(json!(person.birth_date.to_string())),
    );
    let sex = person.sex.map(|sex| match sex {
        Sex::Female => json!("female"),
        Sex::Male => json!("male"),
    });
    put(Field::Sex, "sex", sex);
    let number = person.id_number.as_ref().map(|number| {
        json!([{"@type": "Identifier", "identifier_type": "UIN", "identifier_value": number}])
    });
    put(Field::IdNumber, "identifier", number);
    let phone = person.phone.as_ref().map(|phone| json!([phone]));
    put(Field::Phone, "phone_number", phone);
    let death = person.death_date.map(|day| json!(day.to_string()));
    put(Field::DeathDate, "death_date", death);
    let home = Areas::embedded().get(&person.area_code, person.area_valid_from);
    let home = home.map(
        |home| json!({"@type": "Address", "location_code": home.code, "locality": home.full_name}),
    );
    put(Field::Area, "address", home);
    let mut member = Map::from_iter([
        ("@type".to_owned(), json!("Member")),
        (
            "member_identifier".to_owned(),
            json!(person.person_id.to_string()),
        ),
        ("demographic_info".to_owned(), Value::Object(demographic)),
    ]);
    if caller.sees(Field::Disability) {
        let disabled = person.disability.is_some();
        member.insert("is_disabled".to_owned(), json!(disabled));
        if let Some(grade) = &person.disability {
            let info = json!([{"@type": "DisabilityInfo", "disability_severity": grade}]);
            member.insert("disability_info".to_owned(), info);
        }
    }
    if caller.sees(Field::Programme) && register == Register::Beneficiary {
        let enrolled = person.enrolments.iter();
        let enrolled: Vec<Value> = enrolled.filter_map(|it| programme(it, month)).collect();
        member.insert("programme_identifier".to_owned(), json!(enrolled));
    }
    Value::Object(member)
}

fn programme(enrolment: &Enrolment, month: Month) -> Option<Value> {
    let benefit = Benefit::from_number(enrolment.benefit).filter(|it| !it.reveals_hiv())?;
    let first = Month::from_yyyymm(enrolment.from_month).ok()?;
    let mut programme = json!({
        "@type": "EnrolmentDetails",
        "programme": {"@type": "Programme", "programme_identifier": benefit.code()},
        "enrolment_date": format!("{first}-01"),
        "enrolment_status": enrolment.status(month),
    });
    if let Some(last) = enrolment
        .to_month
        .and_then(|last| Month::from_yyyymm(last).ok())
    {
        programme["last_month"] = json!(last.to_string());
    }
    Some(programme)
}
