//! Values of another type that would be taken for the right one: 1.5 for a whole number, 2 for true.

use config::{Value, ValueKind};

use super::path::Path;

/// Keys whose value is a whole number.
const NUMBERS: [&str; 7] =
    ["max_connections", "partitions", "per_address", "queue", "replication", "total", "unauthorised"];
/// Keys whose value is true or false.
const TRUTHS: [&str; 5] = ["allow_anonymous", "auto_register", "create_topics", "required", "strip_nul"];
/// Keys whose own keys are names that the operator chooses.
const NAMED: [&str; 5] = ["attributes", "fields", "headers", "names", "properties"];

/// Takes out values that are nearly what their key wants.
pub(super) fn refuse_lookalikes(value: &mut Value, at: &Path, misfits: &mut Vec<(Path, String)>) {
    let ValueKind::Table(table) = &mut value.kind else { return };
    table.retain(|key, child| {
        let fault = fault(key, &child.kind);
        if let Some(fault) = fault {
            misfits.push((at.key(key), fault.to_owned()));
        } else if !NAMED.contains(&key.as_str()) {
            refuse_lookalikes(child, &at.key(key), misfits);
        }
        fault.is_none()
    });
}

fn fault(key: &str, value: &ValueKind) -> Option<&'static str> {
    let is_fraction = matches!(value, ValueKind::Float(number) if number.fract() != 0.0);
    let is_number = matches!(
        value,
        ValueKind::I64(_) | ValueKind::I128(_) | ValueKind::U64(_) | ValueKind::U128(_) | ValueKind::Float(_)
    );
    if NUMBERS.contains(&key) {
        return match value {
            ValueKind::Boolean(_) => Some("expected a whole number, found true or false"),
            _ if is_fraction => Some("expected a whole number, found a fraction"),
            _ => None,
        };
    }
    (TRUTHS.contains(&key) && is_number).then_some("expected true or false, found a number")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn collect(schema: &Value, wanted: &str, keys: &mut BTreeSet<String>) {
        let Value::Object(object) = schema else {
            if let Value::Array(items) = schema {
                for item in items {
                    collect(item, wanted, keys);
                }
            }
            return;
        };
        for (key, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let kind = &property["type"];
            if kind == wanted || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == wanted))
            {
                keys.insert(key.clone());
            }
        }
        for value in object.values() {
            collect(value, wanted, keys);
        }
    }

    #[test]
    fn every_key_that_takes_a_number_or_a_truth_is_listed() {
        let schema = serde_json::from_str(&crate::json_schema()).unwrap();
        for (wanted, listed) in [("integer", &NUMBERS[..]), ("boolean", &TRUTHS[..])] {
            let mut keys = BTreeSet::new();
            collect(&schema, wanted, &mut keys);
            assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), listed, "{wanted}");
        }
    }
}
