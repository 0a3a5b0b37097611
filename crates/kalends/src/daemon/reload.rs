//! A new configuration for a running daemon: all of it or nothing, and what has to wait for a restart is named.

mod change;
mod going_back;

use std::{sync::Arc, time::Duration};

use kalends_delivery::PreparedDelivery;
use kalends_ingress::rustls::ServerConfig;
use kalends_settings::Settings;
use kalends_sink::SharedMetrics;
use prometheus::{Gauge, IntGauge, Registry};
use sd_notify::NotifyState;
use tokio::signal::unix::Signal;

use self::{
    change::Change,
    going_back::{GOING_BACK_POLL, GoingBack},
};
use super::{
    Error, endpoints, sinks,
    status::Probe,
    supervisor::Supervisor,
    systemd,
    traces::{self, Traces},
};
use crate::{
    daemon::file_limit,
    output::{exit::Failure, logging, pasteable::pasteable},
};

/// Where new configurations come from.
pub struct Reloads {
    /// Says when to read one.
    pub signal: Signal,
    /// Reads it.
    pub read: Box<dyn Fn() -> Result<Settings, Failure> + Send>,
}

/// How the last reload went.
pub(crate) struct Gauges {
    successful: IntGauge,
    succeeded_at: Gauge,
}

impl Gauges {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let successful = IntGauge::new(
            "kalends_config_last_reload_successful",
            "1 if the configuration that was read last is in effect, 0 if it was refused.",
        )?;
        let succeeded_at = Gauge::new(
            "kalends_config_last_reload_success_timestamp_seconds",
            "When a configuration was last put into effect.",
        )?;
        registry.register(Box::new(successful.clone()))?;
        registry.register(Box::new(succeeded_at.clone()))?;
        let gauges = Self { successful, succeeded_at };
        gauges.set(true);
        Ok(gauges)
    }

    fn set(&self, successful: bool) {
        self.successful.set(successful.into());
        if successful {
            let micros = u64::try_from(super::now()).unwrap_or_default();
            self.succeeded_at.set(Duration::from_micros(micros).as_secs_f64());
        }
    }
}

/// What of the daemon a new configuration may change.
pub(crate) struct Running {
    pub(crate) settings: Settings,
    pub(crate) public: kalends_ingress::Control,
    pub(crate) admin: kalends_admin::Control,
    pub(crate) sinks: SharedMetrics,
    pub(crate) traces: Traces,
    pub(crate) supervisor: Arc<Supervisor>,
    pub(crate) probe: Arc<Probe>,
    pub(crate) gauges: Gauges,
}

/// Everything that a configuration asks for, made and not yet in effect.
struct Made {
    public: kalends_ingress::Prepared,
    admin: Option<Arc<ServerConfig>>,
    /// `None` where the sinks stay what they are.
    delivery: Option<PreparedDelivery>,
    /// `None` where nothing of it changes.
    traces: Option<traces::Made>,
}

impl Running {
    /// Puts a new configuration into effect at each signal, and begins delivery again for sinks that wait for that before they go back. Never ends by
    /// itself.
    pub(crate) async fn follow(mut self, mut reloads: Reloads) {
        let mut going_back = GoingBack::default();
        loop {
            tokio::select! {
                signal = reloads.signal.recv() => match signal {
                    Some(()) => {
                        systemd::tell_reloading();
                        self.reload((reloads.read)()).await;
                    }
                    None => return,
                },
                () = tokio::time::sleep(GOING_BACK_POLL) => going_back.carry_out(&self).await,
            }
        }
    }

    async fn reload(&mut self, read: Result<Settings, Failure>) {
        let outcome = match read {
            Ok(new) => self.change(new).await.map_err(|error| error.to_string()),
            Err(failure) => Err(failure.message),
        };
        self.gauges.set(outcome.is_ok());
        if let Err(reason) = outcome {
            let reason = pasteable(&reason);
            tracing::error!("the new configuration is refused and the old one stays in effect: {reason}");
        }
        systemd::tell(&[NotifyState::Ready]);
    }

    async fn change(&mut self, new: Settings) -> Result<(), Error> {
        let Change { mut settings, live, waiting, sinks } = Change::between(&self.settings, new);
        if let Some((path, message)) = settings.faults(self.supervisor.plan()).into_iter().next() {
            return Err(Error::Mixture(format!("{path}: {message}")));
        }
        let made = self.make(&settings, sinks)?;
        // The last that can fail; when it does, nothing has changed.
        if let Some(traces) = made.traces {
            self.traces.apply(traces)?;
        }
        self.public.apply(made.public);
        self.admin.replace_tls(made.admin);
        logging::change_level(settings.log.level);
        self.probe.show(&settings);
        let old = std::mem::replace(&mut self.settings, settings);
        if !waiting.is_empty() {
            tracing::warn!(
                keys = waiting.join(", "),
                "these keys changed, and take effect at the next start"
            );
        }
        if let Some(delivery) = made.delivery {
            self.change_sinks(delivery, &old).await?;
        }
        tracing::info!(keys = live.join(", "), "a new configuration is in effect");
        Ok(())
    }

    fn make(&self, settings: &Settings, sinks: bool) -> Result<Made, Error> {
        let mut public = endpoints::listener(settings, self.traces.tracer())?;
        public.max_connections = file_limit::connections(public.max_connections, file_limit::raise());
        let changes = settings.telemetry != self.settings.telemetry;
        let built = sinks::build(settings, self.supervisor.plan(), &self.sinks)?;
        let delivery = sinks.then(|| self.supervisor.prepare(built)).transpose()?;
        let traces = changes.then(|| self.traces.make(settings)).transpose()?;
        Ok(Made {
            public: kalends_ingress::Control::prepare(public)?,
            admin: endpoints::admin_tls(settings)?,
            delivery,
            traces,
        })
    }

    /// Webhooks are received in the meantime; the sinks find them in the journal.
    async fn change_sinks(&self, delivery: PreparedDelivery, old: &Settings) -> Result<(), Error> {
        let gone = old.sinks.keys().filter(|name| !self.settings.sinks.contains_key(*name));
        let gone = gone.cloned().collect::<Vec<_>>();
        let supervisor = Arc::clone(&self.supervisor);
        let replace = move || supervisor.replace(delivery, &gone);
        tokio::task::spawn_blocking(replace).await.map_err(|_| Error::Panicked)
    }
}
