use kalends_sink_postgres::rebuild;
use serde_json::json;

use super::{apply, applying, statuses, whole};
use crate::{
    events::{DAY, Event, HOUR, MINUTE, START, subscribe, time, unsubscribe, update},
    servers,
    world::{Deliver, Made, World, streams},
};

fn after(events: &[Event]) -> String {
    let world = World::new(servers::old());
    apply(&world, events);
    statuses(&world)
}

/// The addresses that may be written to.
fn allowed(events: &[Event]) -> String {
    let world = World::new(servers::old());
    apply(&world, events);
    world.sql("SELECT lower(email_address) FROM rokt.marketing_allowed ORDER BY 1")
}

#[test]
fn a_subscribe_that_comes_after_its_unsubscribe_leaves_it_unsubscribed_with_its_details() {
    let removed = START + HOUR;
    let events = [
        unsubscribe("s", Some(removed), removed + MINUTE),
        subscribe("s", START, removed + 20 * MINUTE, "a@b.c", None),
    ];
    assert_eq!(after(&events), "s|unsubscribed|a@b.c");
}

#[test]
fn one_who_comes_back_is_subscribed_and_with_an_old_time_a_day_later_unclear() {
    let first =
        [subscribe("s", START, START, "a@b.c", None), unsubscribe("s", Some(START + HOUR), START + HOUR)];
    let back = |created: i64, received_at: i64| {
        let mut events = first.to_vec();
        events.push(subscribe("s", created, received_at, "a@b.c", None));
        after(&events)
    };
    assert_eq!(back(START + 2 * HOUR, START + 2 * HOUR), "s|subscribed|a@b.c");
    assert_eq!(back(START, START + 25 * HOUR), "s|unsubscribed|a@b.c", "a day after the removal, no more");
    assert_eq!(back(START, START + 25 * HOUR + MINUTE), "s|unclear|a@b.c");
    let mut gone_again = first.to_vec();
    gone_again.push(subscribe("s", START, START + 3 * DAY, "a@b.c", None));
    gone_again.push(unsubscribe("s", Some(START + 4 * DAY), START + 4 * DAY));
    assert_eq!(after(&gone_again), "s|unsubscribed|a@b.c");
}

#[test]
fn a_removal_counts_whatever_its_time() {
    let before = subscribe("s", START, START, "a@b.c", None);
    let year = |year: &str| {
        let removed = json!({ "removedDateTimeUtc": format!("{year}-06-01 00:00:00") });
        Event::new("Unsubscribe", "s", START + HOUR, &removed)
    };
    for removal in [unsubscribe("s", None, START + HOUR), year("0001"), year("9999")] {
        let world = World::new(servers::old());
        apply(&world, &[before.clone(), removal]);
        let query = "SELECT status, unsubscribed_at FROM rokt.subscriptions";
        assert_eq!(world.sql(query), "unsubscribed|2026-01-01 01:00:00+00");
    }
    // What the sender wrote stays in the row of the event.
    let world = World::new(servers::old());
    apply(&world, &[year("9999")]);
    assert_eq!(world.sql("SELECT removed_date_time_utc FROM rokt.unsubscribe"), "9999-06-01 00:00:00+00");
    assert_eq!(statuses(&world), "s|unsubscribed|", "nothing but a removal is known");
}

#[test]
fn a_dead_lettered_removal_counts_too() {
    let world = World::new(servers::old());
    let subscribed = subscribe("AB-1", START, START, "a@b.c", None);
    let refused = unsubscribe("AB-1", Some(START + HOUR), START + HOUR);
    let letters = [Made::new(&subscribed, 1), Made::condemned(&refused, 2, "Unsubscribe")];
    applying(&world).deliver(&letters).unwrap();
    assert_eq!(statuses(&world), "AB-1|unsubscribed|a@b.c");
    let other = World::new(servers::old());
    let letters = [Made::new(&subscribed, 1), Made::condemned(&refused, 2, "Subscribe")];
    applying(&other).deliver(&letters).unwrap();
    assert_eq!(statuses(&other), "AB-1|subscribed|a@b.c");
    // A body that was cut, so that nobody could read its type.
    let cut =
        br#"{"eventType":"Unsubscribe","eventDetails":{"subscription":{"calendarSubscriptionId":"AB-1","#;
    let cut = Event { body: cut.to_vec(), received_at: START + HOUR };
    applying(&other).deliver(&[Made::new(&cut, 3)]).unwrap();
    assert_eq!(other.sql("SELECT event_type IS NULL FROM rokt.dead_letter WHERE journal_position = 3"), "t");
    let kept = whole(&other);
    assert!(kept.contains("2026-01-01 01:00:00+00"), "{kept}");
    assert_eq!(statuses(&other), "AB-1|unsubscribed|a@b.c");
    let statement = rebuild(&other.settings(), &streams()).unwrap().unwrap();
    other.sql("TRUNCATE rokt.subscription_state");
    other.server.sql(&statement);
    assert_eq!(whole(&other), kept);
}

#[test]
fn an_update_alone_tells_no_status() {
    assert_eq!(after(&[update("s", START, "a@b.c", None)]), "s|unknown|a@b.c");
}

#[test]
fn ids_in_other_case_are_one_subscription_and_ids_too_long_are_none() {
    let id = "7AE10174-37fb-4448-8f61-2f86f167009e";
    let events = [
        subscribe(id, START, START, "a@b.c", None),
        unsubscribe(&id.to_uppercase(), Some(START + HOUR), START + HOUR),
        subscribe(&"x".repeat(201), START, START, "a@b.c", None),
        subscribe("", START, START, "a@b.c", None),
    ];
    assert_eq!(after(&events), format!("{}|unsubscribed|a@b.c", id.to_lowercase()));
}

#[test]
fn consent_that_was_withdrawn_before_a_late_subscribe_stays_withdrawn() {
    let events = [
        update("s", START + HOUR, "a@b.c", Some(false)),
        subscribe("s", START, START + HOUR + 10 * MINUTE, "a@b.c", Some(true)),
    ];
    assert_eq!(allowed(&events), "");
}

#[test]
fn marketing_needs_a_subscriber_whose_newest_details_allow_it() {
    let yes = |id: &str, at: i64, email: &str| subscribe(id, at, at, email, Some(true));
    assert_eq!(allowed(&[yes("s", START, "A@b.c")]), "a@b.c");
    assert_eq!(allowed(&[subscribe("s", START, START, "a@b.c", None)]), "", "null is no consent");
    assert_eq!(allowed(&[update("s", START, "a@b.c", Some(true))]), "", "nobody known as a subscriber");
    let gone = [yes("s", START, "a@b.c"), unsubscribe("s", Some(START + HOUR), START + HOUR)];
    assert_eq!(allowed(&gone), "");
    let opted =
        json!({ "createdDateTimeUtc": time(START), "emailAddress": "a@b.c", "additionalOptIn": true });
    assert_eq!(
        allowed(&[Event::new("Subscribe", "s", START, &opted)]),
        "",
        "an additional opt-in is another question"
    );
}

#[test]
fn of_two_subscriptions_of_one_address_the_newest_tells_and_a_denial_just_before_counts() {
    let no = |id: &str, at: i64| subscribe(id, at, at, "a@b.c", Some(false));
    let yes = |id: &str, at: i64| subscribe(id, at, at, "A@B.C", Some(true));
    assert_eq!(allowed(&[yes("s", START), no("t", START + HOUR)]), "");
    assert_eq!(allowed(&[no("s", START), yes("t", START + HOUR)]), "a@b.c");
    assert_eq!(allowed(&[no("s", START), yes("t", START + 29 * MINUTE)]), "");
    assert_eq!(allowed(&[no("s", START), yes("t", START + 30 * MINUTE)]), "a@b.c");
    assert_eq!(allowed(&[no("s", START), yes("s", START + 29 * MINUTE)]), "", "the same subscription too");
}

#[test]
fn what_says_nothing_new_writes_nothing() {
    let world = World::new(servers::old());
    let events = [subscribe("s", START, START, "a@b.c", None), unsubscribe("s", Some(START), START)];
    apply(&world, &events);
    let versions = || world.sql("SELECT xmin FROM rokt.subscription_state");
    let (before, rows) = (versions(), whole(&world));
    apply(&world, &events);
    assert_eq!((versions(), whole(&world)), (before, rows));
}
