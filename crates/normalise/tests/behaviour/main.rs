//! Promises of the normaliser, seen from outside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that meets what it does not expect should stop there"
)]

mod dead_letters;
mod documented;
mod fingerprints;
mod fixtures;
mod matrix;
mod nothing_lost;
mod oracle;
mod order;
mod reference;
mod released;
mod schemas;
mod strictness;
mod written;

use std::sync::{Arc, LazyLock};

use kalends_normalise::{Event, Meta, Normaliser, Outcome, Plan, TimeUnit};

const META: Meta<'static> = Meta {
    endpoint: "main",
    received_at: 1_588_727_930_120_999,
    journal_id: "000102030405060708090a0b0c0d0eff",
    shard: 0,
    position: 42,
};

static MILLIS: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::builtin(TimeUnit::Millis).unwrap()));
static MICROS: LazyLock<Arc<Plan>> = LazyLock::new(|| Arc::new(Plan::builtin(TimeUnit::Micros).unwrap()));

fn plan() -> Arc<Plan> {
    Arc::clone(&MILLIS)
}

fn plan_in(unit: TimeUnit) -> Arc<Plan> {
    Arc::clone(match unit {
        TimeUnit::Millis => &MILLIS,
        TimeUnit::Micros => &MICROS,
    })
}

fn normalise(body: impl AsRef<[u8]>) -> Outcome {
    let mut normaliser = Normaliser::new(plan());
    let outcome = normaliser.normalise(body.as_ref(), &META);
    let fingerprint = match &outcome {
        Outcome::Event(event) => event.fingerprint,
        Outcome::DeadLetter(_) => None,
    };
    assert_eq!(
        normaliser.fingerprint(body.as_ref(), META.endpoint),
        fingerprint,
        "alone, and with the event"
    );
    let again = normaliser.normalise_again(body.as_ref(), &META);
    assert_eq!(said(&again), said(&outcome), "read again");
    outcome
}

/// All of an outcome but its fingerprint and its quirks.
fn said(outcome: &Outcome) -> Result<(usize, [&str; 3], &[u8]), String> {
    match outcome {
        Outcome::Event(event) => {
            Ok((event.record, [event.event_id(), event.event_type(), event.key()], event.datum()))
        }
        Outcome::DeadLetter(letter) => Err(format!("{letter:?}")),
    }
}

fn event(body: impl AsRef<[u8]>) -> Event {
    match normalise(body) {
        Outcome::Event(event) => event,
        Outcome::DeadLetter(letter) => panic!("{letter:?}"),
    }
}
