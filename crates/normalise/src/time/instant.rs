use jiff::{SignedDuration, civil::DateTime};

const EPOCH: DateTime = jiff::civil::datetime(1970, 1, 1, 0, 0, 0, 0);
/// Instants of the years 1 to 9999: what every reader of a record can say as a date.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// A date and time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date_time: DateTime,
    /// Seconds east of UTC, where one was written; `Z` is 0.
    pub(crate) offset: Option<i32>,
}

/// An instant, to the nanosecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(SignedDuration);

impl Moment {
    /// The instant at which a clock `offset` seconds east of UTC shows this.
    pub(crate) fn of(date_time: DateTime, offset: i32) -> Self {
        let shown = date_time.duration_since(EPOCH);
        Self(shown - SignedDuration::from_secs(i64::from(offset)))
    }

    /// The instant this many units of `per_second` after the Unix epoch.
    pub(crate) fn after_epoch(units: i64, per_second: i64) -> Self {
        let nanos = units.rem_euclid(per_second) * (1_000_000_000 / per_second);
        Self(SignedDuration::new(units.div_euclid(per_second), i32::try_from(nanos).unwrap_or_default()))
    }

    /// Microseconds since the Unix epoch, floored; `None` outside the years 1 to 9999.
    pub(crate) fn micros(self) -> Option<i64> {
        let micros = i64::try_from(self.0.as_nanos().div_euclid(1_000)).ok()?;
        SECONDS.contains(&micros.div_euclid(1_000_000)).then_some(micros)
    }
}

/// Reads `2017-03-15 03:48:24.822495`: a date of four, two and two digits, a space or `T`, a time of day to the second, up
/// to nine digits of fraction, then nothing, `Z` or an offset.
pub(crate) fn read(text: &str) -> Option<Written> {
    let mut rest = Digits(text.as_bytes());
    let date = (rest.number(4)?, rest.after(b"-", 2)?, rest.after(b"-", 2)?);
    let time = (rest.after(b" Tt", 2)?, rest.after(b":", 2)?, rest.after(b":", 2)?);
    let nanos = rest.fraction()?;
    let offset = rest.offset()?;
    let small = |number: i32| i8::try_from(number).ok();
    let date_time = DateTime::new(
        i16::try_from(date.0).ok()?,
        small(date.1)?,
        small(date.2)?,
        small(time.0)?,
        small(time.1)?,
        small(time.2)?,
        nanos,
    );
    rest.0.is_empty().then_some(Written { date_time: date_time.ok()?, offset })
}

/// An instant in units of `per_second`, as ISO 8601 text.
pub(crate) fn instant_text(units: i64, per_second: i64) -> String {
    match EPOCH.checked_add(Moment::after_epoch(units, per_second).0) {
        Ok(date_time) => format!("{date_time}Z"),
        Err(_) => units.to_string(),
    }
}

struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn number(&mut self, count: usize) -> Option<i32> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        digits
            .iter()
            .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i32::from(byte - b'0')))
    }

    fn take(&mut self, any_of: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        any_of.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn after(&mut self, any_of: &[u8], count: usize) -> Option<i32> {
        self.take(any_of)?;
        self.number(count)
    }

    fn fraction(&mut self) -> Option<i32> {
        if self.take(b".").is_none() {
            return Some(0);
        }
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&count) {
            return None;
        }
        let scale = u32::try_from(9 - count).ok()?;
        Some(self.number(count)? * 10_i32.pow(scale))
    }

    /// The offset in seconds, `None` inside for none; outside for one that can't be read.
    #[expect(clippy::option_option, reason = "unreadable and absent are two things")]
    fn offset(&mut self) -> Option<Option<i32>> {
        if self.0.is_empty() {
            return Some(None);
        }
        if self.take(b"Zz").is_some() {
            return Some(Some(0));
        }
        let sign = if self.take(b"+-")? == b'-' { -1 } else { 1 };
        let hours = self.number(2)?;
        let minutes = if self.0.is_empty() {
            0
        } else {
            let _colon = self.take(b":");
            self.number(2)?
        };
        (hours < 24 && minutes < 60).then_some(Some(sign * (hours * 3600 + minutes * 60)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        let written = read(text)?;
        Moment::of(written.date_time, written.offset.unwrap_or_default()).micros()
    }

    #[test]
    fn the_senders_formats_are_read() {
        for text in [
            "2017-03-15 03:48:24.822495",
            "2017-03-15T03:48:24.822495",
            "2017-03-15T03:48:24.822495Z",
            "2017-03-15T03:48:24.822495999Z",
            "2017-03-15T05:48:24.822495+02:00",
            "2017-03-15T01:18:24.822495-0230",
        ] {
            assert_eq!(micros(text), Some(1_489_549_704_822_495), "{text}");
        }
        assert_eq!(micros("1970-01-01 00:00:00"), Some(0));
        assert_eq!(micros("1969-12-31T23:59:59.9999999Z"), Some(-1));
        assert_eq!(micros("0001-01-01 00:00:00"), Some(-62_135_596_800_000_000));
        assert_eq!(micros("0000-12-31T23:00:00-01:00"), Some(-62_135_596_800_000_000));
        assert_eq!(micros("9999-12-31T23:59:59.9999999"), Some(253_402_300_799_999_999));
    }

    #[test]
    fn what_is_no_date_and_time_is_refused() {
        for text in [
            "",
            "2017-03-15",
            "2017-03-15 03:48",
            "2017-02-30 00:00:00",
            "2017-03-15 24:00:00",
            "2017-03-15 23:59:60",
            "2017-03-15 03:48:24.",
            "2017-03-15 03:48:24.1234567890",
            "2017-03-15 03:48:24+24:00",
            " 2017-03-15 03:48:24",
            "2017-03-15 03:48:24 ",
            "17-03-15 03:48:24",
            "+017-03-15 03:48:24",
            "2017-03-15 03:48:24+02:0",
            "２017-03-15",
            "9999-12-31T23:59:59-01:00",
            "0000-12-31T23:59:59",
            "0001-01-01T00:00:00+00:01",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_is_printed_without_trailing_zeros() {
        assert_eq!(instant_text(1_489_549_704_820, 1_000), "2017-03-15T03:48:24.82Z");
        assert_eq!(instant_text(-1, 1_000_000), "1969-12-31T23:59:59.999999Z");
        assert_eq!(instant_text(0, 1_000), "1970-01-01T00:00:00Z");
        assert_eq!(instant_text(i64::MAX, 1_000), "9223372036854775807");
    }
}
