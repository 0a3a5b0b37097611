//! What the Kafka sink promises, on a real broker.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod creation;
#[cfg(test)]
mod fixture;

#[cfg(test)]
mod fencing;
#[cfg(test)]
mod idleness;
#[cfg(test)]
mod interruptions;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod partitions;
#[cfg(test)]
#[cfg(test)]
mod records;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod released;
#[cfg(test)]
mod security;
#[cfg(test)]
mod succession;
#[cfg(test)]
mod transactions;
