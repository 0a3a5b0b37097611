use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rdkafka::{
    ClientConfig, ClientContext,
    error::{KafkaError, RDKafkaErrorCode},
    message::DeliveryResult,
    producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext},
};

const TOPIC: &str = "floor.subscribe";
const CHECKPOINTS: &str = "floor.checkpoints";
const PATIENCE: Duration = Duration::from_secs(30);

/// Delivers records and the position in one transaction.
pub(crate) struct Producer {
    producer: BaseProducer<Watch>,
    lost: Arc<AtomicBool>,
}

/// Watches that every record arrives.
struct Watch(Arc<AtomicBool>);

impl ClientContext for Watch {}

impl ProducerContext for Watch {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.store(true, Ordering::Release);
        }
    }
}

impl Producer {
    pub(crate) fn connect(brokers: &str) -> anyhow::Result<Self> {
        let lost = Arc::new(AtomicBool::new(false));
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", brokers)
            .set("transactional.id", "floor")
            .set("partitioner", "murmur2_random")
            .set("compression.type", "lz4");
        let producer: BaseProducer<Watch> = config.create_with_context(Watch(Arc::clone(&lost)))?;
        producer.init_transactions(PATIENCE)?;
        Ok(Self { producer, lost })
    }

    pub(crate) fn begin(&self) -> anyhow::Result<()> {
        Ok(self.producer.begin_transaction()?)
    }

    pub(crate) fn send(&self, key: &str, value: &[u8]) -> anyhow::Result<()> {
        self.put(BaseRecord::to(TOPIC).key(key).payload(value))
    }

    /// Makes everything since the last commit visible together with the position.
    pub(crate) fn commit(&self, position: u64) -> anyhow::Result<()> {
        self.put(BaseRecord::to(CHECKPOINTS).key("floor").payload(position.to_string().as_bytes()))?;
        // The client's own flush would wait in steps of 100 ms.
        while self.producer.in_flight_count() > 0 {
            self.rest();
        }
        anyhow::ensure!(!self.lost.load(Ordering::Acquire), "a record did not arrive");
        Ok(self.producer.commit_transaction(PATIENCE)?)
    }

    fn put(&self, mut record: BaseRecord<'_, str, [u8]>) -> anyhow::Result<()> {
        while let Err((error, returned)) = self.producer.send(record) {
            anyhow::ensure!(
                matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)),
                error
            );
            self.rest();
            record = returned;
        }
        Ok(())
    }

    /// Takes in what was reported, then sleeps for a moment.
    fn rest(&self) {
        let before = self.producer.in_flight_count();
        // Each call takes in one report.
        for _ in 0..before {
            self.producer.poll(Duration::ZERO);
        }
        thread::sleep(Duration::from_millis(1));
    }
}
