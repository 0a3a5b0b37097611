use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use bytes::Bytes;

use super::{Error, EventType, Settings, body::Maker, ids::Ids, life, target::Target};

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
    /// In turns; none is the life of one person after the other.
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
    /// Due time, from the start of the load.
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
        let types = settings.types.clone();
        let turns = if types.is_empty() { EventType::ALL.len() } else { types.len() };
        let default_count = if settings.file.is_some() { 1 } else { u64::try_from(turns).unwrap_or(1) };
        let maker = match settings.seed {
            Some(seed) => Maker { run: seed, first: seed % 1_000_000 },
            None => Maker { run: getrandom::u64().map_err(Error::Random)?, first: 0 },
        };
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
            maker,
            next: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        })
    }

    /// Number of events.
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
        let event = self.maker.event(number, self.event_type(number));
        Some(Parcel { id: Some(self.maker.id(number)), body: event.to_string().into(), due })
    }

    /// The types that were asked for take turns; without any, it is what happens to the person of this number.
    fn event_type(&self, number: u64) -> EventType {
        let turn = u64::try_from(self.types.len()).ok().and_then(|types| number.checked_rem(types));
        let turn = turn.and_then(|turn| usize::try_from(turn).ok());
        turn.and_then(|turn| self.types.get(turn)).copied().unwrap_or_else(|| life::event_type(number))
    }

    /// Hands out no more, and lets nothing be tried again.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
