//! Instants as people and programs are shown them.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use serde_json::{Value, json};

/// RFC 3339 in UTC, of microseconds since the Unix epoch; an instant beyond the calendar stays a number.
pub(crate) fn shown(micros: i64) -> Value {
    Timestamp::from_microsecond(micros).map_or_else(|_| json!(micros), |instant| json!(instant.to_string()))
}

/// End of the year 9999, in seconds since the Unix epoch.
const END_OF_DATES: u64 = 253_402_300_800;

/// Whether the machine's clock shows a date from 1970 to 9999. HTTP answers can tell no other, and the HTTP server panics at one.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the clock itself is examined, and no time is taken from it")]
pub(crate) fn clock_shows_a_date() -> bool {
    SystemTime::now().duration_since(UNIX_EPOCH).is_ok_and(|since| since.as_secs() < END_OF_DATES)
}

/// What is said of a clock that shows no date.
pub(crate) const NO_DATE: &str =
    "the machine's clock shows a time before 1970 or after 9999; set the clock, then start again";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_beyond_the_calendar_stays_a_number() {
        assert_eq!(shown(-1), json!("1969-12-31T23:59:59.999999Z"));
        assert_eq!(shown(i64::MAX), json!(i64::MAX));
    }
}
