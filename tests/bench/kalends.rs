use std::net::SocketAddr;

use kalends_tests::{Daemon, Installation, config};
use rustix::process::Signal;

use crate::{
    cost,
    subject::{Sink, Subject},
};

/// The daemon with one sink.
pub(crate) struct Kalends {
    installation: Installation,
    daemon: Daemon,
}

impl Kalends {
    /// # Errors
    /// It doesn't start.
    pub(crate) fn start(sink: Sink<'_>) -> anyhow::Result<Self> {
        let installation = Installation::new(&match sink {
            Sink::Files => config::files(),
            Sink::Kafka(brokers) => config::kafka(brokers),
        })?;
        let kalends = Self::of(installation)?;
        // Then it is connected.
        kalends.daemon.wait_until_delivered(&[sink.name()])?;
        Ok(kalends)
    }

    /// The daemon of an installation.
    ///
    /// # Errors
    /// It doesn't start.
    pub(crate) fn of(installation: Installation) -> anyhow::Result<Self> {
        let daemon = installation.start()?;
        Ok(Self { installation, daemon })
    }

    /// Stops it where it is, or lets it go on.
    ///
    /// # Errors
    /// It has ended.
    pub(crate) fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        self.daemon.signal(signal)
    }

    /// Bytes of the journal's segments and of everything the files sink has written.
    ///
    /// # Errors
    /// A folder can't be read.
    pub(crate) fn disk(&self) -> anyhow::Result<(f64, f64)> {
        let bytes = |folder| cost::bytes_under(&self.installation.path(folder));
        Ok((bytes("journal")?, bytes("events").unwrap_or_default()))
    }

    /// How far the sink that is behind most has delivered.
    ///
    /// # Errors
    /// The daemon doesn't answer.
    pub(crate) fn position(&self) -> anyhow::Result<u64> {
        let status = self.daemon.status()?;
        let at = |sink: &serde_json::Value| sink.get("position")?.as_u64();
        let sinks = status.get("sinks").and_then(|sinks| sinks.as_array()).into_iter().flatten();
        Ok(sinks.filter_map(at).min().unwrap_or_default())
    }
}

impl Subject for Kalends {
    fn target(&self) -> SocketAddr {
        self.daemon.public()
    }

    fn pid(&self) -> u32 {
        self.daemon.pid()
    }

    fn has_delivered(&self, events: u32) -> anyhow::Result<bool> {
        // What was refused for its slowness may be stored all the same; sent again, it has a second position.
        Ok(self.position()? >= u64::from(events))
    }
}
