//! Topics can be joined by key with those of any Java producer.

use kalends_sink::Sink as _;

use crate::fixture::{Fixture, datum, record, shared_broker, sink};

/// Keys, and what `org.apache.kafka.common.utils.Utils.murmur2` makes of them, from that project's own tests.
const MURMUR2: [(&str, i32); 6] = [
    ("21", -973_932_308),
    ("foobar", -790_332_482),
    ("a-little-bit-long-string", -985_981_536),
    ("a-little-bit-longer-string", -1_486_304_829),
    ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
    ("abc", 479_470_107),
];
const PARTITIONS: i32 = 7;

#[test]
fn a_key_lands_in_the_partition_that_the_java_client_would_choose() {
    let Some(broker) = shared_broker() else { return };
    let fixture = Fixture::new(broker, "partitions");
    let mut settings = fixture.settings();
    settings.partitions = Some(PARTITIONS.unsigned_abs());
    let mut sink = sink(settings);
    fixture.connect(&mut sink);
    let records: Vec<_> =
        MURMUR2.iter().zip(1..).map(|((key, _), position)| record(position, 0, key, "d")).collect();
    sink.write(&records).unwrap();
    sink.commit(fixture.checkpoint(6)).unwrap();
    let messages = broker.committed(fixture.topic(0)).unwrap();
    assert_eq!(messages.len(), MURMUR2.len());
    for (key, hash) in MURMUR2 {
        let message = messages.iter().find(|message| message.key == key).unwrap();
        // The Java client drops the sign's bit, and takes no absolute value.
        assert_eq!(message.partition, (hash & i32::MAX) % PARTITIONS, "{key} {}", datum(message));
    }
}
