//! What the Kafka sink promises, on a real broker.

mod fixture;

mod fencing;
mod outages;
mod records;
mod refusals;
mod transactions;
