use std::fmt;

use serde::{
    Deserializer as _,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// What of an `extra_fields` stands at one of these JSON Pointers, as an object of the same kind, every occurrence of a
/// key and in the order sent; `None` when that is nothing.
///
/// A pointer allows what is listed under it, whole. It allows no part of what is listed under a shorter pointer.
pub(super) fn allowed_only(extra_fields: &str, pointers: &[String]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_str(extra_fields);
    // What can't be read can't be told apart, so nothing of it is kept.
    let kept = reader.deserialize_map(Sieve { pointers }).ok()?;
    (!kept.is_empty()).then(|| format!("{{{kept}}}"))
}

struct Sieve<'a> {
    pointers: &'a [String],
}

impl<'de> Visitor<'de> for Sieve<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object whose keys are JSON Pointers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut kept = String::new();
        while let Some(pointer) = map.next_key::<String>()? {
            if !self.pointers.contains(&pointer) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<&RawValue>()?;
            if !kept.is_empty() {
                kept.push(',');
            }
            kept.push_str(&serde_json::Value::from(pointer).to_string());
            kept.push(':');
            kept.push_str(value.get());
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::allowed_only;

    fn sieve(extra_fields: &str, pointers: &[&str]) -> Option<String> {
        let pointers: Vec<_> = pointers.iter().map(|&pointer| pointer.to_owned()).collect();
        allowed_only(extra_fields, &pointers)
    }

    #[test]
    fn allowed_pointers_are_kept_as_they_stand() {
        let extra = r#"{"/a":{"x" : 1.50},"/b":"secret","/a/c":[null],"/a":2}"#;
        assert_eq!(sieve(extra, &["/a"]).as_deref(), Some(r#"{"/a":{"x" : 1.50},"/a":2}"#));
        assert_eq!(sieve(extra, &["/a/c", "/none"]).as_deref(), Some(r#"{"/a/c":[null]}"#));
    }

    #[test]
    fn a_pointer_allows_no_part_of_a_larger_whole_and_nothing_beside_it() {
        let extra = r#"{"/a":{"b":"secret"},"/A":"secret","/ab":"secret"}"#;
        assert_eq!(sieve(extra, &["/a/b", "/", "a"]), None);
    }

    #[test]
    fn keys_and_values_with_escapes_and_lone_surrogates_pass_unchanged() {
        let extra = r#"{"/a\"\u00e9":"\ud800","/b":1}"#;
        assert_eq!(sieve(extra, &["/a\"é"]).as_deref(), Some("{\"/a\\\"é\":\"\\ud800\"}"));
    }

    #[test]
    fn what_is_no_object_is_withheld() {
        assert_eq!(sieve(r#"["/a"]"#, &["/a"]), None);
        assert_eq!(sieve(r#"{"/a":1"#, &["/a"]), None);
    }
}
