//! One field of one record in one case: the body that is sent, and what must become of it.

use std::collections::BTreeSet;

use kalends_normalise::{Event, Outcome};
use serde_json::{Map, Value as Json, json};

use super::{
    field::{Kind, Place, TAG, place},
    rule::Rule,
};
use crate::{normalise, plan};

pub(super) struct Cell<'a> {
    pub(super) record: &'a str,
    pub(super) field: &'a str,
    pub(super) place: Place,
    pub(super) rule: &'a Rule,
    /// True if the rule speaks of other fields, too.
    pub(super) others_move: bool,
}

/// A value as it is sent, and as the field holds it.
type Pair = (String, Json);

impl Cell<'_> {
    /// Sends the body and holds that the record is as the rule says.
    pub(super) fn hold(&self) {
        let body = self.body(&self.spelled(&self.rule.sent));
        let at = format!("{}.{}, {}: {body}", self.record, self.field, self.rule.case);
        let event = match normalise(&body) {
            Outcome::Event(event) => event,
            Outcome::DeadLetter(letter) => {
                return assert_eq!(letter.reason.as_str(), self.rule.holds, "{at}");
            }
        };
        let plan = plan();
        assert_eq!(plan.records()[event.record].name, self.record, "{at}");
        let record = event.to_json();
        let held = self.held();
        assert_eq!(record[self.field], held, "{at}");
        if let Kind::WindowsZone(derived) = self.place.kind {
            assert_eq!(record[derived], iana(&held), "{derived} of {at}");
        }
        assert_eq!(extra(&record), self.extra(), "{at}");
        assert_eq!(quirks(&event), self.quirks(&held), "{at}");
        if !self.others_move {
            self.hold_others(&record, &at);
        }
    }

    /// Every other field is as in an event without the member.
    fn hold_others(&self, record: &Json, at: &str) {
        let (one, _) = self.values();
        let without =
            if self.is_envelope() { format!("\"{}\": {}", self.place.key, one.0) } else { String::new() };
        let Outcome::Event(without) = normalise(self.body(&without)) else { panic!("{at}") };
        let without = without.to_json();
        let derived = if let Kind::WindowsZone(derived) = self.place.kind { derived } else { "" };
        let own = [self.field, "extra_fields", "event_details", derived];
        for (name, value) in record.as_object().unwrap() {
            assert!(own.contains(&name.as_str()) || *value == without[name], "{name} of {at}");
        }
    }

    fn held(&self) -> Json {
        let (one, two) = self.values();
        let held = match self.rule.holds.as_str() {
            "ONE" => one.1,
            "TWO" => two.1,
            "unmoved" => {
                let Outcome::Event(event) = normalise(self.body("")) else { panic!("{}", self.field) };
                return event.to_json()[self.field].clone();
            }
            json => return serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}")),
        };
        if self.place.kind == Kind::Tag { json!([held]) } else { held }
    }

    fn extra(&self) -> Json {
        let members: Map<String, Json> =
            serde_json::from_str(&format!("{{{}}}", self.spelled(&self.rule.extra))).unwrap();
        // What lies in the details is kept there by a record that has them as a whole.
        if members.is_empty() || (self.has_details_whole() && !self.is_root()) {
            return Json::Null;
        }
        members.into_iter().map(|(key, value)| (format!("{}/{key}", self.place.parent), value)).collect()
    }

    fn quirks(&self, held: &Json) -> BTreeSet<String> {
        let mut quirks = self.rule.quirks.clone();
        let no_zone = match self.place.kind {
            Kind::LocalTime => !held.is_null(),
            Kind::WindowsZone(_) => !held.is_null() && iana(held).is_null(),
            _ => false,
        };
        if no_zone {
            let spelled = quirks.iter().find(|(quirk, _)| quirk == "key-case");
            let at = spelled.map_or("name", |(_, at)| at).to_owned();
            quirks.push(("unknown-zone".to_owned(), at));
        }
        let pointer = |at: &str| match at {
            "." => self.place.parent.to_owned(),
            at => format!("{}/{}", self.place.parent, self.keys(at)),
        };
        quirks.into_iter().map(|(quirk, at)| format!("{quirk} {}", pointer(&at))).collect()
    }

    /// Members with the words of the page replaced.
    fn spelled(&self, members: &str) -> String {
        let (one, two) = self.values();
        let swapped = |char: char| {
            if char.is_lowercase() { char.to_ascii_uppercase() } else { char.to_ascii_lowercase() }
        };
        let other_case: String = one.0.chars().map(swapped).collect();
        let values = [(": ONE", &one.0), (": TWO", &two.0), (": one", &other_case)];
        let members = values
            .into_iter()
            .fold(members.to_owned(), |text, (word, value)| text.replace(word, &format!(": {value}")));
        self.keys(&members)
    }

    /// A text with keys in place of the page's words for them.
    fn keys(&self, text: &str) -> String {
        let (key, second) = (self.place.key, self.place.second.unwrap_or_default());
        let upper = key.to_uppercase();
        let mixed = upper[..1].to_lowercase() + &upper[1..];
        let key_of = |word: &str| match word {
            "name" | "local" => key.to_owned(),
            "NAME" => upper.clone(),
            "nAME" => mixed.clone(),
            "member" => place(self.field).map(|place| place.key).unwrap_or_default().to_owned(),
            "second" => second.to_owned(),
            "SECOND" => second.to_uppercase(),
            other => other.to_owned(),
        };
        let ends = ['"', '/'];
        let pieces = text.split_inclusive(ends);
        pieces
            .map(|piece| key_of(piece.trim_end_matches(ends)) + &piece[piece.trim_end_matches(ends).len()..])
            .collect()
    }

    /// An event of the record's type with these members where the field stands.
    fn body(&self, members: &str) -> String {
        let event_type = self.event_type();
        let details = if self.is_root() { String::new() } else { self.details(members) };
        let details = join(&[&details, self.subscription_beside(&details)]);
        let root = if self.is_root() { members } else { "" };
        let unless =
            |kind: Kind, member: String| if self.place.kind == kind { String::new() } else { member };
        let envelope = [
            unless(Kind::EventId, "\"eventId\": \"e-1\"".to_owned()),
            unless(Kind::EventType, format!("\"eventType\": \"{event_type}\"")),
            unless(Kind::Details, format!("\"eventDetails\": {{{details}}}")),
        ];
        format!("{{{}}}", join(&[root, &envelope[0], &envelope[1], &envelope[2]]))
    }

    /// What tells a removed entry from a deleted one, which has no subscription.
    fn subscription_beside(&self, details: &str) -> &'static str {
        match (self.record, self.field) {
            ("SubscriptionEventRemoved", "calendar_subscription_id")
                if details.contains("\"subscription\"") =>
            {
                ""
            }
            ("SubscriptionEventRemoved", "calendar_subscription_id") => "\"subscription\": {}",
            ("SubscriptionEventRemoved", _) => "\"calendarSubscriptionId\": \"s-1\"",
            _ => "",
        }
    }

    fn details(&self, members: &str) -> String {
        let members = if self.place.parent == TAG {
            let sibling = if self.place.key == "tagId" { "tagText" } else { "tagId" };
            format!("[{{{}}}]", join(&[members, &format!("\"{sibling}\": \"sibling\"")]))
        } else {
            format!("{{{members}}}")
        };
        let parents = self.place.parent.rsplit('/').filter(|key| !["0", "eventDetails", ""].contains(key));
        let object = parents.fold(members, |inner, key| format!("{{\"{key}\": {inner}}}"));
        object[1..object.len() - 1].to_owned()
    }

    fn event_type(&self) -> &str {
        if self.record == "UnknownEvent" { "SubscriptionPaused" } else { self.record }
    }

    fn values(&self) -> (Pair, Pair) {
        let same = |json: Json| (json.to_string(), json);
        let text = |sent: &str, held: &str| (format!("\"{sent}\""), json!(held));
        match self.place.kind {
            Kind::Text | Kind::Tag | Kind::EventId | Kind::Elsewhere => {
                (same(json!("one Ω")), same(json!("two \"\\\n")))
            }
            Kind::WindowsZone(_) => {
                (same(json!("Eastern Standard Time")), same(json!("Central Standard Time")))
            }
            Kind::Truth => (same(json!(true)), same(json!(false))),
            Kind::Whole => (same(json!(2_880)), same(json!(15))),
            Kind::Instant => (
                text("2017-03-15 03:48:24.822495", "2017-03-15T03:48:24.822Z"),
                text("2020-05-06 01:18:49.755190", "2020-05-06T01:18:49.755Z"),
            ),
            Kind::LocalTime => (
                text("2020-05-09 20:00:00.000000", "2020-05-09T20:00:00"),
                text("2020-05-09T21:30:00.25", "2020-05-09T21:30:00.25"),
            ),
            Kind::EventType => (same(json!(self.event_type())), same(json!("NobodysType"))),
            Kind::Details => {
                (("{\"x\": 1.0}".to_owned(), json!("{\"x\": 1.0}")), ("{ }".to_owned(), json!("{ }")))
            }
        }
    }

    fn is_root(&self) -> bool {
        self.place.parent.is_empty()
    }

    fn is_envelope(&self) -> bool {
        matches!(self.place.kind, Kind::EventId | Kind::EventType | Kind::Details)
    }

    fn has_details_whole(&self) -> bool {
        matches!(self.record, "Test" | "UnknownEvent")
    }
}

fn join(members: &[&str]) -> String {
    members.iter().copied().filter(|member| !member.is_empty()).collect::<Vec<_>>().join(", ")
}

fn iana(windows: &Json) -> Json {
    match windows.as_str() {
        Some("Eastern Standard Time") => json!("America/New_York"),
        Some("Central Standard Time") => json!("America/Chicago"),
        _ => Json::Null,
    }
}

fn extra(record: &Json) -> Json {
    record["extra_fields"].as_str().map_or(Json::Null, |text| serde_json::from_str(text).unwrap())
}

fn quirks(event: &Event) -> BTreeSet<String> {
    event.quirks.iter().map(|seen| format!("{} {}", seen.quirk.as_str(), seen.pointer)).collect()
}
