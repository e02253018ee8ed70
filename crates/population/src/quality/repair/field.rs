//! The fields of a record that are looked at.

use serde::Serialize;

/// A field that is to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The name.
    FullName,
    /// The birth date.
    BirthDate,
    /// The sex.
    Sex,
    /// The ID number.
    IdNumber,
}

impl Fault {
    /// Every field.
    pub const ALL: [Fault; 4] = [
        Fault::FullName,
        Fault::BirthDate,
        Fault::Sex,
        Fault::IdNumber,
    ];

    /// Name of the field in `person_registered`.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::FullName => "full_name",
            Fault::BirthDate => "birth_date",
            Fault::Sex => "sex",
            Fault::IdNumber => "id_number",
        }
    }

    /// Back from the name.
    pub fn from_code(code: &str) -> Option<Fault> {
        Fault::ALL.into_iter().find(|field| field.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Fault::FullName => "Họ tên",
            Fault::BirthDate => "Ngày sinh",
            Fault::Sex => "Giới tính",
            Fault::IdNumber => "Số định danh",
        }
    }
}
