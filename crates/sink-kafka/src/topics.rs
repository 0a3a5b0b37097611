use std::{
    thread,
    time::{Duration, Instant},
};

use kalends_sink::{Failure, Stream};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    config::FromClientConfigAndContext,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use crate::{
    Settings,
    block_on::block_on,
    client::Client,
    error_class::{Class, classify, of_code, of_response},
    properties,
};

/// Longest single wait, so that a wrong password is noticed early.
const STEP: Duration = Duration::from_secs(1);

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(20);

/// What a compacted topic of few keys needs to stay small: short segments that are cleaned soon.
const CHECKPOINT_TOPIC: [(&str, &str); 3] =
    [("cleanup.policy", "compact"), ("segment.bytes", "16777216"), ("min.cleanable.dirty.ratio", "0.1")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    There,
    Missing,
}

/// Sees to it that the checkpoint topic and the topics of all streams are there. Waits no longer than `patience` for an answer
/// about each.
pub(crate) fn ensure(
    settings: &Settings,
    consumer: &BaseConsumer<Client>,
    streams: &[Stream],
    patience: Duration,
) -> Result<(), Failure> {
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
    let mut missing = Vec::new();
    for topic in topics {
        if look_up(settings, consumer, topic, patience)? == Presence::Missing {
            missing.push(topic);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    if !settings.create_topics {
        return Err(Failure::hold(absent(settings, &missing)));
    }
    create(settings, consumer, &missing)?;
    missing.iter().try_for_each(|topic| wait_for(settings, consumer, topic))
}

fn look_up(
    settings: &Settings,
    consumer: &BaseConsumer<Client>,
    topic: &str,
    patience: Duration,
) -> Result<Presence, Failure> {
    let began = Instant::now();
    loop {
        let error = match consumer.fetch_metadata(Some(topic), STEP.min(settings.request_timeout)) {
            Ok(metadata) => match metadata.topics().first().map(|found| found.error().map(of_response)) {
                Some(None) => return Ok(Presence::There),
                Some(Some(Class::MissingTopic)) => return Ok(Presence::Missing),
                Some(Some(Class::Refused)) => {
                    return Err(Failure::hold(format!(
                        "no right to topic {topic:?}, or no such name is allowed: grant Describe and Write"
                    )));
                }
                _ => KafkaError::NoMessageReceived,
            },
            Err(error) => error,
        };
        // Serves what the client reports on the side. Not with a wait of zero: that ends at the first line of its log.
        while consumer.poll(PAUSE).is_some() {}
        let trouble = consumer.context().trouble();
        if classify(&error) == Class::Refused || trouble.is_refusal() || began.elapsed() >= patience {
            return Err(trouble.explain(&format!("asking {} for topic {topic:?}", settings.brokers), &error));
        }
    }
}

fn create(settings: &Settings, consumer: &BaseConsumer<Client>, missing: &[&str]) -> Result<(), Failure> {
    let client = Client::clone(consumer.context());
    let explain = |error: &KafkaError| {
        Failure::hold(format!("{}; creating it failed: {error}", absent(settings, missing)))
    };
    let admin = AdminClient::from_config_and_context(&properties::admin(settings), client)
        .map_err(|error| explain(&error))?;
    let topics: Vec<NewTopic<'_>> = missing.iter().map(|topic| new_topic(settings, topic)).collect();
    let options = AdminOptions::new()
        .request_timeout(Some(settings.request_timeout))
        .operation_timeout(Some(settings.request_timeout));
    let results = block_on(admin.create_topics(&topics, &options), settings.request_timeout + STEP)
        .ok_or_else(|| Failure::retry("creating topics: no answer in time"))?
        .map_err(|error| match classify(&error) {
            Class::Refused => explain(&error),
            _ => consumer.context().trouble().explain("creating topics", &error),
        })?;
    for (topic, code) in results.into_iter().filter_map(Result::err) {
        match of_code(code) {
            Class::AlreadyExists => {}
            Class::Refused => {
                let absent = absent(settings, &[&topic]);
                return Err(Failure::hold(format!("{absent}; creating it failed: {code}")));
            }
            _ => return Err(Failure::retry(format!("creating topic {topic:?}: {code}"))),
        }
    }
    tracing::info!(sink = settings.name, topics = ?missing, "created topics");
    Ok(())
}

/// The answer to a creation comes before every broker knows of it.
fn wait_for(settings: &Settings, consumer: &BaseConsumer<Client>, topic: &str) -> Result<(), Failure> {
    let began = Instant::now();
    while look_up(settings, consumer, topic, settings.request_timeout)? == Presence::Missing {
        if began.elapsed() >= settings.request_timeout {
            return Err(Failure::retry(format!("topic {topic:?} was created and isn't to be seen yet")));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn new_topic<'a>(settings: &Settings, topic: &'a str) -> NewTopic<'a> {
    // -1 asks for the broker's default.
    let partitions = settings.partitions.and_then(|count| i32::try_from(count).ok()).unwrap_or(-1);
    let replication = TopicReplication::Fixed(settings.replication.map_or(-1, i32::from));
    if topic != settings.checkpoint_topic {
        return NewTopic::new(topic, partitions, replication);
    }
    let topic = NewTopic::new(topic, 1, replication);
    CHECKPOINT_TOPIC.iter().fold(topic, |topic, (key, value)| topic.set(key, value))
}

fn absent(settings: &Settings, missing: &[&str]) -> String {
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
    format!("no such topic: {names}. Set `create_topics: true`, or create it: {commands}")
}
