//! The memory of a subscription, and the changes that an event makes to it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{event::Event, identity, identity::Identity};

/// The memory of a subscription.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Known {
    /// The person that the subscription belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identity: Option<Identity>,
    /// The latest time of a Subscribe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subscribed_at: Option<i64>,
    /// The latest time of a removal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) removed_at: Option<i64>,
    /// The values that it has in lists at the destination.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) lists: Lists,
}

/// Values in lists, by the lists' names.
pub(crate) type Lists = BTreeMap<String, BTreeSet<String>>;

impl Known {
    /// The same without who it belongs to and what was written for that person.
    pub(crate) fn without_person(self) -> Self {
        Self { identity: None, lists: Lists::new(), ..self }
    }

    /// Tells whether the subscription has ended, as far as is known.
    pub(crate) fn is_removed(&self) -> bool {
        self.removed_at.is_some() && self.removed_at >= self.subscribed_at
    }

    /// Tells whether an event speaks for a subscription that had ended after the event, which must not bring the subscription
    /// back.
    pub(crate) fn supersedes(&self, event: &Event) -> bool {
        match event.record.as_str() {
            "Subscribe" => self.removed_at >= Some(event.time),
            "SubscriptionDetailsUpdated" => {
                self.is_removed() && event.created.is_some() && self.removed_at >= event.created
            }
            _ => false,
        }
    }

    /// Takes in what an event says. In any order and however often, it comes to the same end.
    pub(crate) fn learn(&mut self, event: &Event, identify: &[String]) {
        let is_newest = match event.record.as_str() {
            "Subscribe" => {
                let is_newest = self.subscribed_at <= Some(event.time);
                self.subscribed_at = self.subscribed_at.max(Some(event.time));
                is_newest
            }
            "Unsubscribe" => {
                self.removed_at = self.removed_at.max(Some(event.time));
                true
            }
            _ => true,
        };
        let found = identity::find(identify, &event.fields);
        if found.is_some() && (is_newest || self.identity.is_none()) {
            self.identity = found;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::event::tests::event;

    fn of(record: &str, time: i64) -> Event {
        Event { time, created: Some(time), ..event(record, json!({ "email_address": "a@example.org" })) }
    }

    #[test]
    fn what_is_older_than_a_removal_does_not_bring_a_subscription_back() {
        let mut known = Known::default();
        assert!(!known.supersedes(&of("Subscribe", 5)));
        known.learn(&of("Unsubscribe", 7), &[]);
        for (record, time, superseded) in [
            ("Subscribe", 5, true),
            ("Subscribe", 7, true),
            ("Subscribe", 8, false),
            ("SubscriptionDetailsUpdated", 6, true),
            ("SubscriptionDetailsUpdated", 8, false),
            ("Unsubscribe", 1, false),
            ("SubscriptionEventAdded", 1, false),
        ] {
            assert_eq!(known.supersedes(&of(record, time)), superseded, "{record} at {time}");
        }
        known.learn(&of("Subscribe", 9), &[]);
        assert!(!known.is_removed() && !known.supersedes(&of("SubscriptionDetailsUpdated", 6)));
    }

    proptest! {
        #[test]
        fn times_come_to_the_same_end_in_any_order(
            events in prop::collection::vec((prop::sample::select(vec!["Subscribe", "Unsubscribe"]), 0..9_i64), 0..8),
        ) {
            let learn = |events: &mut dyn Iterator<Item = &(&str, i64)>| {
                let mut known = Known::default();
                events.for_each(|(record, time)| known.learn(&of(record, *time), &[]));
                known
            };
            let forth = learn(&mut events.iter());
            prop_assert_eq!(&forth, &learn(&mut events.iter().rev()));
            prop_assert_eq!(&forth, &learn(&mut events.iter().chain(&events)));
        }
    }
}
