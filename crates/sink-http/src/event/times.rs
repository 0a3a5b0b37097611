//! The rule by which a sender's time counts.

/// 2000-01-01T00:00:00Z in microseconds since the Unix epoch.
const EARLIEST: i64 = 946_684_800_000_000;

/// 24 hours in microseconds.
const DAY: i64 = 86_400_000_000;

/// A time, unless it is before the year 2000 or more than a day after the reception.
pub(crate) fn trusted(time: i64, received_at: i64) -> Option<i64> {
    (EARLIEST..=received_at.saturating_add(DAY)).contains(&time).then_some(time)
}

/// The latest of the sender's times. One that can't be trusted counts as the time of reception, and so does the lack of any.
pub(crate) fn latest(times: &[Option<i64>], received_at: i64) -> i64 {
    let counted = times.iter().flatten().map(|time| trusted(*time, received_at).unwrap_or(received_at));
    counted.max().unwrap_or(received_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_600_000_000_000_000;

    #[test]
    fn a_time_that_cannot_be_counts_as_the_reception() {
        for (times, counted) in [
            (vec![Some(NOW - 5), None], NOW - 5),
            (vec![Some(NOW - 5), Some(NOW - 3)], NOW - 3),
            (vec![None, None], NOW),
            (vec![Some(EARLIEST - 1)], NOW),
            (vec![Some(EARLIEST)], EARLIEST),
            (vec![Some(NOW + DAY)], NOW + DAY),
            (vec![Some(NOW + DAY + 1)], NOW),
        ] {
            assert_eq!(latest(&times, NOW), counted, "{times:?}");
        }
    }
}
