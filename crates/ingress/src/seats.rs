use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Most connections that were told to go and have not gone yet; each is one more than there may be.
const MOST_LEAVING: usize = 64;

/// The open connections, by how long no request of theirs is being answered.
///
/// Those that only hold a place, or begin a head and never end it, must not keep out somebody who has something to say.
#[derive(Debug, Default)]
pub(crate) struct Seats(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Without a request, and without the memory for serving any; by when that began.
    resting: Idle,
    /// Without a request, but being served.
    serving: Idle,
    next: u64,
    leaving: usize,
}

type Idle = BTreeMap<u64, Arc<Notify>>;

/// One connection's seat, until dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    called: Arc<Notify>,
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

impl Seats {
    /// A seat for a connection that was accepted now.
    pub(crate) fn take(self: &Arc<Self>) -> Seat {
        let seat = Seat { seats: Arc::clone(self), called: Arc::default(), place: Mutex::default() };
        seat.sit_down(&mut seat.place());
        seat
    }

    /// Tells the connection to go that has been idle longest; false when none is.
    pub(crate) fn free_any(&self) -> bool {
        let mut state = self.state();
        let first = |idle: &Idle| idle.first_key_value().map_or(u64::MAX, |(key, _)| *key);
        if first(&state.resting) < first(&state.serving) {
            state.call(|state| &mut state.resting)
        } else {
            state.call(|state| &mut state.serving)
        }
    }

    /// The same among those that are being served.
    pub(crate) fn free_served(&self) -> bool {
        self.state().call(|state| &mut state.serving)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn call(&mut self, among: impl Fn(&mut Self) -> &mut Idle) -> bool {
        if self.leaving >= MOST_LEAVING {
            return false;
        }
        let Some((_, called)) = among(self).pop_first() else { return false };
        self.leaving += 1;
        called.notify_one();
        true
    }

    fn idle(&mut self, serving: bool) -> &mut Idle {
        if serving { &mut self.serving } else { &mut self.resting }
    }
}

impl Seat {
    /// Ready when somebody else needs the seat.
    ///
    /// # Cancel safety
    /// Safe: a call is kept for the next wait.
    pub(crate) fn call(&self) -> Arc<Notify> {
        Arc::clone(&self.called)
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
            let mut state = self.seats.state();
            match state.idle(before).remove(&place.key) {
                Some(called) => drop(state.idle(serving).insert(place.key, called)),
                None => place.leaving = true,
            }
        }
    }

    fn sit_down(&self, place: &mut Place) {
        let mut state = self.seats.state();
        place.key = state.next;
        state.next += 1;
        state.idle(place.serving).insert(place.key, Arc::clone(&self.called));
    }

    fn stand_up(&self, place: &mut Place) {
        let found = self.seats.state().idle(place.serving).remove(&place.key);
        place.leaving |= found.is_none();
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut place = self.place();
        if place.running == 0 && !place.leaving {
            self.stand_up(&mut place);
        }
        if place.leaving {
            let mut state = self.seats.state();
            state.leaving = state.leaving.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_called(seat: &Seat) -> bool {
        let call = seat.call();
        let mut waiting = std::pin::pin!(call.notified());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        waiting.as_mut().poll(&mut context).is_ready()
    }

    #[test]
    fn who_has_been_idle_longest_goes_first_and_who_is_answered_stays() {
        let seats = Arc::<Seats>::default();
        let [first, second, third] = [(); 3].map(|()| seats.take());
        first.begin();
        second.begin();
        second.end();
        assert!(seats.free_any());
        assert!(is_called(&third) && !is_called(&second));
        assert!(seats.free_any());
        assert!(is_called(&second) && !is_called(&first));
        assert!(!seats.free_any(), "the first is being answered");
        first.end();
        assert!(seats.free_any() && is_called(&first));
    }

    #[test]
    fn of_those_that_are_served_one_goes_that_is() {
        let seats = Arc::<Seats>::default();
        let [resting, served] = [(); 2].map(|()| seats.take());
        assert!(!seats.free_served());
        served.set_serving(true);
        assert!(seats.free_served() && is_called(&served) && !is_called(&resting));
        assert!(!seats.free_served());
    }

    #[test]
    fn no_more_are_told_to_go_than_go() {
        let seats = Arc::<Seats>::default();
        let mut open: Vec<_> = (0..MOST_LEAVING + 10).map(|_| seats.take()).collect();
        assert_eq!((0..open.len()).filter(|_| seats.free_any()).count(), MOST_LEAVING);
        // One that was told and begins a request at that moment goes all the same.
        open[0].begin();
        drop(open.remove(0));
        drop(open.remove(0));
        assert_eq!((0..open.len()).filter(|_| seats.free_any()).count(), 2);
        drop(open);
        let state = seats.state();
        assert_eq!((state.leaving, state.resting.len(), state.serving.len()), (0, 0, 0));
    }
}
