use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore, SemaphorePermit},
    time::timeout,
};

/// Most connections that were told to go and have not gone yet; each is one more than there may be.
const MAX_EVICTING: usize = 64;
/// Most connections that are served at once; each may take up to about 50 KiB beside its bodies. All others wait.
const MAX_SERVED: usize = 4096;
/// Longest wait for a connection that was told to go.
const EVICTION_TIMEOUT: Duration = Duration::from_secs(5);

/// The open connections that may be closed to make room: those without a request in flight, by when they became so.
///
/// A connection that only holds a place, or begins a head and never ends it, must not keep out a sender that has something to
/// say.
#[derive(Debug)]
pub(crate) struct ConnectionRegistry {
    idle: Mutex<Idle>,
    serving: Semaphore,
}

#[derive(Debug, Default)]
struct Idle {
    /// Without the memory for serving a request.
    unserved: ByAge,
    served: ByAge,
    next: u64,
    evicting: usize,
}

type ByAge = BTreeMap<u64, Arc<Notify>>;

impl ConnectionRegistry {
    /// A registry without connections.
    pub(crate) fn new() -> Self {
        Self { idle: Mutex::default(), serving: Semaphore::new(MAX_SERVED) }
    }

    /// Tells the connection to go that has been idle longest; false when none is.
    pub(crate) fn evict_idlest(&self) -> bool {
        let mut idle = self.idle();
        let first = |all: &ByAge| all.first_key_value().map_or(u64::MAX, |(since, _)| *since);
        let is_served = first(&idle.served) <= first(&idle.unserved);
        idle.evict_first(is_served)
    }

    /// Room to serve a connection that has something to say, until dropped. `None` when too many are served, and each of them
    /// has a request in flight.
    ///
    /// # Cancel safety
    /// If the future is dropped, a connection may have been told to go in vain.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(permit) = self.serving.try_acquire() {
            return Some(permit);
        }
        if !self.evict_idlest_served() {
            return None;
        }
        timeout(EVICTION_TIMEOUT, self.serving.acquire()).await.ok()?.ok()
    }

    fn evict_idlest_served(&self) -> bool {
        self.idle().evict_first(true)
    }

    /// Adds a connection that is idle from now on, and returns its place.
    pub(super) fn add(&self, is_served: bool, evicted: &Arc<Notify>) -> u64 {
        let mut idle = self.idle();
        let since = idle.next;
        idle.next += 1;
        idle.all(is_served).insert(since, Arc::clone(evicted));
        since
    }

    /// Removes the connection with this place; false when it has been told to go.
    pub(super) fn remove(&self, is_served: bool, since: u64) -> bool {
        self.idle().all(is_served).remove(&since).is_some()
    }

    /// Says that the connection with this place is served from now on, or no longer; false when it has been told to go.
    pub(super) fn set_served(&self, is_served: bool, since: u64) -> bool {
        let mut idle = self.idle();
        match idle.all(!is_served).remove(&since) {
            Some(evicted) => idle.all(is_served).insert(since, evicted).is_none(),
            None => false,
        }
    }

    /// A connection that was told to go has gone.
    pub(super) fn note_gone(&self) {
        let mut idle = self.idle();
        idle.evicting = idle.evicting.saturating_sub(1);
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    fn evict_first(&mut self, is_served: bool) -> bool {
        if self.evicting >= MAX_EVICTING {
            return false;
        }
        let Some((_, evicted)) = self.all(is_served).pop_first() else { return false };
        self.evicting += 1;
        evicted.notify_one();
        true
    }

    fn all(&mut self, is_served: bool) -> &mut ByAge {
        if is_served { &mut self.served } else { &mut self.unserved }
    }
}

#[cfg(test)]
mod tests;
