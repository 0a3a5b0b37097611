//! Finds out, before the first record and without writing one, what would keep a sink from its cluster.

use kalends_sink::{Failure, Stream};

use crate::{
    Delivery, Metrics, Settings,
    checkpoint::CheckpointTopic,
    client::Client,
    config::{Batching, max_message_bytes},
    producer::Session,
    topics::{self, Creation, Limits, Presence, forbidden, look_up},
};

mod write_probe;

/// What was found out.
#[derive(Debug, Default)]
pub struct Preflight {
    /// What would keep the sink from delivering.
    pub problems: Vec<Problem>,
    /// What is worth knowing, and what could not be found out.
    pub notes: Vec<String>,
}

/// Something that would keep the sink from delivering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The cluster does not answer: this may pass by itself. Otherwise somebody has to act.
    pub unreachable: bool,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// Tries everything that the sink will need, writes no record, and takes over from nobody.
///
/// `largest` is the size in bytes of the largest body that may come; the record made of it is hardly ever larger once it is
/// compressed. Takes up to a few request time-outs.
#[must_use]
pub fn preflight(settings: &Settings, streams: &[Stream], largest: u64) -> Preflight {
    let mut preflight = Preflight::default();
    let client = Client::new(
        settings.name.clone(),
        Metrics::default().of_sink(&settings.name),
        std::sync::Arc::default(),
    );
    let tried = topics::all(settings, streams).and_then(|topics| {
        let reader = CheckpointTopic::new(settings, &client)?;
        preflight.topics(settings, &reader, &topics, largest)?;
        preflight.transactions(settings, &client);
        Ok(())
    });
    if let Err(failure) = tried {
        preflight.fail(&failure);
    }
    preflight
}

impl Preflight {
    fn fail(&mut self, failure: &Failure) {
        let unreachable = matches!(failure, Failure::Retry { .. });
        self.problems.push(Problem { unreachable, message: failure.to_string() });
    }

    fn refuse(&mut self, message: String) {
        self.problems.push(Problem { unreachable: false, message });
    }

    fn topics(
        &mut self,
        settings: &Settings,
        reader: &CheckpointTopic<'_>,
        topics: &[&str],
        largest: u64,
    ) -> Result<(), Failure> {
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
        self.limits(settings, &limits, largest);
        self.rights(settings, reader, &limits)
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

    fn limits(&mut self, settings: &Settings, limits: &[Limits], largest: u64) {
        for topic in limits {
            if let Some(message) = topic.fault(settings) {
                self.refuse(message);
            }
        }
        let records = || limits.iter().filter(|topic| topic.name != settings.checkpoint_topic);
        let overwritten: Vec<_> =
            records().filter(|topic| topic.overwrites_times()).map(|topic| topic.name.as_str()).collect();
        if !overwritten.is_empty() {
            self.notes.push(format!(
                "records on {} get the time when they are written, and not when their webhooks were received: to have that, set \
                 message.timestamp.type=CreateTime on the topic",
                overwritten.join(", ")
            ));
        }
        let client = max_message_bytes(settings);
        let smallest = records().filter_map(|topic| topic.max_message_bytes).min();
        let takes = smallest.unwrap_or(client).min(client);
        if takes < largest {
            self.notes.push(format!(
                "messages of up to {takes} bytes are taken, and a body may have {largest} (listen.max_body): larger ones \
                 become dead letters, whose bodies stay in the journal; to have them raise message.max.bytes under \
                 `properties` and max.message.bytes of the topics"
            ));
        }
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
    fn transactions(&mut self, settings: &Settings, client: &Client) {
        if settings.delivery == Delivery::AtLeastOnce {
            return;
        }
        let id = format!("{}check-{}", settings.transactional_id_prefix, settings.name);
        if let Err(failure) = Session::open(settings, &id, Batching::Normal, client.clone()) {
            self.fail(&failure);
        }
    }
}
