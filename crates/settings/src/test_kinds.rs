use kalends_sink::SinkKinds;

/// The kinds that the tests of this crate write.
pub(crate) const KINDS: SinkKinds = &[&kalends_sink_files::Files, &kalends_sink_kafka::Kafka];
