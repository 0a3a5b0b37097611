//! Broker, registry, network and disk fail in any order, and over one another, while the real daemon is under load, is killed and
//! is stopped. The seed decides the order; it is printed, and `KALENDS_CHAOS_SEED` takes it again.

use std::{
    collections::{BTreeMap, BTreeSet},
    process, thread,
    time::Duration,
};

use kalends_tests::{
    Daemon, Installation, SmallDisk, config,
    kafka::Broker,
    load::{Load, Outcome},
    proxy::Proxy,
    registry::Registry,
    wait::PATIENCE,
    wait_until,
};

use crate::{
    exactly_once::{assert_exactly_once, count},
    kafka_kills::TOPICS,
};

const DISK_MIB: u32 = 64;
const CONNECTIONS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(20);

/// What can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Broker,
    Registry,
    Network,
    Disk,
    /// The daemon is killed and started again.
    Kill,
    /// The daemon is told to stop and started again.
    Stop,
}

const ALL: [Fault; 6] =
    [Fault::Broker, Fault::Registry, Fault::Network, Fault::Disk, Fault::Kill, Fault::Stop];

/// The daemon and everything around it that can fail.
struct World {
    broker: Broker,
    registry: Registry,
    proxy: Proxy,
    disk: SmallDisk,
    installation: Installation,
    daemon: Daemon,
    disk_is_full: bool,
}

impl World {
    /// `None` where there are no services or no small disks.
    fn start() -> Option<Self> {
        let proxy = Proxy::bind().unwrap();
        let broker = Broker::start_with("weather", 1, &["--via", &proxy.port().to_string()]).unwrap()?;
        proxy.serve(broker.listener("proxied").unwrap()).unwrap();
        let registry = Registry::start("weather").unwrap()?;
        let disk = SmallDisk::mount(DISK_MIB).unwrap()?;
        let kafka = format!("127.0.0.1:{}", proxy.port());
        let configuration =
            config::kafka_with_registry(&kafka, registry.url(), "auto_register: true", "partitions: 4")
                .replace("directory: ./journal", "directory: ./journal, segment_size: 1MiB, min_free: 4MiB")
                .replace(
                    "sinks:\n",
                    "sinks:\n  files: { kind: files, directory: ./events, roll_every: 1s }\n",
                );
        let installation = Installation::new(&format!("{configuration}stop_timeout: 5s\n")).unwrap();
        for folder in ["journal", "events"] {
            disk.folder(folder, &installation.path(folder)).unwrap();
        }
        let daemon = installation.start().unwrap();
        Some(Self { broker, registry, proxy, disk, installation, daemon, disk_is_full: false })
    }

    fn wait_until_kafka_is_reached(&self) {
        let running = "kalends_sink_state{sink=\"kafka\",state=\"running\"}";
        let is_running = || Ok((self.daemon.metrics()?.value(running) == Some(1.0)).then_some(()));
        wait_until("the Kafka sink to deliver", PATIENCE * 2, is_running).unwrap();
    }

    fn strike(mut self, fault: Fault, load: &Load) -> Self {
        match fault {
            Fault::Broker => self.broker.kill().unwrap(),
            Fault::Registry => self.registry.kill().unwrap(),
            Fault::Network => self.proxy.mute(),
            Fault::Disk => {
                self.disk.fill(0).unwrap();
                self.disk_is_full = true;
            }
            Fault::Kill | Fault::Stop => return self.restart(fault, load),
        }
        self
    }

    fn restart(mut self, fault: Fault, load: &Load) -> Self {
        if fault == Fault::Kill {
            self.daemon.kill().unwrap();
        } else {
            assert_eq!(self.daemon.terminate().unwrap().code(), Some(0));
        }
        // A start copies the last segment, and says so where it can't.
        if self.disk_is_full {
            self.disk.make_room().unwrap();
            self.disk_is_full = false;
        }
        self.daemon = self.installation.start().unwrap();
        load.redirect(self.daemon.public());
        self
    }

    fn mend(&mut self, fault: Fault) {
        match fault {
            Fault::Broker => self.broker.restart().unwrap(),
            Fault::Registry => self.registry.restart().unwrap(),
            Fault::Network => self.proxy.heal(),
            Fault::Disk if self.disk_is_full => {
                self.disk.make_room().unwrap();
                self.disk_is_full = false;
            }
            Fault::Disk | Fault::Kill | Fault::Stop => {}
        }
    }
}

/// What follows is decided by the seed alone.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn shuffled(&mut self) -> Vec<Fault> {
        let mut left = ALL.to_vec();
        let mut shuffled = Vec::new();
        while let Some(most) = u64::try_from(left.len()).ok().filter(|most| *most > 0) {
            shuffled.push(left.swap_remove(usize::try_from(self.below(most)).unwrap()));
        }
        shuffled
    }

    /// How long the weather stays as it is.
    fn wait(&mut self) {
        thread::sleep(Duration::from_millis(200 + self.below(1500)));
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask soak runs it"]
fn whatever_fails_around_the_real_daemon_in_whatever_order_nothing_is_lost_doubled_or_reordered() {
    let Some(mut world) = World::start() else { return };
    let rounds = count("KALENDS_SOAK_OUTAGES", 1);
    // A soak meets weather that no other soak has met.
    let seed = count("KALENDS_CHAOS_SEED", if rounds > 1 { u64::from(process::id()) } else { 7 });
    println!("KALENDS_CHAOS_SEED={seed}, {rounds} rounds");
    let mut dice = Dice(seed);
    let load = Load::steady("weather", world.daemon.public(), CONNECTIONS, PAUSE);
    for _ in 0..rounds {
        let before = load.acknowledged();
        wait_until("events to be taken", PATIENCE, || Ok((load.acknowledged() > before + 100).then_some(())))
            .unwrap();
        world.wait_until_kafka_is_reached();
        for fault in dice.shuffled() {
            println!("{fault:?}");
            world = world.strike(fault, &load);
            dice.wait();
        }
        for fault in dice.shuffled() {
            world.mend(fault);
            dice.wait();
        }
    }
    let outcome = load.stop().unwrap();
    world.daemon.wait_until_delivered(&["files", "kafka"]).unwrap();
    assert_eq!(world.daemon.terminate().unwrap().code(), Some(0));
    assert_exactly_once("files", &outcome, &world.installation.records().unwrap());
    assert_once_and_in_order(&outcome, &world.broker);
}

/// By the headers: the values stand behind ids of the registry.
fn assert_once_and_in_order(outcome: &Outcome, broker: &Broker) {
    let (mut delivered, mut newest) = (BTreeSet::new(), BTreeMap::new());
    for topic in TOPICS {
        for message in broker.committed(topic).unwrap() {
            let id = message.header("ce_id").unwrap().to_owned();
            // shard:position
            let position = message.header("kalends-position").unwrap().rsplit(':').next().unwrap();
            let position: u64 = position.parse().unwrap();
            assert!(delivered.insert(id), "twice: {message:?}");
            let before = newest.insert((topic, message.key.clone()), position);
            assert!(before.is_none_or(|before| before < position), "{message:?} after {before:?}");
        }
    }
    let lost: Vec<_> = outcome.acknowledged.difference(&delivered).collect();
    assert!(lost.is_empty(), "{} acknowledged events lost: {lost:?}", lost.len());
}
