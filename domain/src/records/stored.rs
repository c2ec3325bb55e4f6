//! How a record is read back: what a caller said of it and what the server keeps stand side by side in one object.
//!
//! `serde(flatten)` does the same, and first copies the whole object into a buffer of its own: reading a list with
//! what its records name took twice as long.

use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::values::Version;

/// The least that the server keeps of a record.
#[derive(Deserialize)]
pub(crate) struct Kept {
    /// Its name for ever.
    pub(crate) id: Uuid,
    /// How many times it was written.
    pub(crate) version: Version,
}

/// What the server keeps of a record, and what a caller said of it. Members that neither knows are passed over.
pub(crate) fn read_stored<'de, Kept, Fields, D>(from: D) -> Result<(Kept, Fields), D::Error>
where
    Kept: DeserializeOwned,
    Fields: Deserialize<'de>,
    D: Deserializer<'de>,
{
    from.deserialize_map(Stored(PhantomData))
}

struct Stored<Kept, Fields>(PhantomData<fn() -> (Kept, Fields)>);

impl<'de, Kept: DeserializeOwned, Fields: Deserialize<'de>> Visitor<'de> for Stored<Kept, Fields> {
    type Value = (Kept, Fields);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<M: MapAccess<'de>>(self, object: M) -> Result<Self::Value, M::Error> {
        let mut others = Map::new();
        let fields = Fields::deserialize(Members {
            object,
            named: &[],
            others: &mut others,
        })?;
        let kept = Kept::deserialize(Value::Object(others)).map_err(M::Error::custom)?;
        Ok((kept, fields))
    }
}

/// The members of an object, of which some are read as they come and the others are laid aside.
struct Members<'a, M> {
    object: M,
    /// Those that are read.
    named: &'static [&'static str],
    others: &'a mut Map<String, Value>,
}

impl<'de, M: MapAccess<'de>> Deserializer<'de> for Members<'_, M> {
    type Error = M::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        named: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, M::Error> {
        visitor.visit_map(Self { named, ..self })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, M::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for Members<'_, M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, M::Error> {
        while let Some(name) = self.object.next_key::<String>()? {
            if self.named.contains(&name.as_str()) {
                let name: StrDeserializer<'_, M::Error> = name.as_str().into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            let value = self.object.next_value()?;
            self.others.insert(name, value);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, M::Error> {
        self.object.next_value_seed(seed)
    }
}

#[cfg(test)]
mod laws {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Kept {
        id: u8,
        #[serde(default)]
        ended: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        name: String,
        #[serde(default)]
        words: Vec<String>,
    }

    fn read(text: &str) -> Result<(Kept, Said), serde_json::Error> {
        read_stored(&mut serde_json::Deserializer::from_str(text))
    }

    #[test]
    fn what_was_said_and_what_is_kept_are_told_apart_in_any_order() {
        let kept = |ended: Option<&str>| Kept {
            id: 1,
            ended: ended.map(str::to_owned),
        };
        let said = |words: &[&str]| Said {
            name: "Réseda".to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
        };

        for (text, found) in [
            (r#"{"id":1,"name":"Réseda"}"#, (kept(None), said(&[]))),
            (
                r#"{"words":["a"],"ended":"x","name":"R\u00e9seda","id":1}"#,
                (kept(Some("x")), said(&["a"])),
            ),
            (
                r#"{"name":"Réseda","of a later program":{"a":[1]},"id":1,"ended":null}"#,
                (kept(None), said(&[])),
            ),
        ] {
            assert_eq!(read(text).unwrap(), found, "{text}");
        }
        let value = json!({ "id": 1, "name": "Réseda" });
        let (from_value, _): (Kept, Said) = read_stored(value).unwrap();
        assert_eq!(from_value, kept(None));
    }

    #[test]
    fn what_lacks_a_member_or_is_no_object_is_refused() {
        for text in [r#"{"id":1}"#, r#"{"name":"Réseda"}"#, "[]", "1", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
