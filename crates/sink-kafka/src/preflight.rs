//! Finds out, before the first record and without committing one, what would keep a sink from its cluster.

use kalends_sink::{Checkpoint, Failure, JournalId, Stream};
use rdkafka::consumer::Consumer as _;

use crate::{
    Delivery, Metrics, Settings,
    checkpoint::{CheckpointTopic, SHARD, Undecided, key},
    client::Client,
    config::Batching,
    producer::Session,
    topics::{self, Creation, Limits, Presence, forbidden, look_up},
};

mod advice;
mod clock_probe;
mod probe;
mod write_probe;

/// Findings.
#[derive(Debug, Default)]
pub struct Preflight {
    /// Problems that would keep the sink from delivering.
    pub problems: Vec<Problem>,
    /// Notes, and questions without an answer.
    pub notes: Vec<String>,
    /// The checkpoint of the journal that was asked for, when there are no problems.
    pub checkpoint: Option<Checkpoint>,
    /// The cluster's identity, where it has one: two names of one cluster have the same.
    pub cluster_id: Option<String>,
}

/// Something that would keep the sink from delivering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The cluster does not answer: this may pass by itself. Otherwise somebody has to act.
    pub unreachable: bool,
    /// The fault and its remedy.
    pub message: String,
}

impl Problem {
    const fn wrong(message: String) -> Self {
        Self { unreachable: false, message }
    }
}

/// Facts that a preflight needs beside the sink's settings.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Size in bytes of the largest body that may come.
    pub max_body: u64,
    /// Time of this machine, in microseconds since the Unix epoch.
    pub now: i64,
    /// The journal whose checkpoint is looked for; `None` where there is no journal yet.
    pub journal: Option<JournalId>,
}

/// Tries everything that the sink will need, commits no record, and takes over from nobody. Takes up to a few request
/// time-outs.
#[must_use]
pub fn preflight(settings: &Settings, streams: &[Stream], context: Context) -> Preflight {
    let mut preflight = Preflight::default();
    let client = Client::new(
        settings.name.clone(),
        Metrics::default().of_sink(&settings.name),
        std::sync::Arc::default(),
    );
    let tried = topics::all(settings, streams).and_then(|topics| {
        let reader = CheckpointTopic::new(settings, &client)?;
        let limits = preflight.topics(settings, &reader, &topics, context.max_body)?;
        preflight.cluster_id = reader.all.client().fetch_cluster_id(settings.request_timeout);
        preflight.transactions(settings, &client, &limits, context.now);
        if let Some(journal) = context.journal.filter(|_| preflight.problems.is_empty()) {
            preflight.checkpoint = committed(settings, &reader, &limits, journal)?;
        }
        Ok(())
    });
    if let Err(failure) = tried {
        preflight.fail(&failure);
    }
    preflight
}

fn committed(
    settings: &Settings,
    reader: &CheckpointTopic<'_>,
    limits: &[Limits],
    journal: JournalId,
) -> Result<Option<Checkpoint>, Failure> {
    if limits.iter().all(|topic| topic.name != settings.checkpoint_topic) {
        return Ok(None);
    }
    let last = reader.last(&key(&settings.name, journal, SHARD), Undecided::Ignore)?;
    Ok(last.and_then(|(_, record)| record.checkpoint()))
}

impl Preflight {
    fn fail(&mut self, failure: &Failure) {
        let unreachable = matches!(failure, Failure::Retry { .. });
        self.problems.push(Problem { unreachable, message: failure.to_string() });
    }

    fn refuse(&mut self, message: String) {
        self.problems.push(Problem::wrong(message));
    }

    fn topics(
        &mut self,
        settings: &Settings,
        reader: &CheckpointTopic<'_>,
        topics: &[&str],
        max_body: u64,
    ) -> Result<Vec<Limits>, Failure> {
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for topic in topics {
            // Who gets no answer about one topic gets none about the others.
            match look_up(settings, &reader.all, topic, settings.request_timeout)? {
                Presence::There { copies } => there.push((*topic, copies)),
                Presence::Missing => missing.push(*topic),
                Presence::Forbidden => self.refuse(forbidden(topic)),
            }
        }
        self.missing(settings, reader, &missing)?;
        let limits = topics::limits(settings, reader, &there)?;
        self.problems.extend(limits.iter().filter_map(|topic| topic.fault(settings)).map(Problem::wrong));
        self.notes.extend(advice::notes(settings, &limits, max_body));
        self.rights(settings, reader, &limits)?;
        Ok(limits)
    }

    fn missing(
        &mut self,
        settings: &Settings,
        reader: &CheckpointTopic<'_>,
        missing: &[&str],
    ) -> Result<(), Failure> {
        if missing.is_empty() {
            return Ok(());
        }
        if !settings.create_topics {
            self.refuse(topics::absent(settings, missing));
            return Ok(());
        }
        let refused = topics::create(settings, &reader.all, missing, Creation::Rehearsed)?;
        for message in topics::uncreatable(settings, &refused) {
            self.refuse(message);
        }
        let creatable = missing.len().saturating_sub(refused.len());
        if creatable > 0 {
            self.notes.push(format!("topics that will be created at the start: {creatable}"));
        }
        Ok(())
    }

    fn rights(
        &mut self,
        settings: &Settings,
        reader: &CheckpointTopic<'_>,
        limits: &[Limits],
    ) -> Result<(), Failure> {
        let mut untried = Vec::new();
        for topic in limits {
            match topic.max_message_bytes.filter(|bytes| *bytes <= write_probe::MAX_LIMIT) {
                Some(bytes) => {
                    if let Some(refusal) = write_probe::refusal(settings, &topic.name, bytes)? {
                        self.refuse(refusal);
                    }
                }
                None => untried.push(topic.name.as_str()),
            }
        }
        if !untried.is_empty() {
            self.notes.push(format!(
                "whether records may be written to {} shows with the first one: trying needs DescribeConfigs on the topic",
                untried.join(", ")
            ));
        }
        if limits.iter().any(|topic| topic.name == settings.checkpoint_topic)
            && let Err(failure) = reader.try_read()
        {
            self.fail(&failure);
        }
        Ok(())
    }

    /// With an id of its own: a producer that took the sink's would fence a daemon that is at work.
    fn transactions(&mut self, settings: &Settings, client: &Client, limits: &[Limits], now: i64) {
        if settings.delivery == Delivery::AtLeastOnce {
            return;
        }
        let id = format!("{}check-{}", settings.transactional_id_prefix, settings.name);
        let tried = Session::open(settings, &id, Batching::Normal, client.clone()).and_then(|session| {
            if self.problems.is_empty() { clock_probe::run(settings, session, limits, now) } else { Ok(()) }
        });
        if let Err(failure) = tried {
            self.fail(&failure);
        }
    }
}
