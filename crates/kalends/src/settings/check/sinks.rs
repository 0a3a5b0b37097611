use std::{
    collections::BTreeMap,
    path::{self, Component, PathBuf},
};

use kalends_normalise::Plan;

use super::{NAME_RULE, is_name, kafka};
use crate::settings::{Files, Settings, Sink, Topics, path::Path, shape::Misfit};

const LONGEST_TOPIC: usize = 249;

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    if settings.sinks.is_empty() {
        let message = "there is no sink, so events would go nowhere; add one, such as \
                       `files: { kind: files, directory: ./data/events }`";
        misfits.push((Path::keys(&["sinks"]), message.into()));
    }
    let mut directories = BTreeMap::from([(plain(&settings.journal.directory), "the journal".to_owned())]);
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
            Sink::Files(sink) => files(name, sink, &at, &mut directories, misfits),
            Sink::Kafka(sink) => kafka::check(name, sink, &at, misfits),
        }
    }
}

fn files(
    name: &str,
    files: &Files,
    at: &Path,
    directories: &mut BTreeMap<PathBuf, String>,
    misfits: &mut Vec<Misfit>,
) {
    if files.directory.as_os_str().is_empty() {
        misfits.push((at.key("directory"), "files need a directory; write its path".into()));
    } else if let Some(other) = directories.insert(plain(&files.directory), format!("sink `{name}`")) {
        misfits.push((at.key("directory"), format!("this directory is that of {other}; each needs its own")));
    }
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

pub(super) const TOPIC_RULE: &str =
    "a topic's name consists of letters, digits, `.`, `_` and `-`, at most 249, and is neither `.` nor `..`";

/// Whether Kafka would take the name; it is also safe as a folder's.
pub(super) fn is_topic(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=LONGEST_TOPIC).contains(&name.len()) && name.bytes().all(allowed) && name != "." && name != ".."
}

/// The path without what does not count: `./a` is `a`.
fn plain(path: &path::Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
