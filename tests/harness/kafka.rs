//! A real Kafka broker for the length of a test binary, and a consumer that sees what any consumer sees.

use std::{
    env, fs,
    path::PathBuf,
    pin::pin,
    process,
    task::{Context, Poll, Waker},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::Headers as _,
    metadata::MetadataPartition,
};

use crate::{
    service::{self, Guard},
    wait::{PATIENCE, wait_until},
};

/// Settings of the broker under which it forgets a dead transaction soon. A short session of brokers is not among them: one that
/// a busy machine lets wait for too long would lose its topics for a moment, and more (see `services/fence.sh`).
const QUICK: [&str; 3] = [
    // Records of tests are of any time, and none may go for its age.
    "log.retention.ms=-1",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=300",
    "group.initial.rebalance.delay.ms=0",
];

/// A broker, or a cluster of them, on loopback, wiped when the process that started it ends, however it ends.
#[derive(Debug)]
pub struct Broker {
    name: String,
    brokers: u32,
    bootstrap: String,
    _guard: Guard,
}

/// A message as a `read_committed` consumer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its partition.
    pub partition: i32,
    /// Its key, as text.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Its headers, in order.
    pub headers: Vec<(String, String)>,
    /// Its time in milliseconds since the Unix epoch.
    pub time: i64,
}

impl Message {
    /// The value of the first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl Broker {
    /// Starts a broker; `None`, after one line on stderr, where there is no Java or no way to fetch Kafka.
    ///
    /// # Errors
    /// It doesn't start, or there is no Java or no Kafka under `CI=true`.
    pub fn start(purpose: &str) -> anyhow::Result<Option<Self>> {
        Self::start_with(purpose, 1, &[])
    }

    /// Starts a cluster of so many brokers, 1 or 3; with 3, every topic has a copy on each, and two of them can serve it.
    ///
    /// # Errors
    /// As [`Broker::start`].
    pub fn cluster(purpose: &str, brokers: u32) -> anyhow::Result<Option<Self>> {
        Self::start_with(purpose, brokers, &[])
    }

    /// Starts one with listeners that want credentials, users and access rules: see `services/secure.sh`.
    ///
    /// # Errors
    /// As [`Broker::start`].
    pub fn start_secure(purpose: &str) -> anyhow::Result<Option<Self>> {
        Self::start_with(purpose, 1, &["--secure"])
    }

    /// Starts so many brokers with more options of `services/kafka-up.sh`.
    ///
    /// # Errors
    /// As [`Broker::start`].
    pub fn start_with(purpose: &str, brokers: u32, options: &[&str]) -> anyhow::Result<Option<Self>> {
        if let Err(missing) = service::fetch(17, "kafka") {
            return service::skip("a real Kafka broker", &missing).map(|()| None);
        }
        let name = format!("{purpose}-{}", process::id());
        let guard = Guard::new("kafka-down.sh", &name)?;
        let bootstrap = up(&name, brokers, options)?;
        Ok(Some(Self { name, brokers, bootstrap, _guard: guard }))
    }

    /// The address that clients begin with.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Ends it as a crash would (SIGKILL).
    ///
    /// # Errors
    /// The script fails.
    pub fn kill(&self) -> anyhow::Result<()> {
        service::run("kafka-down.sh", &["--name", &self.name, "--kill"]).map(drop)
    }

    /// Ends one broker of a cluster, counted from 1, as a crash would.
    ///
    /// # Errors
    /// The script fails.
    pub fn kill_one(&self, number: u32) -> anyhow::Result<()> {
        service::run("kafka-down.sh", &["--name", &self.name, "--broker", &number.to_string(), "--kill"])
            .map(drop)
    }

    /// Starts it again on its old port with its old data; of a cluster, every broker that is dead.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn restart(&self) -> anyhow::Result<()> {
        up(&self.name, self.brokers, &[]).map(drop)
    }

    /// The broker that leads each partition of a topic, counted from 1.
    ///
    /// # Errors
    /// No broker answers.
    pub fn leaders(&self, topic: &str) -> anyhow::Result<Vec<i32>> {
        let consumer = self.consumer("read_committed")?;
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5))?;
        let found = metadata.topics().first().context("no answer about the topic")?;
        Ok(found.partitions().iter().map(MetadataPartition::leader).collect())
    }

    /// Whether every copy of each partition of a topic is up to date.
    ///
    /// # Errors
    /// No broker answers.
    pub fn is_replicated(&self, topic: &str) -> anyhow::Result<bool> {
        let consumer = self.consumer("read_committed")?;
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5))?;
        let found = metadata.topics().first().context("no answer about the topic")?;
        Ok(found.partitions().iter().all(|partition| partition.isr().len() == partition.replicas().len()))
    }

    /// What the broker's script left under this name in its folder: an address, or the path of a certificate.
    ///
    /// # Errors
    /// There is no such file.
    pub fn left(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = run_folder().join(&self.name).join(name);
        ensure!(folder.exists(), "no {}", folder.display());
        Ok(folder)
    }

    /// The address of another listener than the usual one, by the file that it is told in.
    ///
    /// # Errors
    /// There is none.
    pub fn listener(&self, name: &str) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.left(name)?)?.trim().to_owned())
    }

    /// What a consumer sees of a topic at once, by partition and offset; nothing when there is no such topic.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn visible(&self, topic: &str) -> anyhow::Result<Vec<Message>> {
        self.first(topic, usize::MAX)
    }

    /// The same, but no more than `most` messages.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn first(&self, topic: &str, most: usize) -> anyhow::Result<Vec<Message>> {
        let consumer = self.consumer("read_committed")?;
        let partitions = partitions(&consumer, topic)?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
        consumer.assign(&list)?;
        let (mut messages, mut ended, mut broken) = (Vec::new(), 0, 0);
        while ended < partitions && messages.len() < most {
            match consumer.poll(PATIENCE) {
                Some(Ok(message)) => messages.push(detach(&message)),
                Some(Err(KafkaError::PartitionEOF(_))) => ended += 1,
                // One of several that is dead, as may be: the others have its copies.
                Some(Err(KafkaError::MessageConsumption(Code::BrokerTransportFailure)))
                    if broken < 10 * (self.brokers - 1) =>
                {
                    broken += 1;
                }
                Some(Err(error)) => return Err(error).context("reading a topic"),
                None => bail!("topic {topic} did not end"),
            }
        }
        messages.sort_by_key(|message| message.partition);
        Ok(messages)
    }

    /// Whether there is such a topic.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn has_topic(&self, topic: &str) -> anyhow::Result<bool> {
        Ok(partitions(&self.consumer("read_committed")?, topic)? > 0)
    }

    /// Everything committed on a topic, once no transaction on it is open: the cluster confirms a commit a moment
    /// before it shows it.
    ///
    /// # Errors
    /// The broker doesn't answer, or a transaction stays open.
    pub fn committed(&self, topic: &str) -> anyhow::Result<Vec<Message>> {
        let (committed, all) = (self.consumer("read_committed")?, self.consumer("read_uncommitted")?);
        let end = |consumer: &BaseConsumer, partition| {
            consumer.fetch_watermarks(topic, partition, Duration::from_secs(5)).map(|(_, end)| end)
        };
        for partition in 0..partitions(&all, topic)? {
            wait_until("the end of a transaction", PATIENCE, || {
                let written = end(&all, partition)?;
                Ok((end(&committed, partition)? >= written).then_some(()))
            })?;
        }
        self.visible(topic)
    }

    /// Whether records were written to any of these topics that belong to a transaction which has not ended.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn has_open_transaction(&self, topics: &[&str]) -> anyhow::Result<bool> {
        let (committed, all) = (self.consumer("read_committed")?, self.consumer("read_uncommitted")?);
        for topic in topics {
            for partition in 0..partitions(&all, topic)? {
                let end = |consumer: &BaseConsumer| {
                    consumer.fetch_watermarks(topic, partition, Duration::from_secs(5)).map(|(_, end)| end)
                };
                if end(&committed)? < end(&all)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Waits until something was written to partition 0 of a topic, committed or not.
    ///
    /// # Errors
    /// That takes too long.
    pub fn wait_until_written(&self, topic: &str) -> anyhow::Result<()> {
        let all = self.consumer("read_uncommitted")?;
        wait_until("a record", PATIENCE, || {
            let (_, end) = all.fetch_watermarks(topic, 0, Duration::from_secs(5))?;
            Ok((end > 0).then_some(()))
        })
    }

    /// How many offsets partition 0 of a topic has, committed or not, records or marks.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn written(&self, topic: &str) -> anyhow::Result<i64> {
        Ok(self.consumer("read_uncommitted")?.fetch_watermarks(topic, 0, PATIENCE)?.1)
    }

    /// Creates a topic of one partition with these settings, and waits until it is there.
    ///
    /// # Errors
    /// The broker refuses, or it takes too long.
    pub fn create_topic(&self, topic: &str, settings: &[(&str, &str)]) -> anyhow::Result<()> {
        let new = NewTopic::new(topic, 1, TopicReplication::Fixed(1));
        let new = settings.iter().fold(new, |new, (key, value)| new.set(key, value));
        let results = block_on(self.admin()?.create_topics([&new], &AdminOptions::new()))??;
        for result in results {
            result.map_err(|(_, code)| code)?;
        }
        // The controller has it a moment before the brokers show it.
        wait_until("a topic's beginning", PATIENCE, || Ok(self.has_topic(topic)?.then_some(())))
    }

    /// What a topic is set to.
    ///
    /// # Errors
    /// The broker doesn't answer, or the topic has no such setting.
    pub fn topic_setting(&self, topic: &str, setting: &str) -> anyhow::Result<String> {
        let topic = [ResourceSpecifier::Topic(topic)];
        let answer = block_on(self.admin()?.describe_configs(&topic, &AdminOptions::new()))??;
        let resource = answer.into_iter().next().context("no answer about the topic")??;
        resource.get(setting).and_then(|entry| entry.value.clone()).context("no such setting")
    }

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// The broker doesn't answer.
    pub fn partitions(&self, topic: &str) -> anyhow::Result<i32> {
        partitions(&self.consumer("read_committed")?, topic)
    }

    /// Deletes a topic, and waits until it is gone.
    ///
    /// # Errors
    /// The broker refuses, or it takes too long.
    pub fn delete_topic(&self, topic: &str) -> anyhow::Result<()> {
        let results = block_on(self.admin()?.delete_topics(&[topic], &AdminOptions::new()))??;
        for result in results {
            result.map_err(|(_, code)| code)?;
        }
        wait_until("a topic's end", PATIENCE, || Ok((!self.has_topic(topic)?).then_some(())))
    }

    fn admin(&self) -> anyhow::Result<AdminClient<DefaultClientContext>> {
        Ok(ClientConfig::new().set("bootstrap.servers", &self.bootstrap).create()?)
    }

    fn consumer(&self, isolation: &str) -> anyhow::Result<BaseConsumer> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", "tests")
            .set("isolation.level", isolation)
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("fetch.wait.max.ms", "10");
        Ok(config.create()?)
    }
}

/// Waits for an answer that comes as a future.
fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let mut future = pin!(future);
    wait_until("the broker's answer", PATIENCE, || {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Ok(Some(output)),
            Poll::Pending => Ok(None),
        }
    })
}

fn partitions(consumer: &BaseConsumer, topic: &str) -> anyhow::Result<i32> {
    wait_until("the topic's metadata", PATIENCE, || {
        let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(5))?;
        let found = metadata.topics().first().context("no answer about the topic")?;
        Ok(Some(i32::try_from(found.partitions().len())?))
    })
}

fn detach(message: &rdkafka::message::BorrowedMessage<'_>) -> Message {
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    Message {
        partition: message.partition(),
        key: text(message.key()),
        value: message.payload().unwrap_or_default().to_vec(),
        headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
        time: message.timestamp().to_millis().unwrap_or_default(),
    }
}

/// Where the scripts keep what they run, as they themselves find it.
fn run_folder() -> PathBuf {
    let cache = || env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache");
    let infra = env::var_os("KALENDS_INFRA").map(PathBuf::from);
    infra.unwrap_or_else(|| cache().unwrap_or_else(home).join("kalends")).join("run")
}

fn up(name: &str, brokers: u32, options: &[&str]) -> anyhow::Result<String> {
    let brokers = brokers.to_string();
    let mut arguments = vec!["--name", name, "--brokers", &brokers];
    arguments.extend(options);
    arguments.extend(QUICK.iter().flat_map(|setting| ["--set", setting]));
    service::run("kafka-up.sh", &arguments)
}
