//! JSON in which no object says a field twice: of two values one program would take the first and another
//! the last. Nor does a text hold the sign that ends texts, which no database keeps.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A value without a repeated field anywhere in it.
pub(super) struct Unique(pub(super) Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unique, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value without repeated fields")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Unique, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Unique, E> {
        match value.contains('\0') {
            true => Err(E::custom("a text with a zero")),
            false => Ok(Unique(value.into())),
        }
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Unique(all.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Unique, A::Error> {
        let mut all = Map::new();
        while let Some((name, Unique(value))) = fields.next_entry::<String, Unique>()? {
            if name.contains('\0') || all.insert(name, value).is_some() {
                return Err(A::Error::custom("a field is said twice, or holds a zero"));
            }
        }
        Ok(Unique(all.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_said_twice_or_a_zero_on_any_level_is_no_json() {
        let read = |text: &str| serde_json::from_str::<Unique>(text).map(|it| it.0);
        let whole = r#"{"a":[1,-1,1.5,null,true,"x",{"a":{}}],"b":{"a":1}}"#;
        let same: Value = serde_json::from_str(whole).expect("JSON");
        assert_eq!(read(whole).expect("sound"), same);
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":[{"a":1,"a":2}]}"#,
            r#"{"b":["\u0000"]}"#,
            r#"{"b\u0000":1}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
