//! The broker dies, between transactions and within them.

use std::{thread, time::Duration};

use kalends_sink::{Failure, Sink as _};
use kalends_sink_kafka::KafkaSink;
use kalends_tests::kafka::Broker;

use crate::fixture::{Fixture, record, sink};

const LAST: u64 = 400;
const BATCH: u64 = 20;

/// Delivers the positions behind `after` up to `last`, as delivery would, and commits them.
fn deliver(fixture: &Fixture<'_>, sink: &mut KafkaSink, after: u64, last: u64) -> Result<(), Failure> {
    write(sink, after, last)?;
    sink.commit(fixture.checkpoint(last))
}

fn write(sink: &mut KafkaSink, after: u64, last: u64) -> Result<(), Failure> {
    let datums: Vec<_> = (after + 1..=last).map(|position| (position, position.to_string())).collect();
    let records: Vec<_> = datums.iter().map(|(position, datum)| record(*position, 0, "k", datum)).collect();
    sink.write(&records)
}

fn reconnect(fixture: &Fixture<'_>, sink: &mut KafkaSink) -> u64 {
    fixture.connect(sink).map_or(0, |checkpoint| checkpoint.position)
}

#[test]
fn nothing_is_lost_or_doubled_when_the_broker_is_killed_between_and_during_transactions() {
    let Some(broker) = Broker::start("kafka-outages").unwrap() else { return };
    let fixture = Fixture::new(&broker, "outages");
    let mut settings = fixture.settings();
    settings.request_timeout = Duration::from_secs(3);
    let mut sink = sink(settings);
    let mut position = reconnect(&fixture, &mut sink);

    position = between_transactions(&fixture, &mut sink, position);
    position = before_the_commit(&fixture, &mut sink, position);
    thread::scope(|scope| {
        scope.spawn(|| {
            broker.kill().unwrap();
            broker.restart().unwrap();
        });
        while position < LAST {
            let next = (position + BATCH).min(LAST);
            position = match deliver(&fixture, &mut sink, position, next) {
                Ok(()) => next,
                Err(Failure::Retry { .. }) => reconnect(&fixture, &mut sink),
                Err(other) => panic!("{other:?}"),
            };
        }
    });

    let expected: Vec<_> = (1..=LAST).map(|position| position.to_string()).collect();
    assert_eq!(fixture.datums(0), expected);
    assert_eq!(reconnect(&fixture, &mut fixture.sink()), LAST);
}

fn between_transactions(fixture: &Fixture<'_>, sink: &mut KafkaSink, position: u64) -> u64 {
    let next = position + BATCH;
    deliver(fixture, sink, position, next).unwrap();
    // The cluster confirms a commit before it writes the markers: the broker may die between the two.
    fixture.broker.kill().unwrap();
    fixture.broker.restart().unwrap();
    next
}

fn before_the_commit(fixture: &Fixture<'_>, sink: &mut KafkaSink, position: u64) -> u64 {
    let next = position + BATCH;
    // The connection that the restart before this cut off is found out by whichever comes first.
    let written = write(sink, position, next);
    fixture.broker.kill().unwrap();
    let committed = written.and_then(|()| sink.commit(fixture.checkpoint(next)));
    assert!(matches!(committed, Err(Failure::Retry { .. })), "{committed:?}");
    fixture.broker.restart().unwrap();
    assert_eq!(reconnect(fixture, sink), position);
    position
}
