//! U+0000, which JSON may hold and many databases may not.

use crate::{
    avro::{Value, encode::encode},
    event::Event,
    plan::Field,
};

/// The field that holds JSON text beside those of `raw_json`.
const EXTRA_FIELDS: &str = "extra_fields";

impl Event {
    /// Returns the record with U+0000 taken out of every text, and its escape out of JSON text; `None` when there is
    /// none.
    ///
    /// What identifies and orders the event stays as it is.
    #[must_use]
    pub fn without_nul(&self) -> Option<Self> {
        let (mut datum, mut is_changed) = (Vec::with_capacity(self.datum.len()), false);
        for (field, value) in self.fields.iter().zip(self.values()) {
            let stripped = stripped(&value, field);
            is_changed |= stripped.is_some();
            encode(&stripped.unwrap_or(value), field, &mut datum);
        }
        is_changed.then(|| Self { datum: datum.into(), ..self.clone() })
    }
}

fn stripped<'a>(value: &Value<'a>, field: &Field) -> Option<Value<'a>> {
    match value {
        Value::Text(text) if field.is_raw_json() || field.name == EXTRA_FIELDS => {
            without_escapes(text).map(|text| Value::Text(text.into()))
        }
        Value::Text(text) => without_nul(text).map(|text| Value::Text(text.into())),
        Value::Texts(texts) if texts.iter().any(|text| text.contains('\0')) => {
            Some(Value::Texts(texts.iter().map(|text| text.replace('\0', "").into()).collect()))
        }
        _ => None,
    }
}

/// `text` without U+0000; `None` when there is none in it.
#[must_use]
pub fn without_nul(text: &str) -> Option<String> {
    text.contains('\0').then(|| text.replace('\0', ""))
}

/// JSON text without the escape of U+0000; `None` when there is none in it.
fn without_escapes(json: &str) -> Option<String> {
    json.contains("\\u0000").then_some(())?;
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        out.push_str(plain);
        if let Some(behind) = escape.strip_prefix("\\u0000") {
            rest = behind;
            continue;
        }
        // A backslash that is escaped begins no escape.
        let end = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
        let (pair, behind) = escape.split_at(end);
        out.push_str(pair);
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_goes_and_what_only_looks_like_one_stays() {
        assert_eq!(without_escapes(r#"{"/a":"x\u0000y"}"#).unwrap(), r#"{"/a":"xy"}"#);
        assert_eq!(
            without_escapes(r#"["\\u0000","\\\u0000","\n\u0000é"]"#).unwrap(),
            r#"["\\u0000","\\","\né"]"#
        );
        assert_eq!(without_escapes(r#"{"a":"\u0001"}"#), None);
    }

    #[test]
    fn text_without_one_is_left_alone() {
        assert_eq!(without_nul("a\0b\0").as_deref(), Some("ab"));
        assert_eq!(without_nul("ab"), None);
    }
}
