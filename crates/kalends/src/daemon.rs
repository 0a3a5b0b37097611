//! The daemon's story: what is started in which order, and stopped in which.
//!
//! Start: open the journal, start delivery, take the public address, start the operator's listener, accept. The journal comes
//! first because it is the truth; the public listener last because it must not answer before everything behind it stands.
//! Stop, in the reverse of trust: not ready, stop accepting, let running requests end, let the sinks commit, close the
//! journal, and the operator's listener last, so that it can be watched.

mod binding;
mod capacity;
mod endpoints;
mod error;
mod file_limit;
mod heartbeat;
mod poison;
mod reload;
pub(crate) mod signals;
mod sinks;
mod status;
mod supervisor;
mod systemd;
#[cfg(test)]
mod tests;
mod traces;

pub use binding::IfTaken;
pub use error::Error;
pub use reload::Reloads;

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant, SystemTime},
};

use kalends_delivery::{Clock, DeliveryContext, ForgetList, SinkLocks, SinkStatus};
use kalends_ingress::Ended;
use kalends_journal::{Journal, ShardLog};
use kalends_settings::{Settings, schema_catalogue::Catalogue};
use kalends_sink::SharedMetrics;
use prometheus::Registry;
use sd_notify::NotifyState;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{
    journals,
    output::{instant, logging},
};

use self::{status::Probe, supervisor::Supervisor, traces::Traces};

/// The running daemon, ready to accept.
pub struct App {
    settings: Settings,
    registry: Registry,
    journal: Box<dyn Journal>,
    room: capacity::Gauge,
    sinks: SharedMetrics,
    traces: Traces,
    supervisor: Arc<Supervisor>,
    probe: Arc<Probe>,
    public: kalends_ingress::Server,
    admin: kalends_admin::Server,
}

fn delivery(settings: &Settings, file: Option<PathBuf>, traces: &Traces) -> kalends_delivery::Settings {
    kalends_delivery::Settings {
        window: settings.deduplicate.window,
        state: Some(journals::state(settings)),
        forget_list: Some(ForgetList::of(&settings.journal.directory)),
        counted_after: None,
        configuration: file,
        tracer: traces.tracer(),
    }
}

impl App {
    /// Starts everything but the accepting of webhooks. `configuration` is what the log calls the configuration,
    /// and `file` is what commands in messages name.
    ///
    /// # Errors
    /// [`Error`], which says what could not be started and why.
    pub async fn start(
        settings: Settings,
        configuration: &str,
        file: Option<PathBuf>,
        if_taken: IfTaken,
    ) -> Result<Self, Error> {
        if !instant::clock_shows_a_date() {
            return Err(Error::Clock);
        }
        let registry = Registry::new();
        let schemas = Catalogue::read(settings.schemas.directory.as_deref(), settings.timestamps.into())?;
        for note in schemas.notes() {
            tracing::warn!("{}", note.message);
        }
        let metrics = SharedMetrics::new(registry.clone());
        let sinks = sinks::build(&settings, &schemas.plan, &metrics)?;
        let journals::Opened { journal, shard } = journals::open(&settings, &registry)?;
        log_start(configuration, &*shard);
        let answered = kalends_ingress::Metrics::default();
        answered.register(&registry)?;
        logging::register(&registry)?;
        let room = capacity::Gauge::register(&registry)?;
        let traces = Traces::start(&settings, &registry, &*shard)?;
        let mut listener = endpoints::listener(&settings, traces.tracer())?;
        listener.max_connections = file_limit::connections(listener.max_connections, file_limit::raise());
        let public = binding::public(listener, &answered, if_taken).await?;
        let context = DeliveryContext {
            log: shard,
            plan: Arc::new(schemas.plan),
            settings: delivery(&settings, file, &traces),
            clock: Clock::new(now),
            metrics: kalends_delivery::Metrics::register(&registry)?,
            sink_locks: SinkLocks::default(),
        };
        let supervisor = Arc::new(Supervisor::start(context, sinks)?);
        let probe = Arc::new(Probe::new(
            &settings,
            public.local_addr(),
            answered,
            journal.appender(),
            room.clone(),
            Arc::clone(&supervisor),
        ));
        let tls = endpoints::admin_tls(&settings)?;
        let admin = binding::admin(settings.admin.address, tls, &registry, &probe, if_taken).await?;
        log_addresses(public.local_addr(), admin.local_addr());
        Ok(Self {
            settings,
            registry,
            journal,
            room,
            sinks: metrics,
            traces,
            supervisor,
            probe,
            public,
            admin,
        })
    }

    /// Where webhooks are accepted.
    #[must_use]
    pub const fn public_address(&self) -> SocketAddr {
        self.public.local_addr()
    }

    /// Where the operator's listener is.
    #[must_use]
    pub fn admin_address(&self) -> SocketAddr {
        self.admin.local_addr()
    }

    /// The metrics.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What the operator's listener asks.
    #[must_use]
    pub fn probe(&self) -> Arc<dyn kalends_admin::Probe> {
        self.probe.clone()
    }

    /// Accepts webhooks until `shutdown` is ready, then stops everything in order. In the meantime it follows `reloads`.
    ///
    /// # Errors
    /// [`Error::Poisoned`] when a sync of the journal has failed; [`Error::Close`] when it could not be closed as it should;
    /// [`Error::Panicked`] when a task has.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
        reloads: Option<Reloads>,
    ) -> Result<(), Error> {
        let Self { settings, registry, journal, room, sinks, traces, supervisor, probe, public, admin } =
            self;
        let last_spans = traces.clone();
        let stop_timeout = settings.stop_timeout;
        let running = reload::Running {
            settings,
            public: public.control(),
            admin: admin.control(),
            sinks,
            traces,
            supervisor: Arc::clone(&supervisor),
            probe: Arc::clone(&probe),
            gauges: reload::Gauges::register(&registry)?,
        };
        let beside = [
            tokio::spawn(capacity::watch(supervisor.log(), journal.appender(), room)),
            tokio::spawn(async move {
                if let Some(reloads) = reloads {
                    running.follow(reloads).await;
                }
            }),
            tokio::spawn(Arc::clone(&probe).beat()),
            systemd::feed_watchdog(),
        ];
        let poisoned = journal.appender();
        let (unready, poison) = (Arc::clone(&probe), poison::watch(poisoned));
        let (tell, told) = oneshot::channel();
        let stop = async move {
            let poisoned = tokio::select! {
                () = shutdown => false,
                () = poison => true,
            };
            systemd::tell(&[NotifyState::Stopping]);
            unready.stopping.store(true, Ordering::Relaxed);
            if tell.send((poisoned, Instant::now())).is_err() {
                tracing::debug!("the listener had ended already");
            }
        };
        probe.accepting.store(true, Ordering::Relaxed);
        systemd::tell(&[NotifyState::Ready]);
        if let Ended::Cut { connections } = public.serve(journal.appender(), stop).await {
            tracing::warn!(connections, "requests that took too long were cut, unacknowledged");
        }
        let (poisoned, since) = told.await.unwrap_or_else(|_| (false, Instant::now()));
        beside.iter().for_each(JoinHandle::abort);
        stop_delivery(supervisor, stop_timeout.saturating_sub(since.elapsed())).await;
        let closed = tokio::task::spawn_blocking(move || journal.close()).await;
        last_spans.stop().await;
        admin.stop();
        match closed {
            _ if poisoned => Err(Error::Poisoned),
            Ok(closed) => closed.map_err(Error::Close),
            Err(_) => Err(Error::Panicked),
        }
    }
}

async fn stop_delivery(supervisor: Arc<Supervisor>, patience: Duration) {
    let stopped = tokio::task::spawn_blocking(move || supervisor.stop(patience)).await;
    let Ok(Some(stopped)) = stopped else { return };
    for SinkStatus { name, position, lag_events, .. } in &stopped.sinks {
        if *lag_events == 0 {
            tracing::info!(sink = name, position, "has committed everything");
        } else {
            tracing::warn!(
                sink = name,
                position,
                waiting = lag_events,
                "behind: the rest waits in the journal"
            );
        }
    }
    if !stopped.in_time {
        tracing::warn!(
            "a sink did not end in time and was left behind; what it has not committed comes again"
        );
    }
}

fn log_start(configuration: &str, log: &dyn ShardLog) {
    let version = env!("CARGO_PKG_VERSION");
    let (usage, journal) = (log.usage(), log.id());
    let (first_position, last_position) = (usage.first, usage.last);
    tracing::info!(version, configuration, %journal, first_position, last_position, "starting");
}

fn log_addresses(public: SocketAddr, admin: SocketAddr) {
    tracing::info!(listener = "admin", address = %admin, "listening");
    tracing::info!(listener = "public", address = %public, "listening");
}

/// Microseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the daemon's wiring is where time is read")]
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
