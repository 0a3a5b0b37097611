//! Properties that kalends sets itself.

const DELIVERY: &str = "`delivery: exactly-once` or `at-least-once` decides it";
const ORDER: &str = "order and completeness rest on it";
const TIMEOUT: &str = "a record must never expire while its transaction lives: leave it to kalends";
const MOCK: &str = "records would go to a cluster that is none, and be gone";
const OFFSETS: &str = "the checkpoint topic is read whole and without a consumer group";

/// Properties that promises rest on, and why each is refused.
pub(super) const RESERVED: [(&str, &str); 29] = [
    ("bootstrap.servers", "set `brokers` instead"),
    ("metadata.broker.list", "set `brokers` instead"),
    ("client.id", "it names kalends in the broker's log and quotas"),
    (
        "transactional.id",
        "it is made of the journal's identity and the sink's name: set `transactional_id_prefix` instead",
    ),
    ("enable.idempotence", DELIVERY),
    ("acks", DELIVERY),
    ("request.required.acks", DELIVERY),
    ("enable.gapless.guarantee", ORDER),
    ("max.in.flight", ORDER),
    ("max.in.flight.requests.per.connection", ORDER),
    ("retries", ORDER),
    ("message.send.max.retries", ORDER),
    ("queuing.strategy", ORDER),
    ("message.timeout.ms", TIMEOUT),
    ("delivery.timeout.ms", TIMEOUT),
    ("transaction.timeout.ms", TIMEOUT),
    ("partitioner", "consumers rely on the Java client's partitioner, murmur2_random"),
    ("allow.auto.create.topics", "`create_topics` decides it"),
    ("test.mock.num.brokers", MOCK),
    ("test.mock.broker.rtt", MOCK),
    ("sticky.partitioning.linger.ms", "every record has a key"),
    ("delivery.report.only.error", "kalends wants to hear of failures, and of nothing else"),
    ("group.id", OFFSETS),
    ("group.instance.id", OFFSETS),
    ("isolation.level", OFFSETS),
    ("auto.offset.reset", OFFSETS),
    ("enable.auto.commit", OFFSETS),
    ("enable.auto.offset.store", OFFSETS),
    ("enable.partition.eof", OFFSETS),
];
