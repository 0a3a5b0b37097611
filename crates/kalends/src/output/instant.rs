//! Instants as people and programs are shown them.

use jiff::Timestamp;
use serde_json::{Value, json};

/// RFC 3339 in UTC, of microseconds since the Unix epoch; an instant beyond the calendar stays a number.
pub(crate) fn shown(micros: i64) -> Value {
    Timestamp::from_microsecond(micros).map_or_else(|_| json!(micros), |instant| json!(instant.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_beyond_the_calendar_stays_a_number() {
        assert_eq!(shown(-1), json!("1969-12-31T23:59:59.999999Z"));
        assert_eq!(shown(i64::MAX), json!(i64::MAX));
    }
}
