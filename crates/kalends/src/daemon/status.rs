use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use kalends_journal::{Appender, Health, ShardLog};
use kalends_settings::Settings;
use serde_json::{Value, json};

use super::{capacity, heartbeat::Heartbeat, supervisor::Supervisor};
use crate::output::instant;

/// What of delivery's status is a time.
const INSTANTS: [&str; 5] = ["since", "oldest_undelivered", "last_error_at", "newest_minute", "received_at"];

/// What the operator's listener asks.
pub(crate) struct Probe {
    /// The public listener accepts.
    pub(crate) accepting: AtomicBool,
    /// The daemon is about to end.
    pub(crate) stopping: AtomicBool,
    started_at: i64,
    public: SocketAddr,
    answered: kalends_ingress::Metrics,
    shown: Mutex<Shown>,
    appender: Appender,
    log: Arc<dyn ShardLog>,
    room: capacity::Gauge,
    supervisor: Arc<Supervisor>,
    heartbeat: Heartbeat,
}

/// What is shown of the configuration.
struct Shown {
    endpoints: Vec<String>,
    sinks: Vec<ShownSink>,
}

/// What is shown of a sink that delivery does not know.
struct ShownSink {
    name: String,
    kind: &'static str,
    guarantee: &'static str,
}

impl From<&Settings> for Shown {
    fn from(settings: &Settings) -> Self {
        let sink = |(name, sink): (&String, &kalends_settings::Sink)| ShownSink {
            name: name.clone(),
            kind: sink.own.kind(),
            guarantee: sink.own.guarantee().as_str(),
        };
        Self {
            endpoints: settings.endpoints.keys().cloned().collect(),
            sinks: settings.sinks.iter().map(sink).collect(),
        }
    }
}

impl Probe {
    pub(crate) fn new(
        settings: &Settings,
        public: SocketAddr,
        answered: kalends_ingress::Metrics,
        appender: Appender,
        room: capacity::Gauge,
        supervisor: Arc<Supervisor>,
    ) -> Self {
        Self {
            accepting: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            started_at: super::now(),
            public,
            answered,
            shown: Mutex::new(settings.into()),
            appender,
            log: supervisor.log(),
            room,
            supervisor,
            heartbeat: Heartbeat::new(),
        }
    }

    /// Gives signs of life of the runtime that this is spawned on. Never ends by itself.
    pub(crate) async fn beat(self: Arc<Self>) {
        self.heartbeat.beat().await;
    }

    /// Webhooks are answered, and stored in time.
    fn makes_progress(&self) -> Result<(), String> {
        if self.heartbeat.is_missing() {
            return Err(
                "webhooks are not answered: the runtime is stuck; please report this as a bug".to_owned()
            );
        }
        match self.answered.overdue_appends() {
            0 => Ok(()),
            overdue => Err(format!("the journal's disk does not answer; {overdue} webhooks wait for it")),
        }
    }

    /// From now on, `settings` are shown.
    pub(crate) fn show(&self, settings: &Settings) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = settings.into();
    }

    fn journal(&self) -> Value {
        let usage = self.log.usage();
        json!({
            "id": self.log.id(),
            "state": health(self.appender.health()),
            "first_position": usage.first,
            "last_position": usage.last,
            "bytes": usage.bytes,
            "max_bytes": usage.max_bytes,
            "room_bytes": self.log.room(),
            "full_in_seconds": self.room.full_in(),
            "segments": usage.segments,
            "evicted_events": usage.evicted,
        })
    }

    fn requests(&self) -> Value {
        let answers = self.answered.answers();
        let last = answers.last_accepted.and_then(|time| i64::try_from(time.as_micros()).ok());
        let refused = answers.refused.into_iter().map(|(reason, count)| (reason.to_owned(), json!(count)));
        json!({
            "accepted": answers.accepted,
            "last_accepted_at": last.map(instant::shown),
            "refused": refused.collect::<serde_json::Map<_, _>>(),
        })
    }

    fn delivery(&self) -> Value {
        let Some(status) = self.supervisor.status() else { return Value::Null };
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let mut value = serde_json::to_value(&status).unwrap_or_default();
        readable(&mut value);
        for sink in value.get_mut("sinks").and_then(Value::as_array_mut).into_iter().flatten() {
            let known =
                shown.sinks.iter().find(|known| sink.get("name").is_some_and(|name| *name == known.name));
            if let (Some(sink), Some(known)) = (sink.as_object_mut(), known) {
                sink.insert("kind".to_owned(), json!(known.kind));
                sink.insert("guarantee".to_owned(), json!(known.guarantee));
            }
        }
        value
    }
}

impl kalends_admin::Probe for Probe {
    fn ready(&self) -> Result<(), String> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err("stopping".to_owned());
        }
        if !self.accepting.load(Ordering::Relaxed) {
            return Err("starting".to_owned());
        }
        match self.appender.health() {
            Health::Writable => self.makes_progress(),
            Health::Full => Err("the journal is full".to_owned()),
            Health::Poisoned => Err("a sync of the journal has failed".to_owned()),
            Health::Closed => Err("the journal is closed".to_owned()),
        }
    }

    fn status(&self) -> Value {
        let ready = kalends_admin::Probe::ready(self);
        let mut status = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started_at": instant::shown(self.started_at),
            "ready": ready.is_ok(),
            "not_ready_because": ready.err(),
            "public_address": self.public.to_string(),
            "endpoints": self.shown.lock().unwrap_or_else(PoisonError::into_inner).endpoints,
            "requests": self.requests(),
            "journal": self.journal(),
        });
        if let (Some(status), Value::Object(delivery)) = (status.as_object_mut(), self.delivery()) {
            status.extend(delivery);
        }
        status
    }
}

/// Makes every time in it one for people.
fn readable(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field.as_i64() {
                    Some(micros) if INSTANTS.contains(&key.as_str()) => *field = instant::shown(micros),
                    _ => readable(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(readable),
        _ => {}
    }
}

const fn health(health: Health) -> &'static str {
    match health {
        Health::Writable => "writable",
        Health::Full => "full",
        Health::Poisoned => "poisoned",
        Health::Closed => "closed",
    }
}
