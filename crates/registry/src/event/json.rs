//! A line of JSON as a small borrowed tree, so that every fault can name its field: a typed
//! reader only tells the column.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::refusal::Fault;

/// Any JSON value. Numbers are not looked into: no event carries one.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    Number,
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number)
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Vec::with_capacity(12);
        while let Some((Json::Text(name), value)) = map.next_entry::<Json<'de>, Json<'de>>()? {
            fields.push((name, value));
        }
        Ok(Json::Object(fields))
    }
}

/// The fields of one object, taken out one by one; what is left at the end is unknown.
pub(super) struct Fields<'a> {
    fields: Vec<(Cow<'a, str>, Json<'a>)>,
    within: &'static str,
}

impl<'a> Fields<'a> {
    /// `within` goes before the names of fields in faults: `decision.`.
    pub(super) fn of(value: Json<'a>, within: &'static str) -> Result<Fields<'a>, Fault> {
        let whole = within.trim_end_matches('.');
        let Json::Object(fields) = value else {
            return Err(Fault::new(
                whole,
                "wrong_type",
                "cần một đối tượng JSON {…}",
            ));
        };
        for (i, (name, _)) in fields.iter().enumerate() {
            if fields[..i].iter().any(|(earlier, _)| earlier == name) {
                let field = format!("{within}{}", shortened(name));
                return Err(Fault::new(
                    field,
                    "duplicate_field",
                    "trường được ghi hai lần",
                ));
            }
        }
        Ok(Fields { fields, within })
    }

    pub(super) fn fault(&self, field: &str, code: &'static str, why: impl Into<String>) -> Fault {
        Fault::new(format!("{}{field}", self.within), code, why)
    }

    /// `None` when the field is not there at all.
    pub(super) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.fields.iter().position(|(field, _)| field == name)?;
        Some(self.fields.swap_remove(at).1)
    }

    fn missing(&self, name: &str) -> Fault {
        self.fault(name, "missing", "thiếu trường bắt buộc")
    }

    /// The outer `None`: not there; the inner: null.
    pub(super) fn nullable(
        &mut self,
        name: &str,
        longest: usize,
    ) -> Result<Option<Option<String>>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Null) => Ok(Some(None)),
            Some(Json::Text(text)) => self
                .checked(name, text, longest)
                .map(|text| Some(Some(text))),
            Some(_) => Err(self.fault(name, "wrong_type", "cần một chuỗi ký tự")),
        }
    }

    /// Text that may be left out or null.
    pub(super) fn optional(&mut self, name: &str, longest: usize) -> Result<Option<String>, Fault> {
        Ok(self.nullable(name, longest)?.flatten())
    }

    /// Text that must be there and not blank.
    pub(super) fn required(&mut self, name: &str, longest: usize) -> Result<String, Fault> {
        let text = self
            .optional(name, longest)?
            .ok_or_else(|| self.missing(name))?;
        if text.trim().is_empty() {
            return Err(self.fault(name, "missing", "trường bắt buộc để trống"));
        }
        Ok(text)
    }

    /// A parsed value that may be left out or null; `why` says what is expected.
    pub(super) fn optional_as<T>(
        &mut self,
        name: &str,
        code: &'static str,
        why: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.optional(name, 200)? else {
            return Ok(None);
        };
        match read(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(self.fault(name, code, why)),
        }
    }

    /// A parsed value that must be there.
    pub(super) fn required_as<T>(
        &mut self,
        name: &str,
        code: &'static str,
        why: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        self.optional_as(name, code, why, read)?
            .ok_or_else(|| self.missing(name))
    }

    /// True or false.
    pub(super) fn yes_or_no(&mut self, name: &str) -> Result<bool, Fault> {
        match self.take(name) {
            Some(Json::Bool(value)) => Ok(value),
            Some(Json::Null) | None => Err(self.missing(name)),
            Some(_) => Err(self.fault(name, "wrong_type", "cần true hoặc false")),
        }
    }

    /// A list of texts; an empty one when left out.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let values = match self.take(name) {
            None | Some(Json::Null) => return Ok(Vec::new()),
            Some(Json::List(values)) => values,
            Some(_) => return Err(self.fault(name, "wrong_type", "cần một danh sách […]")),
        };
        let text = |value| match value {
            Json::Text(text) => self.checked(name, text, 100),
            _ => Err(self.fault(name, "wrong_type", "cần danh sách các chuỗi ký tự")),
        };
        values.into_iter().map(text).collect()
    }

    /// A day; years far from anybody's life are typing errors.
    pub(super) fn optional_day(&mut self, name: &str) -> Result<Option<Date>, Fault> {
        const WHY: &str = "ngày không đúng: cần dạng YYYY-MM-DD, từ năm 1850 đến 2200";
        self.optional_as(name, "not_a_date", WHY, day)
    }

    /// A day that must be there.
    pub(super) fn day(&mut self, name: &str) -> Result<Date, Fault> {
        self.optional_day(name)?.ok_or_else(|| self.missing(name))
    }

    /// Refuses what was not taken.
    pub(super) fn finish(self) -> Result<(), Fault> {
        match self.fields.first() {
            None => Ok(()),
            Some((name, _)) => Err(self.fault(
                &shortened(name),
                "unknown_field",
                "trường không có trong quy ước của loại sự kiện này",
            )),
        }
    }

    fn checked(&self, name: &str, text: Cow<'a, str>, longest: usize) -> Result<String, Fault> {
        if text.chars().any(|c| c.is_control() && c != '\n') {
            let why = "chứa ký tự điều khiển không in được";
            return Err(self.fault(name, "control_character", why));
        }
        if text.len() > longest && text.chars().count() > longest {
            return Err(self.fault(name, "too_long", format!("dài hơn {longest} ký tự")));
        }
        Ok(match is_nfc_quick(text.chars()) {
            IsNormalized::Yes => text.into_owned(),
            _ => text.nfc().collect(),
        })
    }
}

/// `YYYY-MM-DD` of the years 1850 to 2200.
pub(super) fn day(text: &str) -> Option<Date> {
    let shaped = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = Date::from_str(text).ok().filter(|_| shaped)?;
    (1850..=2200).contains(&day.year()).then_some(day)
}

/// A field name that somebody sent, short enough to be shown.
fn shortened(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}
