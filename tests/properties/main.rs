//! What comes from outside, or was damaged on disk, at random: nothing panics, nothing loops, nothing grows without bound.
//!
//! Each test goes on for five seconds, or as many as `KALENDS_SOAK_SECONDS` says. What fails is shrunk and printed.

#[cfg(test)]
mod configuration;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod http_bytes;
#[cfg(test)]
mod journal_bytes;
#[cfg(test)]
mod journal_payloads;
#[cfg(test)]
mod registry_answers;
#[cfg(test)]
mod runner;
