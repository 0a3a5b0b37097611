use std::collections::HashMap;

use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};

use crate::time::{instant::Moment, renamed_zones::RENAMED_ZONES, windows_zones::WINDOWS_ZONES};

/// The time zones of the world, built in: the same event becomes the same record on every machine.
#[derive(Debug)]
pub(crate) struct Zones {
    database: TimeZoneDatabase,
    /// IANA names by Windows names.
    windows: HashMap<&'static str, &'static str>,
}

impl Zones {
    pub(crate) fn bundled() -> Self {
        Self { database: TimeZoneDatabase::bundled(), windows: WINDOWS_ZONES.iter().copied().collect() }
    }

    /// The zone of an IANA name, without regard to case.
    pub(crate) fn iana(&self, name: &str) -> Option<TimeZone> {
        self.database.get(name).ok().filter(|zone| !zone.is_unknown())
    }

    /// The IANA name of a Windows zone, without regard to case.
    pub(crate) fn iana_of_windows(&self, name: &str) -> Option<&'static str> {
        let folded = || WINDOWS_ZONES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        self.windows.get(name).copied().or_else(|| folded().map(|(_, iana)| *iana))
    }

    /// The current IANA name of a zone by any of its IANA names, without regard to case.
    pub(crate) fn current_iana(&self, name: &str) -> Option<String> {
        let zone = self.iana(name)?;
        let canonical = zone.iana_name()?;
        let renamed = RENAMED_ZONES.iter().find(|(former, _)| *former == canonical);
        Some(renamed.map_or(canonical, |(_, current)| current).to_owned())
    }
}

/// The instant of a local time.
///
/// In a gap it moves forward by the gap's length. In a repeated hour it is the first instant that is not before
/// `not_before`, else the first.
pub(crate) fn utc_of_local(local: DateTime, zone: &TimeZone, not_before: Option<Moment>) -> Moment {
    let at = |offset: jiff::tz::Offset| Moment::of(local, offset.seconds());
    match zone.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Unambiguous { offset } => at(offset),
        AmbiguousOffset::Gap { before, .. } => at(before),
        AmbiguousOffset::Fold { before, after } => {
            let (first, second) = (at(before), at(after));
            match not_before {
                Some(start) if first < start && second >= start => second,
                _ => first,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_windows_name_stands_once_and_leads_to_a_zone() {
        let zones = Zones::bundled();
        assert_eq!(zones.windows.len(), WINDOWS_ZONES.len());
        for (name, iana) in WINDOWS_ZONES {
            assert_eq!(zones.iana_of_windows(name), Some(*iana));
            assert_eq!(zones.iana_of_windows(&name.to_uppercase()), Some(*iana));
            assert!(zones.iana(iana).is_some(), "{iana}");
        }
    }

    #[test]
    fn windows_names_of_2026_are_known() {
        let zones = Zones::bundled();
        assert_eq!(zones.iana_of_windows("Alberta Standard Time"), Some("America/Edmonton"));
        assert_eq!(zones.iana_of_windows("British Columbia Standard Time"), Some("America/Vancouver"));
        assert_eq!(zones.iana_of_windows("Manitoba Standard Time"), Some("America/Winnipeg"));
    }

    /// Former names are in `tzdata-legacy` of current distributions, which not every reader of a record has.
    #[test]
    fn zones_of_windows_names_have_their_current_names() {
        let zones = Zones::bundled();
        for (name, current) in [
            ("Argentina Standard Time", "America/Argentina/Buenos_Aires"),
            ("FLE Standard Time", "Europe/Kyiv"),
            ("Greenland Standard Time", "America/Nuuk"),
            ("India Standard Time", "Asia/Kolkata"),
            ("Myanmar Standard Time", "Asia/Yangon"),
            ("Nepal Standard Time", "Asia/Kathmandu"),
            ("US Eastern Standard Time", "America/Indiana/Indianapolis"),
        ] {
            assert_eq!(zones.iana_of_windows(name), Some(current));
        }
        for (_, iana) in WINDOWS_ZONES {
            assert_eq!(zones.current_iana(iana).as_deref(), Some(*iana));
        }
    }

    #[test]
    fn former_iana_names_lead_to_current_names() {
        let zones = Zones::bundled();
        assert_eq!(zones.current_iana("asia/calcutta").as_deref(), Some("Asia/Kolkata"));
        assert_eq!(zones.current_iana("Europe/Berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(zones.current_iana("US/Eastern").as_deref(), Some("America/New_York"));
        assert_eq!(zones.current_iana("Etc/Unknown"), None);
        for (former, current) in RENAMED_ZONES {
            assert_eq!(zones.current_iana(former).as_deref(), Some(*current), "{former}");
        }
    }

    #[test]
    fn retired_windows_names_are_known() {
        let zones = Zones::bundled();
        assert_eq!(zones.iana_of_windows("Mid-Atlantic Standard Time"), Some("Etc/GMT+2"));
        assert_eq!(zones.iana_of_windows("Kamchatka Standard Time"), Some("Asia/Kamchatka"));
        assert_eq!(zones.iana_of_windows("Middle Earth Standard Time"), None);
    }

    #[test]
    fn no_name_of_nowhere_is_a_zone() {
        let zones = Zones::bundled();
        for name in ["", "Mars/Olympus", "Etc/Unknown", "../UTC"] {
            assert!(zones.iana(name).is_none(), "{name}");
        }
        assert!(zones.iana("america/CHICAGO").is_some());
    }
}
