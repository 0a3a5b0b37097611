//! Delivers records to Kafka: records and checkpoint in one transaction.
