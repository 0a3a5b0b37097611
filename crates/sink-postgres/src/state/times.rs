//! The rule by which a sender's time counts.

/// 2000-01-01T00:00:00Z in microseconds since the Unix epoch.
const EARLIEST: i64 = 946_684_800_000_000;

/// 24 hours in microseconds.
const DAY: i64 = 86_400_000_000;

/// The latest of the sender's times, and whether one of them, or all, counted as the time of reception: what is before
/// the year 2000 or more than a day after the reception does, and so does the lack of any.
pub(super) fn latest(times: &[Option<i64>], received_at: i64) -> (i64, bool) {
    let mut odd = false;
    let trusted = times.iter().flatten().map(|time| {
        let trusted = (EARLIEST..=received_at.saturating_add(DAY)).contains(time);
        odd |= !trusted;
        if trusted { *time } else { received_at }
    });
    let latest = trusted.max();
    (latest.unwrap_or(received_at), odd || latest.is_none())
}

/// The rule as an SQL expression over columns of a table of records.
pub(super) fn latest_sql(columns: &[&str]) -> String {
    let trusted = columns.iter().map(|column| {
        format!(
            "CASE WHEN {column} < '2000-01-01T00:00:00Z'::timestamptz OR {column} > received_at + interval '24 hours' \
             THEN received_at ELSE {column} END"
        )
    });
    let all: Vec<String> = trusted.collect();
    format!("coalesce(greatest({}), received_at)", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_600_000_000_000_000;

    #[test]
    fn a_time_that_cannot_be_counts_as_the_reception() {
        assert_eq!(latest(&[Some(NOW - 5), None], NOW), (NOW - 5, false));
        assert_eq!(latest(&[Some(NOW - 5), Some(NOW - 3)], NOW), (NOW - 3, false));
        assert_eq!(latest(&[None, None], NOW), (NOW, true));
        assert_eq!(latest(&[Some(EARLIEST - 1)], NOW), (NOW, true));
        assert_eq!(latest(&[Some(EARLIEST)], NOW), (EARLIEST, false));
        assert_eq!(latest(&[Some(NOW + DAY)], NOW), (NOW + DAY, false));
        assert_eq!(latest(&[Some(NOW + DAY + 1)], NOW), (NOW, true));
    }
}
