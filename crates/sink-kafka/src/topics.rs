use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_sink::{Failure, Stream};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::RDKafkaErrorCode as Code,
};

use crate::{
    Settings,
    client::{Client, block_on},
    config,
    errors::{Class, advise, classify, of_code, with_hint},
};

mod limits;
mod lookup;

pub(crate) use limits::{Limits, checkpoint_fault, limits};
use lookup::{POLL_INTERVAL, STEP};
pub(crate) use lookup::{Presence, forbidden, look_up};

/// Settings that a compacted topic of few keys needs to stay small: short segments that are cleaned soon.
const CHECKPOINT_TOPIC: [(&str, &str); 3] =
    [("cleanup.policy", "compact"), ("segment.bytes", "16777216"), ("min.cleanable.dirty.ratio", "0.1")];

/// Real creation of topics, or a rehearsal that finds out what the cluster would say to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Creation {
    Real,
    Rehearsed,
}

/// The checkpoint topic and the topics of all streams, each once.
pub(crate) fn all<'a>(settings: &'a Settings, streams: &'a [Stream]) -> Result<Vec<&'a str>, Failure> {
    let mut topics: Vec<&str> = streams.iter().map(|stream| &*stream.topic).collect();
    topics.sort_unstable();
    topics.dedup();
    if topics.contains(&settings.checkpoint_topic.as_str()) {
        let name = &settings.checkpoint_topic;
        return Err(Failure::hold(format!(
            "{name:?} is the checkpoint topic and can't hold records: rename one"
        )));
    }
    topics.push(&settings.checkpoint_topic);
    Ok(topics)
}

/// Sees to it that the checkpoint topic and the topics of all streams are there. Waits no longer than `timeout` for an answer
/// about each.
pub(crate) fn ensure(
    settings: &Settings,
    consumer: &BaseConsumer<Client>,
    streams: &[Stream],
    timeout: Duration,
) -> Result<(), Failure> {
    let (mut missing, mut hidden) = (Vec::new(), Vec::new());
    for topic in all(settings, streams)? {
        match look_up(settings, consumer, topic, timeout)? {
            Presence::There { .. } => {}
            Presence::Missing => missing.push(topic),
            Presence::Forbidden => hidden.push(forbidden(topic)),
        }
    }
    if !hidden.is_empty() {
        return Err(Failure::hold(hidden.join("; ")));
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !settings.create_topics {
        return Err(Failure::hold(absent(settings, &missing)));
    }
    let refused = create(settings, consumer, &missing, Creation::Real)?;
    if let Some((_, code)) = refused.iter().find(|(_, code)| of_code(*code) != Class::Refused) {
        return Err(Failure::retry(format!("creating topics: {code}")));
    }
    if !refused.is_empty() {
        return Err(Failure::hold(uncreatable(settings, &refused).join("; ")));
    }
    tracing::info!(sink = settings.name, topics = ?missing, "created topics");
    missing.iter().try_for_each(|topic| wait_for(settings, consumer, topic))
}

/// Creates topics, or rehearses it. Returns those that the cluster refused, and why.
pub(crate) fn create(
    settings: &Settings,
    consumer: &BaseConsumer<Client>,
    missing: &[&str],
    creation: Creation,
) -> Result<Vec<(String, Code)>, Failure> {
    let client = Client::clone(consumer.context());
    let admin = AdminClient::from_config_and_context(&config::admin(settings), client)
        .map_err(|error| consumer.context().last_error().explain("creating topics", &error))?;
    let retention = settings.retention.map(|retention| retention.as_millis().to_string());
    let topics: Vec<NewTopic<'_>> =
        missing.iter().map(|topic| new_topic(settings, topic, retention.as_deref())).collect();
    let options = AdminOptions::new()
        .request_timeout(Some(settings.request_timeout))
        .operation_timeout(Some(settings.request_timeout))
        .validate_only(creation == Creation::Rehearsed);
    let results = block_on(admin.create_topics(&topics, &options), settings.request_timeout + STEP)
        .ok_or_else(|| consumer.context().last_error().no_answer("creating topics"))?
        .map_err(|error| match classify(&error) {
            Class::Refused => {
                Failure::hold(format!("{}; creating failed: {}", absent(settings, missing), advise(&error)))
            }
            _ => consumer.context().last_error().explain("creating topics", &error),
        })?;
    let refused = results.into_iter().filter_map(Result::err);
    Ok(refused.filter(|(_, code)| of_code(*code) != Class::AlreadyExists).collect())
}

/// Messages about topics that the cluster refuses to create: one a reason.
pub(crate) fn uncreatable(settings: &Settings, refused: &[(String, Code)]) -> Vec<String> {
    let mut reasons: Vec<(Code, Vec<&str>)> = Vec::new();
    for (topic, code) in refused {
        match reasons.iter_mut().find(|(known, _)| known == code) {
            Some((_, topics)) => topics.push(topic),
            None => reasons.push((*code, vec![topic])),
        }
    }
    let message = |(code, topics): (Code, Vec<&str>)| {
        let failed = with_hint(format!("creating failed: {code}"), Some(code));
        format!("{}; {failed}", absent(settings, &topics))
    };
    reasons.into_iter().map(message).collect()
}

/// The answer to a creation comes before every broker knows of it.
fn wait_for(settings: &Settings, consumer: &BaseConsumer<Client>, topic: &str) -> Result<(), Failure> {
    let began = Instant::now();
    while look_up(settings, consumer, topic, settings.request_timeout)? == Presence::Missing {
        if began.elapsed() >= settings.request_timeout {
            return Err(Failure::retry(format!("topic {topic:?} was created and isn't to be seen yet")));
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}

fn new_topic<'a>(settings: &Settings, topic: &'a str, retention: Option<&'a str>) -> NewTopic<'a> {
    // -1 asks for the broker's default.
    let partitions = settings.partitions.and_then(|count| i32::try_from(count).ok()).unwrap_or(-1);
    let replication = TopicReplication::Fixed(settings.replication.map_or(-1, i32::from));
    if topic == settings.checkpoint_topic {
        let topic = NewTopic::new(topic, 1, replication);
        return CHECKPOINT_TOPIC.iter().fold(topic, |topic, (key, value)| topic.set(key, value));
    }
    let topic = NewTopic::new(topic, partitions, replication);
    match retention {
        None => topic,
        Some(millis) => topic.set("retention.ms", millis),
    }
}

/// Message about topics that are missing.
pub(crate) fn absent(settings: &Settings, missing: &[&str]) -> String {
    let commands = missing.iter().map(|topic| {
        let more = if *topic == settings.checkpoint_topic {
            " --partitions 1 --config cleanup.policy=compact"
        } else {
            ""
        };
        format!("kafka-topics.sh --bootstrap-server {} --create --topic {topic}{more}", settings.brokers)
    });
    let names = missing.join(", ");
    let commands = commands.collect::<Vec<_>>().join("; ");
    let first = if settings.create_topics { "Create" } else { "Set `create_topics: true`, or create" };
    format!("no such topic: {names}. {first} it: {commands}")
}
