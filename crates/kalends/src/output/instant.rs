//! Instants as people and programs are shown them.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::{SignedDuration, civil::DateTime};
use serde_json::{Value, json};

/// RFC 3339 in UTC, of microseconds since the Unix epoch; an instant beyond the calendar stays a number.
pub(crate) fn shown(micros: i64) -> Value {
    rfc3339(SignedDuration::from_micros(micros)).map_or_else(|| json!(micros), |instant| json!(instant))
}

/// RFC 3339 in UTC, of the time since the Unix epoch; `None` beyond the calendar. A [`jiff::Timestamp`] would end a day before it.
pub(crate) fn rfc3339(since_epoch: SignedDuration) -> Option<String> {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    EPOCH.checked_add(since_epoch).ok().map(|time| format!("{time}Z"))
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
        assert_eq!(shown(253_402_300_799_999_999), json!("9999-12-31T23:59:59.999999Z"));
        assert_eq!(shown(253_402_300_800_000_000), json!(253_402_300_800_000_000_i64));
        assert_eq!(shown(i64::MAX), json!(i64::MAX));
    }
}
