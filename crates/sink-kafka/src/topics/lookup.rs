use std::time::{Duration, Instant};

use kalends_sink::Failure;
use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    metadata::MetadataTopic,
};

use crate::{
    Settings,
    client::Client,
    errors::{Class, classify, of_response},
};

/// Longest single wait, so that a wrong password is noticed early.
pub(crate) const STEP: Duration = Duration::from_secs(1);

/// Between two questions.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A cluster's answer about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The topic is there; each partition has at least so many copies.
    There { copies: usize },
    /// The topic is not there.
    Missing,
    /// We may not know.
    Forbidden,
}

/// Asks for a topic. Waits no longer than `timeout` for an answer.
pub(crate) fn look_up(
    settings: &Settings,
    consumer: &BaseConsumer<Client>,
    topic: &str,
    timeout: Duration,
) -> Result<Presence, Failure> {
    let began = Instant::now();
    loop {
        let error = match consumer.fetch_metadata(Some(topic), STEP.min(settings.request_timeout)) {
            Ok(metadata) => {
                match metadata.topics().first().map(|found| (found, found.error().map(of_response))) {
                    Some((found, None)) => return Ok(Presence::There { copies: copies(found) }),
                    Some((_, Some(Class::MissingTopic))) => return Ok(Presence::Missing),
                    Some((_, Some(Class::Refused))) => return Ok(Presence::Forbidden),
                    _ => KafkaError::NoMessageReceived,
                }
            }
            Err(error) => error,
        };
        // Serves what the client reports on the side. Not with a wait of zero: that ends at the first line of its log.
        while consumer.poll(POLL_INTERVAL).is_some() {}
        let last_error = consumer.context().last_error();
        if classify(&error) == Class::Refused || last_error.is_refusal() || began.elapsed() >= timeout {
            return Err(
                last_error.explain(&format!("asking {} for topic {topic:?}", settings.brokers), &error)
            );
        }
    }
}

fn copies(topic: &MetadataTopic) -> usize {
    topic.partitions().iter().map(|partition| partition.replicas().len()).min().unwrap_or_default()
}

/// Message about a topic that we may not know of.
pub(crate) fn forbidden(topic: &str) -> String {
    format!(
        "no right to topic {topic:?}, or no such name is allowed: grant this user Describe and Write on it"
    )
}
