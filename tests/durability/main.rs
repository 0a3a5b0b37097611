//! What an acknowledged event survives: processes killed at any time, a broker that is away, a full disk, histories that don't match.
//!
//! Small counts show every promise; `KALENDS_SOAK_ROUNDS`, `KALENDS_SOAK_EVENTS` and `KALENDS_SOAK_OUTAGES` set large ones.

#[cfg(test)]
mod at_least_once;
#[cfg(test)]
mod backlog;
#[cfg(test)]
mod broker_outages;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod clock_jumps;
#[cfg(test)]
mod exactly_once;
#[cfg(test)]
mod failed_sync;
#[cfg(test)]
mod files_sink_holds;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod graceful_stops;
#[cfg(test)]
mod http_kills;
#[cfg(test)]
mod journal_full;
#[cfg(test)]
mod kafka_kills;
#[cfg(test)]
mod kafka_sink_holds;
#[cfg(test)]
mod killed_in_transaction;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod operator_chaos;
#[cfg(test)]
mod preload;
#[cfg(test)]
mod registry_outages;
#[cfg(test)]
mod replay_on_kafka;
#[cfg(test)]
mod restored_journal;
#[cfg(test)]
mod seek_and_resume;
#[cfg(test)]
mod upgrade;
