//! The suite that every kind of sink runs.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use kalends_sink::{
    Sink, Stream,
    conformance::{Destination, Silence},
};
use kalends_sink_kafka::Settings;
use kalends_tests::{kafka::Broker, proxy::Proxy};

use crate::{
    fixture::{Fixture, shared_broker, sink},
    lost_commit_answers::behind_a_proxy,
};

/// Limit of the topics whose case has a record that is refused.
const MAX_MESSAGE_BYTES: usize = 5000;

/// Topics on a broker; with a proxy before it where the case is about silence.
struct Topics {
    fixture: Fixture<'static>,
    proxy: Option<&'static Proxy>,
    _case: Option<MutexGuard<'static, ()>>,
}

/// The broker that falls silent, for one case at a time.
fn silent_broker() -> Option<(&'static Broker, &'static Proxy, MutexGuard<'static, ()>)> {
    static BROKER: OnceLock<Option<(Broker, Proxy)>> = OnceLock::new();
    static CASE: Mutex<()> = Mutex::new(());
    let case = CASE.lock().unwrap_or_else(PoisonError::into_inner);
    let (broker, proxy) = BROKER.get_or_init(|| behind_a_proxy("kafka-conformance")).as_ref()?;
    Some((broker, proxy, case))
}

impl Topics {
    fn settings(&self) -> Settings {
        let mut settings = self.fixture.settings();
        if let Some(proxy) = self.proxy {
            settings.brokers = format!("127.0.0.1:{}", proxy.port());
        }
        settings.checkpoint_topic = format!("{}.checkpoints", self.fixture.topic(0));
        settings
    }
}

impl Destination for Topics {
    fn fresh(name: &str) -> Option<Self> {
        let topics = format!("suite-{name}");
        if ["silent", "unknown"].contains(&name) {
            let (broker, proxy, case) = silent_broker()?;
            return Some(Self {
                fixture: Fixture::new(broker, &topics),
                proxy: Some(proxy),
                _case: Some(case),
            });
        }
        let fixture = Fixture::new(shared_broker()?, &topics);
        if name == "refused" {
            let limit = [("max.message.bytes", MAX_MESSAGE_BYTES.to_string())];
            let limit = limit.each_ref().map(|(key, value)| (*key, value.as_str()));
            for stream in [0, 1] {
                fixture.broker.create_topic(fixture.topic(stream), &limit).unwrap();
            }
        }
        Some(Self { fixture, proxy: None, _case: None })
    }

    fn sink(&self) -> Box<dyn Sink> {
        let mut settings = self.settings();
        settings.transactional_id_prefix = format!("{}-", self.fixture.topic(0));
        Box::new(sink(settings))
    }

    fn streams(&self) -> Vec<Stream> {
        self.fixture.streams.clone()
    }

    fn datum(&self, position: u64) -> Vec<u8> {
        position.to_string().into_bytes()
    }

    fn read_back(&self, stream: usize) -> Vec<u64> {
        self.fixture.datums(stream).iter().map(|datum| datum.parse().unwrap()).collect()
    }

    fn refused(&self) -> Option<Vec<u8>> {
        // Text that does not get small enough when it is compressed.
        let mut state = 1_u64;
        let digit = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u8::try_from(state >> 57).unwrap()
        };
        Some((0..2 * MAX_MESSAGE_BYTES).map(digit).collect())
    }

    fn silence(&self, silence: Silence) -> bool {
        let Some(proxy) = self.proxy else { return false };
        match silence {
            Silence::Now => proxy.mute(),
            Silence::InCommit => proxy.mute_at_the_end_of_a_transaction(),
        }
        true
    }

    fn heal(&self) {
        if let Some(proxy) = self.proxy {
            proxy.heal();
        }
    }

    fn replay(&self) -> Option<Box<dyn Sink>> {
        let mut settings = self.settings();
        settings.name = "replay".into();
        settings.replay = Some("again".into());
        Some(Box::new(sink(settings)))
    }
}

kalends_sink::conformance!(Topics);
