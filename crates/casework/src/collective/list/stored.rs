//! Grounds and facts of a list as the list itself writes them, to be kept with a proposal.

/// The ground of a stop by its code.
pub(super) mod ground {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::change::{Ground, grounds};

    pub(crate) fn serialize<S: Serializer>(ground: &Ground, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&ground.code)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<&'static Ground, D::Error> {
        let code = String::deserialize(from)?;
        let ground = grounds("stop").find(|ground| ground.code == code);
        ground.ok_or_else(|| D::Error::custom("unknown ground"))
    }
}

/// A fact by the words of its cell.
pub(super) mod fact {
    use law::FactKind;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::collective::list::column::facts;

    pub(crate) fn serialize<S: Serializer>(fact: &FactKind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(registry::fact::vietnamese(fact))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FactKind, D::Error> {
        let words = String::deserialize(from)?;
        let mut all = facts().into_iter();
        let fact = all.find(|fact| registry::fact::vietnamese(fact) == words);
        fact.ok_or_else(|| D::Error::custom("unknown fact"))
    }
}
