//! The time for which a destination wants no request, in every style of header.

use std::time::Duration;

use jiff::fmt::rfc2822;
use kalends_outgoing::Reply;

/// Headers that say it, the surest first.
const HEADERS: [&str; 8] = [
    "retry-after",
    "x-ratelimit-retry-after",
    "ratelimit",
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "x-ratelimit-reset-after",
    "x-hubspot-ratelimit-interval-milliseconds",
];

/// Numbers from here on are seconds since the Unix epoch, not from now.
const EPOCH: f64 = 1e8;

/// Numbers from here on are milliseconds since the Unix epoch.
const EPOCH_MILLIS: f64 = 1e11;

/// The time for which nothing should be sent, by an answer's headers; `now` is in microseconds since the Unix epoch.
pub(crate) fn pause(reply: &Reply, now: i64) -> Option<Duration> {
    HEADERS.iter().find_map(|name| {
        let value = reply.header(name)?.trim();
        match *name {
            "ratelimit" => member(value, "t").and_then(|value| number(value, now)),
            "x-hubspot-ratelimit-interval-milliseconds" => seconds(value.parse::<f64>().ok()? / 1000.0),
            _ => number(value, now).or_else(|| date(value, now)),
        }
    })
}

/// The time for which no request is left, where an answer says so.
pub(crate) fn exhausted(reply: &Reply, now: i64) -> Option<Duration> {
    let left = ["x-ratelimit-remaining", "ratelimit-remaining"]
        .iter()
        .find_map(|name| reply.header(name))
        .or_else(|| reply.header("ratelimit").and_then(|value| member(value, "r")));
    (left?.trim() == "0").then(|| pause(reply, now)).flatten()
}

/// A member of a structured header, such as the 30 of `"default";r=0;t=30`.
fn member<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let members = value.split([';', ',']).filter_map(|member| member.trim().split_once('='));
    members.filter(|(known, _)| *known == name).map(|(_, value)| value.trim()).next()
}

fn number(value: &str, now: i64) -> Option<Duration> {
    let number: f64 = value.trim_end_matches('s').parse().ok()?;
    let now = Duration::from_micros(u64::try_from(now).ok()?).as_secs_f64();
    if number >= EPOCH_MILLIS {
        return seconds(number / 1000.0 - now);
    }
    seconds(if number >= EPOCH { number - now } else { number })
}

fn date(value: &str, now: i64) -> Option<Duration> {
    // HTTP writes GMT, which RFC 2822 has as an obsolete zone.
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    let micros = at.as_microsecond().saturating_sub(now);
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or_default()))
}

fn seconds(seconds: f64) -> Option<Duration> {
    if !seconds.is_finite() {
        return None;
    }
    Some(Duration::from_secs_f64(seconds.clamp(0.0, 1e9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-30T00:00:00Z
    const NOW: i64 = 1_795_996_800_000_000;

    fn reply(headers: &[(&str, &str)]) -> Reply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Reply { status: 429, headers, body: Vec::new(), is_whole: true }
    }

    #[test]
    fn every_style_of_header_is_understood() {
        for (name, value, seconds) in [
            ("retry-after", "7", 7.0),
            ("retry-after", "1.5", 1.5),
            ("retry-after", "Mon, 30 Nov 2026 00:00:30 GMT", 30.0),
            ("retry-after", "Sun, 29 Nov 2026 00:00:30 GMT", 0.0),
            ("x-ratelimit-retry-after", "3", 3.0),
            ("x-ratelimit-reset", "1795996805", 5.0),
            ("x-ratelimit-reset", "1795996805500", 5.5),
            ("ratelimit-reset", "12", 12.0),
            ("ratelimit", "\"default\";r=0;t=30", 30.0),
            ("ratelimit", "limit=10, remaining=0, t=4", 4.0),
            ("x-hubspot-ratelimit-interval-milliseconds", "10000", 10.0),
        ] {
            let found = pause(&reply(&[(name, value)]), NOW).unwrap_or_else(|| panic!("{name}: {value}"));
            assert!((found.as_secs_f64() - seconds).abs() < 0.01, "{name}: {value}: {found:?}");
        }
        for value in ["soon", "", "-", "NaN"] {
            assert_eq!(pause(&reply(&[("retry-after", value)]), NOW), None, "{value}");
        }
        assert_eq!(pause(&reply(&[("retry-after", "-5")]), NOW), Some(Duration::ZERO));
    }

    #[test]
    fn a_destination_that_has_no_request_left_says_for_how_long() {
        let none_left = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795996803")];
        assert_eq!(exhausted(&reply(&none_left), NOW), Some(Duration::from_secs(3)));
        let some_left = [("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1795996803")];
        assert_eq!(exhausted(&reply(&some_left), NOW), None);
    }
}
