//! From webhooks to rows: Kafka Connect with a JDBC sink takes the topics to PostgreSQL by the configuration in `deploy/connect`.

#[cfg(test)]
mod queries;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod warehouse;
