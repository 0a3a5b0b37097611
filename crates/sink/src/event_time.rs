//! The rule by which a sender's time counts. All times are in microseconds since the Unix epoch.

/// 2000-01-01T00:00:00Z.
const EARLIEST: i64 = 946_684_800_000_000;

/// 24 hours in microseconds.
const DAY: i64 = 86_400_000_000;

/// A time of the sender, unless it is before the year 2000 or more than a day after the reception.
#[must_use]
pub fn trusted_time(time: i64, received_at: i64) -> Option<i64> {
    (EARLIEST..=received_at.saturating_add(DAY)).contains(&time).then_some(time)
}

/// The latest of the sender's times, and whether the time of reception stood in for one of them, or for all: it stands in for
/// each time that can't be trusted, and where there is none.
#[must_use]
pub fn latest_time(times: &[Option<i64>], received_at: i64) -> (i64, bool) {
    let trusted = || times.iter().flatten().map(|time| trusted_time(*time, received_at));
    let latest = trusted().map(|time| time.unwrap_or(received_at)).max();
    (latest.unwrap_or(received_at), latest.is_none() || trusted().any(|time| time.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_600_000_000_000_000;

    #[test]
    fn a_time_that_cannot_be_counts_as_the_reception() {
        assert_eq!(latest_time(&[Some(NOW - 5), None], NOW), (NOW - 5, false));
        assert_eq!(latest_time(&[Some(NOW - 5), Some(NOW - 3)], NOW), (NOW - 3, false));
        assert_eq!(latest_time(&[None, None], NOW), (NOW, true));
        assert_eq!(latest_time(&[Some(EARLIEST - 1)], NOW), (NOW, true));
        assert_eq!(latest_time(&[Some(EARLIEST)], NOW), (EARLIEST, false));
        assert_eq!(latest_time(&[Some(NOW + DAY)], NOW), (NOW + DAY, false));
        assert_eq!(latest_time(&[Some(NOW + DAY + 1)], NOW), (NOW, true));
    }
}
