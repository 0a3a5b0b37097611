use std::collections::BTreeMap;

use kalends_normalise::Plan;

use super::{
    NAME_RULE, is_name, kafka,
    topic::{TOPIC_RULE, is_topic},
};
use kalends_value::{Misfit, Path};

use crate::{Files, Settings, Sink, Topics};

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    if settings.sinks.is_empty() {
        let message = "there is no sink, so events would go nowhere; add one, such as \
                       `files: { kind: files, directory: ./data/events }`";
        misfits.push((Path::keys(&["sinks"]), message.into()));
    }
    for (name, sink) in &settings.sinks {
        let at = Path::keys(&["sinks", name]);
        if !is_name(name) {
            misfits.push((at.clone(), NAME_RULE.into()));
        }
        if !sink.only().is_empty() && !sink.except().is_empty() {
            misfits
                .push((at.key("except"), "only and except together are one too many; leave one out".into()));
        }
        topics(sink.topics(), &at.key("topics"), misfits);
        match sink {
            Sink::Files(sink) => files(sink, &at, misfits),
            Sink::Kafka(sink) => kafka::check(name, sink, &at, misfits),
        }
    }
}

fn files(files: &Files, at: &Path, misfits: &mut Vec<Misfit>) {
    if files.roll_every.is_zero() {
        misfits.push((at.key("roll_every"), "every record would be a file; write at least 1s".into()));
    }
    if files.roll_size.bytes() == 0 {
        misfits.push((at.key("roll_size"), "every record would be a file; write at least 1MiB".into()));
    }
}

fn topics(topics: &Topics, at: &Path, misfits: &mut Vec<Misfit>) {
    if !topics.prefix.is_empty() && !is_topic(&topics.prefix) {
        misfits.push((at.key("prefix"), TOPIC_RULE.into()));
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (event_type, topic) in &topics.names {
        let at = at.key("names").key(event_type);
        if !is_topic(topic) {
            misfits.push((at, TOPIC_RULE.into()));
        } else if let Some(other) = seen.insert(topic, event_type) {
            misfits.push((at, format!("this is the topic of {other}; a topic has records of one type")));
        }
    }
}

/// Holds that in every sink each record type has a topic of its own: a topic has records of one type.
pub(super) fn topics_of_records(settings: &Settings, plan: &Plan, misfits: &mut Vec<Misfit>) {
    for (name, sink) in &settings.sinks {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for record in plan.records() {
            let topic = sink.topics().topic(&record.name, &record.topic_suffix);
            let is_made = !sink.topics().names.contains_key(&record.name);
            let prefix = &sink.topics().prefix;
            if is_made && !is_topic(&topic) && (prefix.is_empty() || is_topic(prefix)) {
                let at = Path::keys(&["sinks", name, "topics", "prefix"]);
                misfits.push((at, format!("{} would have the topic `{topic}`; {TOPIC_RULE}", record.name)));
            }
            let Some(other) = seen.insert(topic, &record.name) else { continue };
            // Of two with names of their own the clash of names is told already.
            let named: Vec<&str> = [other, &record.name]
                .into_iter()
                .filter(|name| sink.topics().names.contains_key(*name))
                .collect();
            if let [one] = named.as_slice() {
                let holder = if *one == other { &record.name } else { other };
                let at = Path::keys(&["sinks", name, "topics", "names", one]);
                misfits.push((at, format!("this is the topic of {holder}; a topic has records of one type")));
            }
        }
    }
}
