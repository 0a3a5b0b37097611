//! Clusters that can't be reached. What is tested ends at all: waiting out the request timeout would take an hour.

use std::{
    net::{Ipv4Addr, TcpListener},
    time::Duration,
};

use kalends_sink::{Failure, JournalId, Sink as _};

use crate::{KafkaSink, Metrics, Settings};

fn first_failure(brokers: &str) -> Failure {
    let mut settings = Settings::new("kafka", brokers);
    settings.request_timeout = Duration::from_hours(1);
    let mut sink = KafkaSink::new(settings, Metrics::default()).unwrap();
    sink.connect(JournalId::new([1; 16]), &[]).unwrap_err()
}

#[test]
fn the_first_attempt_tells_soon_why_a_broker_can_not_be_reached() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let brokers = format!("127.0.0.1:{port}");
    let failure = first_failure(&brokers);
    let Failure::Retry { message } = failure else { panic!("{failure:?}") };
    assert!(message.contains(&brokers) && message.contains("Connection refused"), "{message}");
}

#[test]
fn the_first_attempt_tells_soon_that_a_broker_does_not_answer() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let brokers = silent.local_addr().unwrap().to_string();
    let failure = first_failure(&brokers);
    let Failure::Retry { message } = failure else { panic!("{failure:?}") };
    assert!(message.contains(&brokers), "{message}");
}
