//! What an acknowledged event survives: processes killed at any time, a broker that is away, a full disk, histories that don't match.
//!
//! Small counts show every promise; `KALENDS_SOAK_ROUNDS`, `KALENDS_SOAK_EVENTS` and `KALENDS_SOAK_OUTAGES` set large ones.

#[cfg(test)]
mod account;
#[cfg(test)]
mod at_least_once;
#[cfg(test)]
mod backlog;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod failed_sync;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod holds_on_kafka;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod on_kafka;
#[cfg(test)]
mod on_registry;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod preload;
#[cfg(test)]
mod replay_on_kafka;
#[cfg(test)]
mod room;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod upgrade;
#[cfg(test)]
mod ways_out;
#[cfg(test)]
mod weather;
