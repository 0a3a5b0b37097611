use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Most connections that were told to go and have not gone yet; each is one more than there may be.
const MAX_EVICTING: usize = 64;

/// The open connections, by how long no request of theirs is being answered.
///
/// Those that only hold a place, or begin a head and never end it, must not keep out somebody who has something to say.
#[derive(Debug, Default)]
pub(crate) struct ConnectionRegistry(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Without a request, and without the memory for serving any; by when that began.
    waiting: Idle,
    /// Without a request, but being served.
    serving: Idle,
    next: u64,
    leaving: usize,
}

type Idle = BTreeMap<u64, Arc<Notify>>;

/// One connection's registration, until dropped.
#[derive(Debug)]
pub(crate) struct Registration {
    registry: Arc<ConnectionRegistry>,
    evict: Arc<Notify>,
    place: Mutex<Place>,
}

#[derive(Debug, Default)]
struct Place {
    /// Where it stands among the idle ones, when nothing is running.
    key: u64,
    running: usize,
    serving: bool,
    /// It has been told to go.
    leaving: bool,
}

impl ConnectionRegistry {
    /// A registration for a connection that was accepted now.
    pub(crate) fn register(self: &Arc<Self>) -> Registration {
        let registration =
            Registration { registry: Arc::clone(self), evict: Arc::default(), place: Mutex::default() };
        registration.sit_down(&mut registration.place());
        registration
    }

    /// Tells the connection to go that has been idle longest; false when none is.
    pub(crate) fn evict_idlest(&self) -> bool {
        let mut state = self.state();
        let first = |idle: &Idle| idle.first_key_value().map_or(u64::MAX, |(key, _)| *key);
        if first(&state.waiting) < first(&state.serving) {
            state.evict(|state| &mut state.waiting)
        } else {
            state.evict(|state| &mut state.serving)
        }
    }

    /// The same among those that are being served.
    pub(crate) fn evict_idlest_served(&self) -> bool {
        self.state().evict(|state| &mut state.serving)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn evict(&mut self, among: impl Fn(&mut Self) -> &mut Idle) -> bool {
        if self.leaving >= MAX_EVICTING {
            return false;
        }
        let Some((_, evict)) = among(self).pop_first() else { return false };
        self.leaving += 1;
        evict.notify_one();
        true
    }

    fn idle(&mut self, serving: bool) -> &mut Idle {
        if serving { &mut self.serving } else { &mut self.waiting }
    }
}

impl Registration {
    /// Ready when somebody else needs the registration.
    ///
    /// # Cancel safety
    /// Safe: a call is kept for the next wait.
    pub(crate) fn eviction(&self) -> Arc<Notify> {
        Arc::clone(&self.evict)
    }

    /// A request begins.
    pub(crate) fn begin(&self) {
        let mut place = self.place();
        place.running += 1;
        if place.running == 1 {
            self.stand_up(&mut place);
        }
    }

    /// A request has ended.
    pub(crate) fn end(&self) {
        let mut place = self.place();
        place.running = place.running.saturating_sub(1);
        if place.running == 0 && !place.leaving {
            self.sit_down(&mut place);
        }
    }

    /// Says whether the connection is being served. It has been idle for as long as before.
    pub(crate) fn set_serving(&self, serving: bool) {
        let mut place = self.place();
        let before = mem::replace(&mut place.serving, serving);
        if place.running == 0 && !place.leaving {
            let mut state = self.registry.state();
            match state.idle(before).remove(&place.key) {
                Some(evict) => drop(state.idle(serving).insert(place.key, evict)),
                None => place.leaving = true,
            }
        }
    }

    fn sit_down(&self, place: &mut Place) {
        let mut state = self.registry.state();
        place.key = state.next;
        state.next += 1;
        state.idle(place.serving).insert(place.key, Arc::clone(&self.evict));
    }

    fn stand_up(&self, place: &mut Place) {
        let found = self.registry.state().idle(place.serving).remove(&place.key);
        place.leaving |= found.is_none();
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut place = self.place();
        if place.running == 0 && !place.leaving {
            self.stand_up(&mut place);
        }
        if place.leaving {
            let mut state = self.registry.state();
            state.leaving = state.leaving.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_called(registration: &Registration) -> bool {
        let call = registration.eviction();
        let mut waiting = std::pin::pin!(call.notified());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        waiting.as_mut().poll(&mut context).is_ready()
    }

    #[test]
    fn who_has_been_idle_longest_goes_first_and_who_is_answered_stays() {
        let registry = Arc::<ConnectionRegistry>::default();
        let [first, second, third] = [(); 3].map(|()| registry.register());
        first.begin();
        second.begin();
        second.end();
        assert!(registry.evict_idlest());
        assert!(is_called(&third) && !is_called(&second));
        assert!(registry.evict_idlest());
        assert!(is_called(&second) && !is_called(&first));
        assert!(!registry.evict_idlest(), "the first is being answered");
        first.end();
        assert!(registry.evict_idlest() && is_called(&first));
    }

    #[test]
    fn of_those_that_are_served_one_goes_that_is() {
        let registry = Arc::<ConnectionRegistry>::default();
        let [waiting, served] = [(); 2].map(|()| registry.register());
        assert!(!registry.evict_idlest_served());
        served.set_serving(true);
        assert!(registry.evict_idlest_served() && is_called(&served) && !is_called(&waiting));
        assert!(!registry.evict_idlest_served());
    }

    #[test]
    fn no_more_are_told_to_go_than_go() {
        let registry = Arc::<ConnectionRegistry>::default();
        let mut open: Vec<_> = (0..MAX_EVICTING + 10).map(|_| registry.register()).collect();
        assert_eq!((0..open.len()).filter(|_| registry.evict_idlest()).count(), MAX_EVICTING);
        // One that was told and begins a request at that moment goes all the same.
        open[0].begin();
        drop(open.remove(0));
        drop(open.remove(0));
        assert_eq!((0..open.len()).filter(|_| registry.evict_idlest()).count(), 2);
        drop(open);
        let state = registry.state();
        assert_eq!((state.leaving, state.waiting.len(), state.serving.len()), (0, 0, 0));
    }
}
