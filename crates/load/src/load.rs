use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;

use super::{Error, EventType, Settings, body::Maker, ids::Ids, target::Target};

/// Everything that is to be posted, handed out event by event.
#[derive(Debug)]
pub struct Load {
    pub(super) target: Target,
    pub(super) authorization: Option<String>,
    pub(super) count: u64,
    pub(super) connections: u32,
    pub(super) retry: Option<Duration>,
    pub(super) ids: Option<Ids>,
    /// Time between two events; zero is as fast as they are answered.
    gap: Duration,
    given: Option<Bytes>,
    types: Vec<EventType>,
    maker: Maker,
    next: AtomicU64,
    stopped: AtomicBool,
}

/// One event to post.
#[derive(Debug)]
pub(super) struct Parcel {
    /// Its id, where we made it up.
    pub(super) id: Option<String>,
    pub(super) body: Bytes,
    /// When it is due, from the start of all.
    pub(super) due: Duration,
}

impl Load {
    /// Reads what there is to read before anything is posted.
    ///
    /// # Errors
    /// The URL can't be used, or a file can't be read or opened.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let given =
            settings.file.as_ref().map(|path| fs::read(path).map_err(|error| Error::file(path, error)));
        let types = if settings.types.is_empty() { EventType::ALL.to_vec() } else { settings.types.clone() };
        let default_count = if settings.file.is_some() { 1 } else { u64::try_from(types.len()).unwrap_or(1) };
        let run = getrandom::u64().map_err(Error::Random)?;
        Ok(Self {
            target: Target::parse(&settings.url).map_err(Error::Url)?,
            authorization: settings.token.as_ref().map(|token| format!("Bearer {token}")),
            count: settings.count.unwrap_or(default_count),
            connections: settings.connections,
            retry: settings.retry,
            ids: settings.out.as_deref().map(Ids::open).transpose()?,
            gap: settings
                .rate
                .and_then(|rate| Duration::try_from_secs_f64(1.0 / rate).ok())
                .unwrap_or_default(),
            given: given.transpose()?.map(Bytes::from),
            types,
            maker: Maker { run },
            next: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    /// How many events there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The next event; `None` when all were handed out or the load was stopped.
    pub(super) fn next(&self) -> Option<Parcel> {
        if self.is_stopped() {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.count {
            return None;
        }
        let due = self.gap.saturating_mul(u32::try_from(number).unwrap_or(u32::MAX));
        if let Some(given) = &self.given {
            return Some(Parcel { id: None, body: given.clone(), due });
        }
        let turn =
            u64::try_from(self.types.len()).ok().and_then(|types| number.checked_rem(types)).unwrap_or(0);
        let event_type = usize::try_from(turn).ok().and_then(|turn| self.types.get(turn)).copied();
        let event = self.maker.event(number, event_type.unwrap_or(EventType::Test));
        Some(Parcel { id: Some(self.maker.id(number)), body: event.to_string().into(), due })
    }

    /// Hands out no more, and lets nothing be tried again.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
