use std::net::SocketAddr;

/// What is measured.
pub(crate) trait Subject {
    /// Where it receives events.
    fn target(&self) -> SocketAddr;

    /// Its process.
    fn pid(&self) -> u32;

    /// Whether so many events are delivered.
    ///
    /// # Errors
    /// It doesn't answer.
    fn has_delivered(&self, events: u32) -> anyhow::Result<bool>;
}

/// Where events are delivered to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sink<'a> {
    /// Avro files.
    Files,
    /// The Kafka cluster of these brokers.
    Kafka(&'a str),
}

impl Sink<'_> {
    /// Its name in the configuration and in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Kafka(_) => "kafka",
        }
    }
}
