//! Turns Rokt Calendar webhooks into Avro records on Kafka topics split by event type.
