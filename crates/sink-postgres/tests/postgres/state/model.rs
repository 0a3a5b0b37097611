//! What the state should be, said once more and as simply as can be: from all events at once, without joins.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use crate::{
    events::{DAY, Event, HOUR, MINUTE, START, time},
    world::Made,
};

/// The year 2000 in microseconds since the Unix epoch.
const EARLIEST: i64 = 946_684_800_000_000;

/// A removal that became a dead letter.
const LOST: &str = "Lost";

/// An event as the model knows it.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) kind: &'static str,
    pub(crate) id: &'static str,
    pub(crate) email: &'static str,
    pub(crate) allowed: Option<bool>,
    /// Created, or removed.
    pub(crate) first: Option<i64>,
    /// Confirmed.
    pub(crate) second: Option<i64>,
    pub(crate) received_at: i64,
}

impl Said {
    pub(crate) fn event(&self) -> Event {
        let is_removal = self.is_removal();
        let kind = if is_removal { "Unsubscribe" } else { self.kind };
        let name = if is_removal { "removedDateTimeUtc" } else { "createdDateTimeUtc" };
        let fields = json!({
            name: self.first.map(time),
            "confirmationDateTimeUtc": self.second.map(time),
            "emailAddress": self.email,
            "isMarketingAllowed": self.allowed,
        });
        Event::new(kind, self.id, self.received_at, &fields)
    }

    /// Its record at this position.
    pub(crate) fn made(&self, position: u64) -> Made {
        if self.kind == LOST {
            return Made::condemned(&self.event(), position, "unsubscribe");
        }
        Made::new(&self.event(), position)
    }

    fn is_removal(&self) -> bool {
        [LOST, "Unsubscribe"].contains(&self.kind)
    }

    fn trusted(&self, time: Option<i64>) -> Option<i64> {
        let time = time?;
        let fits = time >= EARLIEST && time <= self.received_at + DAY;
        Some(if fits { time } else { self.received_at })
    }

    fn at(&self) -> i64 {
        let latest = match self.kind {
            "Subscribe" => self.trusted(self.first).max(self.trusted(self.second)),
            "Unsubscribe" => self.trusted(self.first),
            LOST => None,
            _ => Some(self.received_at.max(self.trusted(self.first).unwrap_or(i64::MIN))),
        };
        latest.unwrap_or(self.received_at)
    }
}

/// Rows of the view `subscriptions` as `id|status|address` and four times, and those of `marketing_allowed` as addresses.
pub(crate) fn expected(said: &[Said]) -> (Vec<String>, Vec<String>) {
    let mut by_id: BTreeMap<String, Vec<(usize, &Said)>> = BTreeMap::new();
    for (position, event) in said.iter().enumerate() {
        let id = if event.id.len() == 36 { event.id.to_lowercase() } else { event.id.to_owned() };
        by_id.entry(id).or_default().push((position, event));
    }
    let newest = |events: &[(usize, &Said)]| {
        let details = events.iter().filter(|(_, event)| !event.is_removal());
        details
            .max_by_key(|(position, event)| (event.at(), event.kind != "Subscribe", *position))
            .map(|(_, event)| (*event).clone())
    };
    let (mut rows, mut people) = (Vec::new(), BTreeMap::<String, Vec<(Vec<(usize, &Said)>, bool)>>::new());
    for (id, events) in by_id {
        let of = |kind: &str| {
            events.iter().filter(|(_, event)| event.kind == kind).map(|(_, event)| *event).collect::<Vec<_>>()
        };
        let (came, went) = (of("Subscribe"), [of("Unsubscribe"), of(LOST)].concat());
        let (subscribed, unsubscribed) =
            (came.iter().map(|e| e.at()).max(), went.iter().map(|e| e.at()).max());
        let received = came.iter().map(|event| event.received_at).max();
        let status = match (subscribed, unsubscribed) {
            (None, None) => "unknown",
            (Some(_), None) => "subscribed",
            (Some(came), Some(went)) if went < came => "subscribed",
            (_, Some(went)) if received.is_some_and(|received| received > went + DAY) => "unclear",
            _ => "unsubscribed",
        };
        let details = newest(&events);
        let email = details.as_ref().map_or("", |details| details.email);
        let denied = events.iter().filter(|(_, event)| !event.is_removal() && event.allowed != Some(true));
        let denied = denied.map(|(_, event)| event.at()).max();
        let times = [subscribed, unsubscribed, denied, details.as_ref().map(Said::at)];
        let times = times.map(|time| time.map_or_else(|| "|".into(), |time| format!("|{time}")));
        rows.push(format!("{id}|{status}|{email}{}", times.concat()));
        if details.is_some() {
            people.entry(email.to_lowercase()).or_default().push((events, status == "subscribed"));
        }
    }
    let allowed = people.into_iter().filter(|(_, subscriptions)| {
        let all: Vec<_> = subscriptions
            .iter()
            .filter_map(|(events, _)| {
                let details = events.iter().filter(|(_, event)| !event.is_removal());
                details.max_by_key(|(position, event)| (event.at(), event.kind != "Subscribe", *position))
            })
            .collect();
        let Some((_, newest)) = all
            .into_iter()
            .max_by_key(|(position, event)| (event.at(), event.kind != "Subscribe", *position))
        else {
            return false;
        };
        let denies = |event: &Said| {
            !event.is_removal() && event.allowed != Some(true) && event.at() > newest.at() - 30 * MINUTE
        };
        let has_denial =
            subscriptions.iter().any(|(events, _)| events.iter().any(|(_, event)| denies(event)));
        newest.allowed == Some(true) && !has_denial && subscriptions.iter().any(|(_, subscribed)| *subscribed)
    });
    (rows, allowed.map(|(email, _)| email).collect())
}

const IDS: [&str; 4] =
    ["7ae10174-37fb-4448-8f61-2f86f167009e", "7AE10174-37FB-4448-8F61-2F86F167009E", "one", "One"];

/// Events that meet each other: few ids and addresses, times that are equal, missing or impossible.
pub(crate) fn said() -> impl Strategy<Value = Said> {
    let time = prop_oneof![
        6 => (0..12_i64).prop_map(|step| Some(START + step * 10 * MINUTE)),
        1 => Just(None),
        1 => Just(Some(EARLIEST - 1)),
        1 => Just(Some(START + 3000 * DAY)),
        1 => (0..3_i64).prop_map(|days| Some(START + days * DAY)),
    ];
    (
        prop::sample::select(vec![
            "Subscribe",
            "Subscribe",
            "Unsubscribe",
            LOST,
            "SubscriptionDetailsUpdated",
        ]),
        prop::sample::select(IDS.to_vec()),
        prop::sample::select(vec!["a@b.c", "A@b.c", "d@e.f"]),
        prop::option::weighted(0.8, any::<bool>()),
        time.clone(),
        prop_oneof![2 => Just(None), 1 => time],
        prop_oneof![
            (0..12_i64).prop_map(|step| START + step * 10 * MINUTE),
            (0..72_i64).prop_map(|hour| START + hour * HOUR)
        ],
    )
        .prop_map(|(kind, id, email, allowed, first, second, received_at)| Said {
            kind,
            id,
            email,
            allowed,
            first,
            second,
            received_at,
        })
}
