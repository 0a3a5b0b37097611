//! Made-up events in the shape of the sender's samples. Nobody real is in them: every address ends in example.com.

use serde_json::{Value, json};

use super::{EventType, life};

const FIRST_NAMES: &[&str] =
    &["ada", "bela", "chidi", "dolores", "emil", "farah", "grace", "hiro", "ines", "jun"];
const LAST_NAMES: &[&str] = &["okafor", "lindqvist", "moreau", "tanaka", "ferreira", "kowalski", "haddad"];
/// Windows time zone, IANA time zone, when it is eight in the evening of 2026-06-09 there, country code, country, post code.
const PLACES: &[[&str; 6]] = &[
    ["Eastern Standard Time", "America/New_York", "2026-06-10 00:00", "US", "United States", "10001"],
    ["Central Standard Time", "America/Chicago", "2026-06-10 01:00", "US", "United States", "75226"],
    ["GMT Standard Time", "Europe/London", "2026-06-09 19:00", "GB", "United Kingdom", "EC1A 1BB"],
    ["W. Europe Standard Time", "Europe/Berlin", "2026-06-09 18:00", "DE", "Germany", "10115"],
    ["AUS Eastern Standard Time", "Australia/Sydney", "2026-06-09 10:00", "AU", "Australia", "2000"],
];
/// Title, code, title of an entry.
const CALENDARS: &[[&str; 3]] = &[
    ["Northern League Fixtures", "northern-league", "Harriers v Rovers"],
    ["City Theatre Season", "city-theatre", "The Winter's Tale"],
    ["Open Air Concerts", "open-air-concerts", "Brass on the Square"],
];
/// Source, medium, campaign.
const CAMPAIGNS: &[[&str; 3]] = &[
    ["newsletter", "email", "spring"],
    ["social", "cpc", "derby-week"],
    ["partner", "referral", "members"],
    ["website", "banner", "spring"],
];
const METHODS: &[&str] = &["Webcal", "Google", "Microsoft"];

/// The values that one event is made of, all of them functions of its number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Maker {
    /// What makes ids differ from those of every other run.
    pub(super) run: u64,
    /// The first person: another one for each seed.
    pub(super) first: u64,
}

impl Maker {
    /// The id of the event of this number.
    pub(super) fn id(self, number: u64) -> String {
        uuid(self.run, number)
    }

    /// The event of this number: its body as the sender would post it.
    ///
    /// Eight numbers in a row belong to one subscription.
    pub(super) fn event(self, number: u64, event_type: EventType) -> Value {
        let who = self.who(number);
        let entry_id = entry_id(number, event_type);
        let details = match event_type {
            EventType::Subscribe | EventType::SubscriptionDetailsUpdated => json!({
                "subscription": merge(self.subscription(number), subscriber(who, life::is_back(number))),
            }),
            EventType::Unsubscribe => {
                json!({ "subscription": merge(self.subscription(number), leaving(who)) })
            }
            EventType::SubscriptionEventAdded => json!({
                "subscription": self.subscription(number),
                "subscriptionEvent": entry(who, &entry_id),
            }),
            EventType::SubscriptionEventUpdated => json!({ "subscriptionEvent": entry(who, &entry_id) }),
            EventType::SubscriptionEventRemoved => json!({
                "subscription": self.subscription(number),
                "subscriptionEvent": { "eventId": entry_id },
            }),
            EventType::SubscriptionEventDeleted => {
                json!({ "subscriptionEvent": { "eventId": entry_id } })
            }
            EventType::Test => json!({ "message": "This is a test event" }),
        };
        let account = json!({
            "actionType": "SubscriptionViaCalendarPage",
            "accountId": uuid(1, 0),
            "accountName": "Example Events",
            "accountCode": "example-events",
        });
        json!({
            "eventId": self.id(number),
            "eventType": event_type.as_str(),
            "eventDetails": merge(account, details),
        })
    }

    /// The person of an event.
    fn who(self, number: u64) -> u64 {
        number / life::EVENTS + self.first
    }

    fn subscription(self, number: u64) -> Value {
        let who = self.who(number);
        let [title, code, _] = pick(CALENDARS, who);
        json!({
            "calendarSubscriptionId": uuid(self.run ^ u64::MAX, number / 8),
            "calendarId": uuid(2, who % 3),
            "calendarTitle": title,
            "calendarCode": code,
            "subscriptionMethod": pick(METHODS, who),
        })
    }
}

fn subscriber(who: u64, again: bool) -> Value {
    let [source, medium, campaign] = pick(CAMPAIGNS, who / 2);
    let [windows, _, _, code, country, post_code] = pick(PLACES, who);
    let name = format!("{}.{}", pick(FIRST_NAMES, who), pick(LAST_NAMES, who / 10));
    json!({
        "calendarTags": [{ "tagId": uuid(3, who % 5), "tagText": format!("Team {}", who % 5) }],
        "timeZoneTag": { "windowsName": windows },
        "createdDateTimeUtc": life::subscribed_at(who, again),
        "emailAddress": format!("{name}+{who}@example.com"),
        "additionalOptIn": who.is_multiple_of(3),
        "isMarketingAllowed": who.is_multiple_of(2),
        "remoteIpAddress": format!("192.0.2.{}", who % 254 + 1),
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "referer": "https://www.example.com/fixtures",
        "enteredPostCode": post_code,
        "cableProvider": "Example Cable",
        "cableProviderLocation": country,
        "countryCode": code,
        "geoCountry": country,
        "deviceName": if who.is_multiple_of(4) { "Mobile" } else { "Desktop" },
        "utmSource": source,
        "utmMedium": medium,
        "utmCampaign": campaign,
        "utmContent": "banner_320x50",
        "source": "events.example.com",
    })
}

fn leaving(who: u64) -> Value {
    let [_, _, _, code, country, _] = pick(PLACES, who);
    json!({
        "removedDateTimeUtc": life::ended_at(who),
        "unsubscribeReasonText": "The season has come to an end",
        "remoteIpAddress": format!("192.0.2.{}", who % 254 + 1),
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "countryCode": code,
        "geoCountry": country,
        "deviceName": "Desktop",
    })
}

fn entry(who: u64, id: &str) -> Value {
    let [_, _, title] = pick(CALENDARS, who);
    let [windows, iana, utc, ..] = pick(PLACES, who);
    json!({
        "eventId": id,
        "title": title,
        "description": format!("{title}, doors open half an hour before"),
        "location": "Example Hall, 1 Example Square",
        "timezoneBclId": windows,
        "timezoneIanaId": iana,
        "startDateTime": "2026-06-09 20:00:00.000000",
        "startDateTimeUtc": format!("{utc}:00.000000"),
        "endDateTime": "2026-06-09 21:30:00.000000",
        "reminderMinutes": 60 * (who % 48 + 1),
        "createdDateTimeUtc": "2026-05-05 00:40:51.787000",
        "lastUpdatedDateTimeUtc": "2026-05-05 00:40:51.787000",
    })
}

/// A person has two entries: the second one is added in the later half of the events.
fn entry_id(number: u64, event_type: EventType) -> String {
    let is_added =
        matches!(event_type, EventType::SubscriptionEventAdded | EventType::SubscriptionEventUpdated);
    let is_second = is_added && number % life::EVENTS >= life::EVENTS / 2;
    (number / life::EVENTS % 450_000 * 2 + u64::from(is_second) + 100_000).to_string()
}

fn pick<T: Copy + Default>(list: &[T], number: u64) -> T {
    let length = u64::try_from(list.len()).unwrap_or(u64::MAX).max(1);
    usize::try_from(number % length).ok().and_then(|index| list.get(index)).copied().unwrap_or_default()
}

/// Looks like a random UUID (version 4), but says where it comes from.
fn uuid(high: u64, low: u64) -> String {
    let high = high & !0xF000 | 0x4000;
    let low = low & !(0b11 << 62) | (0b10 << 62);
    let digits = format!("{high:016x}{low:016x}");
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

fn merge(mut into: Value, from: Value) -> Value {
    if let (Value::Object(into), Value::Object(from)) = (&mut into, from) {
        into.extend(from);
    }
    into
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use jiff::{civil::DateTime, tz::TimeZone};
    use serde_json::Value;

    use super::{EventType, Maker, PLACES};

    const SAMPLES: [(EventType, &str); 7] = [
        (EventType::Subscribe, "subscribe"),
        (EventType::SubscriptionDetailsUpdated, "subscription-details-updated"),
        (EventType::SubscriptionEventAdded, "subscription-event-added"),
        (EventType::SubscriptionEventUpdated, "subscription-event-updated"),
        (EventType::SubscriptionEventRemoved, "subscription-event-removed"),
        (EventType::SubscriptionEventDeleted, "subscription-event-deleted"),
        (EventType::Unsubscribe, "unsubscribe"),
    ];

    /// Where each value stands, and of what kind it is.
    fn shape(value: &Value, at: &str) -> BTreeSet<String> {
        match value {
            Value::Object(members) => {
                members.iter().flat_map(|(key, value)| shape(value, &format!("{at}/{key}"))).collect()
            }
            Value::Array(items) => items.iter().flat_map(|item| shape(item, &format!("{at}/*"))).collect(),
            Value::String(_) => [format!("{at}: text")].into(),
            Value::Number(_) => [format!("{at}: number")].into(),
            Value::Bool(_) => [format!("{at}: true or false")].into(),
            Value::Null => [format!("{at}: null")].into(),
        }
    }

    #[test]
    fn every_event_has_the_shape_of_the_senders_sample() {
        for (event_type, name) in SAMPLES {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/samples");
            let sample = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
            // Some have commas behind the last member.
            let sample = serde_json::from_str(&sample.replace(",\n}", "\n}")).unwrap();
            assert_eq!(
                shape(&Maker { run: 7, first: 0 }.event(0, event_type), ""),
                shape(&sample, ""),
                "{name}"
            );
        }
    }

    #[test]
    fn an_entry_begins_when_it_is_eight_in_the_evening_where_its_subscriber_is() {
        for who in (0..).take(PLACES.len()) {
            let entry = super::entry(who, "1");
            let time = |key: &str| entry[key].as_str().unwrap().parse::<DateTime>().unwrap();
            let zone = TimeZone::get(entry["timezoneIanaId"].as_str().unwrap()).unwrap();
            let begins = zone.to_ambiguous_timestamp(time("startDateTime")).unambiguous().unwrap();
            assert_eq!(TimeZone::UTC.to_datetime(begins), time("startDateTimeUtc"), "{entry}");
        }
    }

    #[test]
    fn every_event_of_every_run_has_an_id_of_its_own() {
        let ids: HashSet<String> =
            (0..3).flat_map(|run| (0..1000).map(move |n| Maker { run: run << 16, first: 0 }.id(n))).collect();
        assert_eq!(ids.len(), 3000);
        assert!(ids.iter().all(|id| id.len() == 36), "{ids:?}");
    }

    #[test]
    fn nobody_real_is_in_the_events() {
        for (number, event_type) in (0..).zip(EventType::ALL).chain((100..).zip(EventType::ALL)) {
            let event = Maker { run: 7, first: 0 }.event(number, event_type);
            assert_eq!(event["eventType"], event_type.as_str());
            let text = event.to_string();
            let addresses = text.split('"').filter(|part| part.contains('@'));
            assert!(addresses.into_iter().all(|address| address.ends_with("@example.com")), "{text}");
        }
    }

    #[test]
    fn the_events_of_one_subscription_share_its_id() {
        let id = |number| {
            Maker { run: 7, first: 0 }.event(number, EventType::Subscribe)["eventDetails"]["subscription"]
                ["calendarSubscriptionId"]
                .clone()
        };
        assert_eq!(id(0), id(7));
        assert_ne!(id(7), id(8));
    }
}
