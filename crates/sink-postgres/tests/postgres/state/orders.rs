use kalends_sink_postgres::rebuild;
use proptest::{prelude::*, test_runner::TestRunner};

use super::{
    applying,
    model::{Said, expected, said},
    statuses, whole,
};
use crate::{
    events::{MINUTE, START, subscribe, unsubscribe},
    servers,
    world::{Deliver, Made, World, streams},
};

fn run<S: Strategy>(strategy: &S, mut test: impl FnMut(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Clone,
{
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    };
    let seen = std::cell::RefCell::new(&mut test);
    TestRunner::new(config)
        .run(strategy, |value| (seen.borrow_mut())(value))
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Every row of the view with its times in microseconds.
fn told(world: &World) -> String {
    let micros = |time: &str| format!("(extract(epoch FROM {time}) * 1000000)::bigint");
    let times =
        ["subscribed_at", "unsubscribed_at", "marketing_denied_at", "details_at"].map(micros).join(", ");
    let order = "calendar_subscription_id COLLATE \"C\"";
    world.sql(&format!(
        "SELECT calendar_subscription_id, status, email_address, {times} FROM rokt.subscriptions ORDER BY {order}"
    ))
}

fn clear(world: &World) {
    world.sql("TRUNCATE rokt.subscription_state, rokt.subscribe, rokt.unsubscribe, rokt.subscription_details_updated, rokt.dead_letter");
}

/// Events, and orders in which to apply them, each in batches and with repetition.
fn worlds() -> impl Strategy<Value = (Vec<Said>, Vec<Vec<Vec<usize>>>)> {
    prop::collection::vec(said(), 1..14).prop_flat_map(|events| {
        let index = 0..events.len();
        let all: Vec<usize> = index.clone().collect();
        let order = (Just(all).prop_shuffle(), prop::collection::vec(index, 0..6), 1..5_usize).prop_map(
            |(mut order, again, size)| {
                order.extend(again);
                order.chunks(size).map(<[usize]>::to_vec).collect::<Vec<_>>()
            },
        );
        (Just(events), prop::collection::vec(order, 2))
    })
}

#[test]
fn any_order_of_applying_gives_the_state_of_the_model_and_so_does_the_rebuild() {
    let world = World::new(servers::old());
    let mut sink = applying(&world);
    let statement = rebuild(&world.settings(), &streams()).unwrap().unwrap();
    run(&worlds(), |(said, orders)| {
        let (rows, allowed) = expected(&said);
        let mut states = Vec::new();
        for order in orders {
            clear(&world);
            for batch in order {
                let records: Vec<Made> =
                    batch.iter().map(|index| said[*index].made(u64::try_from(*index).unwrap() + 1)).collect();
                sink.deliver(&records).unwrap();
            }
            let found = told(&world);
            prop_assert_eq!(found.lines().collect::<Vec<_>>(), sorted(&rows));
            let addresses = world.sql("SELECT lower(email_address) FROM rokt.marketing_allowed ORDER BY 1");
            prop_assert_eq!(addresses.lines().collect::<Vec<_>>(), allowed.clone());
            states.push(whole(&world));
        }
        world.sql("TRUNCATE rokt.subscription_state");
        world.sql(&statement);
        states.push(whole(&world));
        // Beside a state that is there, it changes nothing.
        world.sql(&statement);
        states.push(whole(&world));
        prop_assert!(states.windows(2).all(|pair| pair[0] == pair[1]), "{:#?}", states);
        Ok(())
    });
}

#[test]
fn any_order_of_arrival_gives_one_state_where_the_events_times_differ() {
    let world = World::new(servers::old());
    let mut sink = applying(&world);
    let events = prop::collection::vec((any::<bool>(), 0..3_usize, any::<bool>()), 1..8);
    let arrivals = events.prop_flat_map(|events| {
        let order: Vec<usize> = (0..events.len()).collect();
        (Just(events), Just(order.clone()).prop_shuffle(), Just(order).prop_shuffle())
    });
    run(&arrivals, |(events, one, other)| {
        let mut seen = Vec::new();
        for order in [one, other] {
            clear(&world);
            let records: Vec<Made> = (1..)
                .zip(&order)
                .map(|(position, index): (i64, &usize)| {
                    let (subscribes, id, allowed) = events[*index];
                    let id = ["a", "b", "c"][id];
                    let own = START + i64::try_from(*index).unwrap() * MINUTE;
                    let received_at = START + 20 * MINUTE + position;
                    let event = if subscribes {
                        subscribe(id, own, received_at, &format!("{index}@b.c"), Some(allowed))
                    } else {
                        unsubscribe(id, Some(own), received_at)
                    };
                    Made::new(&event, position.cast_unsigned())
                })
                .collect();
            sink.deliver(&records).unwrap();
            let allowed = world.sql("SELECT email_address FROM rokt.marketing_allowed ORDER BY 1");
            seen.push((statuses(&world), allowed));
        }
        prop_assert_eq!(&seen[0], &seen[1]);
        Ok(())
    });
}

fn sorted(rows: &[String]) -> Vec<&str> {
    let mut rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    rows.sort_unstable();
    rows
}
