//! A JSON document as a tree that borrows from its text (RFC 8259). serde_json parses it; what its own
//! tree would add, a map for each object, is bytes for every reader.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(Cow<'a, str>),
    /// A string, without its escapes.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object's members, in their order.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// The member `name` of an object; of two with one name the last counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        let Self::Object(members) = self else {
            return None;
        };
        let found = members.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// A string's text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

/// The name under which serde_json hands over a number as text (`arbitrary_precision`).
const NUMBER: &str = "$serde_json::private::Number";

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    // What fits is handed over as a number, the rest as text.
    fn visit_u64<E>(self, number: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Cow::Owned(number.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Cow::Owned(number.to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key()? {
            let value = map.next_value()?;
            match (name, value) {
                (Json::Text(name), Json::Text(text)) if name == NUMBER && members.is_empty() => {
                    return Ok(Json::Number(text));
                }
                (Json::Text(name), value) => members.push((name, value)),
                // No parser of JSON gives a name that is no string.
                _ => {}
            }
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_as_serde_jsons_own_value_writes_it() {
        let long = "123456789012345678901234567890";
        for number in ["0", "-0", "-7", "1.50", "1e3", "1E-3", long] {
            let value: serde_json::Value = serde_json::from_str(number).expect(number);
            let ours: Json = serde_json::from_str(number).expect(number);
            assert!(
                matches!(&ours, Json::Number(text) if *text == value.to_string()),
                "{ours:?}"
            );
        }
    }

    #[test]
    fn of_two_members_with_one_name_the_last_counts() {
        let value: Json = serde_json::from_str(r#"{"a":"1","b":"2","a":"3"}"#).expect("an object");
        assert_eq!(value.get("a").and_then(Json::as_str), Some("3"));
        assert!(value.get("c").is_none());
    }
}
