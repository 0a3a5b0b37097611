//! Lives of made-up people: their events, and the time of each.

use super::EventType;

/// Number of events of one person's life.
pub(super) const EVENTS: u64 = 8;

/// Of eight people one has every type of event, two leave, one leaves and comes back, and the others stay.
const LIVES: [[EventType; 8]; 8] = [EventType::ALL, STAYS, STAYS, COMES_BACK, STAYS, STAYS, LEAVES, STAYS];

/// The one of eight people who comes back.
const BACK: u64 = 3;

const STAYS: [EventType; 8] = [
    EventType::Subscribe,
    EventType::SubscriptionDetailsUpdated,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
    EventType::SubscriptionEventRemoved,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
    EventType::SubscriptionEventDeleted,
];

const LEAVES: [EventType; 8] = [
    EventType::Subscribe,
    EventType::SubscriptionDetailsUpdated,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
    EventType::SubscriptionEventRemoved,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
    EventType::Unsubscribe,
];

const COMES_BACK: [EventType; 8] = [
    EventType::Subscribe,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
    EventType::Unsubscribe,
    EventType::Subscribe,
    EventType::SubscriptionDetailsUpdated,
    EventType::SubscriptionEventAdded,
    EventType::SubscriptionEventUpdated,
];

/// The type of the event of this number, where nobody asked for certain types.
pub(super) fn event_type(number: u64) -> EventType {
    let place = |number: u64| usize::try_from(number % EVENTS).unwrap_or_default();
    let life = LIVES.get(place(number / EVENTS)).unwrap_or(&EventType::ALL);
    life.get(place(number)).copied().unwrap_or(EventType::Test)
}

/// Returns whether the person of this event has come back by then.
pub(super) fn is_back(number: u64) -> bool {
    number / EVENTS % EVENTS == BACK && number % EVENTS >= EVENTS / 2
}

/// The day of 2026 and the time at which a person subscribes, for the first time or again: 12 weeks from March on.
pub(super) fn subscribed_at(who: u64, again: bool) -> String {
    moment(day(who) + if again { 35 } else { 0 }, who)
}

/// The time at which a person ends the subscription.
pub(super) fn ended_at(who: u64) -> String {
    moment(day(who) + 3 + who % 20, who + 5)
}

fn day(who: u64) -> u64 {
    who * 11 % 84
}

/// A time on a day counted from the first of March, in months of four weeks.
fn moment(day: u64, who: u64) -> String {
    let (month, day) = (3 + day / 28, 1 + day % 28);
    format!("2026-{month:02}-{day:02} {:02}:{:02}:24.822495", 7 + who * 5 % 16, who * 13 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types_of(who: u64) -> Vec<EventType> {
        (who * EVENTS..(who + 1) * EVENTS).map(event_type).collect()
    }

    #[test]
    fn of_eight_people_one_has_every_type_and_most_stay() {
        assert_eq!(types_of(0), EventType::ALL);
        let leaves = |who: &u64| types_of(*who).contains(&EventType::Unsubscribe);
        assert_eq!((0..8).filter(leaves).collect::<Vec<_>>(), [0, 3, 6]);
        let of_the_one_who_is_back: Vec<_> = types_of(BACK);
        let end = of_the_one_who_is_back.iter().position(|one| *one == EventType::Unsubscribe).unwrap();
        assert!(of_the_one_who_is_back[end..].contains(&EventType::Subscribe));
        assert!((0..8).all(|who| types_of(who)[0] == EventType::Subscribe));
    }

    #[test]
    fn people_subscribe_on_many_days_and_end_later() {
        let days: std::collections::BTreeSet<String> =
            (0..84).map(|who| subscribed_at(who, false)[..10].to_owned()).collect();
        assert_eq!(days.len(), 84);
        for who in 0..1_000 {
            assert!(subscribed_at(who, false) < ended_at(who), "{who}");
            assert!(ended_at(who) < subscribed_at(who, true), "{who}");
        }
    }
}
