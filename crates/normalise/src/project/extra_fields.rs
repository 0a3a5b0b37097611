//! `extra_fields`: whatever was sent and has no field.

use std::cmp::Reverse;

use crate::{
    avro::Value,
    quirk::{Quirk, QuirkSeen},
    walk::findings::Leftover,
};

/// The leftovers as one JSON object, in the order of the body; what lies in another is not said twice.
/// Their quirks go to `report`.
pub(crate) fn extra_fields(
    mut leftovers: Vec<Leftover>,
    text: &str,
    mut report: impl FnMut(QuirkSeen),
) -> Value<'static> {
    leftovers.sort_by_key(|leftover| (leftover.value.start, Reverse(leftover.value.end)));
    let mut out = String::new();
    let (mut covered, mut held) = (0, 0);
    for leftover in leftovers {
        if leftover.value.start < covered {
            // A field that holds the whole keeps what is odd in it, but the oddity was met all the same.
            let is_met = |quirk: &Quirk| matches!(quirk, Quirk::UnreadableValue | Quirk::DuplicateKey);
            if let Some(quirk) = leftover.quirk.filter(is_met).filter(|_| leftover.value.start < held) {
                report(QuirkSeen { quirk, pointer: leftover.pointer });
            }
            continue;
        }
        covered = leftover.value.end;
        if !leftover.kept {
            held = covered;
            continue;
        }
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str(&serde_json::Value::from(leftover.pointer.as_str()).to_string());
        out.push(':');
        out.push_str(leftover.value.of(text));
        if let Some(quirk) = leftover.quirk {
            report(QuirkSeen { quirk, pointer: leftover.pointer });
        }
    }
    if out.is_empty() {
        return Value::Null;
    }
    out.push('}');
    Value::Text(out.into())
}

/// Returns whether a quirk is reported once for a place, however often it is met there.
pub(crate) fn is_once_a_place(quirk: Quirk) -> bool {
    matches!(quirk, Quirk::UnknownZone | Quirk::OddTag | Quirk::Coerced)
}
