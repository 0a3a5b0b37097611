use std::fmt;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A UTC calendar day, counted from 1970-01-01; printed as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day(i64);

impl Day {
    /// The day of an instant in microseconds since the Unix epoch.
    pub(crate) const fn of(micros: i64) -> Self {
        Self(micros.div_euclid(MICROS_PER_DAY))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Hinnant's civil_from_days: years begin in March, so that the leap day is a year's last.
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_names_of_the_calendar() {
        for (seconds, name) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_709_164_800, "2024-02-29"),
            (1_709_251_200, "2024-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Day::of(seconds * 1_000_000).to_string(), name);
        }
    }

    #[test]
    fn no_instant_is_without_a_day() {
        for micros in [i64::MIN, i64::MAX] {
            assert!(!Day::of(micros).to_string().is_empty());
        }
    }

    #[test]
    fn every_day_of_four_centuries_has_its_name() {
        let mut number = -25_567;
        for year in 1900_i64..2300 {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            for (month, days) in (1..).zip([31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
            {
                for day in 1..=days {
                    assert_eq!(Day(number).to_string(), format!("{year}-{month:02}-{day:02}"));
                    number += 1;
                }
            }
        }
    }
}
