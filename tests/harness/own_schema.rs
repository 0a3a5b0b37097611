//! Schemas of an operator's own, for tests: an event type that kalends does not ship.

use std::{fs, io};

use serde_json::{Value, json};

/// A schema that the project ships, to start from.
///
/// # Errors
/// There is no schema of this name.
pub fn shipped(name: &str) -> io::Result<Value> {
    let file = format!("{}/../crates/normalise/schemas/{name}.avsc", env!("CARGO_MANIFEST_DIR"));
    Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
}

/// The event type `SubscriptionPaused`, on the topic `subscription-paused`: the common fields, and when the pause ends.
///
/// # Errors
/// The shipped schema that it is made from can't be read.
pub fn subscription_paused() -> io::Result<Value> {
    let Value::Object(mut schema) = shipped("SubscriptionEventDeleted")? else {
        return Err(io::Error::other("the shipped schema is no object"));
    };
    schema.insert("name".to_owned(), json!("SubscriptionPaused"));
    schema.insert("doc".to_owned(), json!("A subscriber paused a subscription."));
    let meaning = json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    schema.insert("kalends".to_owned(), meaning);
    if let Some(fields) = schema.get_mut("fields").and_then(Value::as_array_mut) {
        fields.push(json!({
            "name": "paused_until_date_time_utc",
            "type": ["null", { "type": "long", "logicalType": "timestamp-millis" }],
            "default": null,
            "doc": "When the pause ends.",
            "kalends": { "from": ["/eventDetails/subscription/pausedUntilDateTimeUtc"] }
        }));
    }
    Ok(Value::Object(schema))
}
