//! What the Kafka sink promises, on a real broker.

#[cfg(test)]
mod broker_crashes;
#[cfg(test)]
mod cluster_security;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod expired_transactional_ids;
#[cfg(test)]
mod fencing;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod kafka_page_commands;
#[cfg(test)]
mod lost_commit_answers;
#[cfg(test)]
mod partitioning;
#[cfg(test)]
mod records;
#[cfg(test)]
mod refused_records;
#[cfg(test)]
mod released_checkpoints;
#[cfg(test)]
mod reload_during_outage;
#[cfg(test)]
mod topic_creation;
#[cfg(test)]
mod transactions;
