//! The number of requests that go out in a time.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Share of a second's requests that may go out at once when none went out before.
const BURST: f64 = 0.5;

/// Requests that are counted to find out what a destination allows.
const MEASURED: Duration = Duration::from_secs(5);

/// Factor by which the pace grows in a second without a complaint, up to what was taken before the last complaint.
const GROWTH: f64 = 1.1;

/// The same, from there on.
const SLOW_GROWTH: f64 = 1.005;

/// Time for which the number that was taken before a complaint is believed to be the number that is allowed.
const BELIEVED: Duration = Duration::from_mins(1);

/// The slowest pace that a complaint leads to, in requests a second: few requests say little of what is allowed.
const SLOWEST: f64 = 2.0;

/// The wait after a complaint that names no time, at first; doubled with each that follows.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest wait that is believed.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// The pace of one destination. It follows the rate that is set, and what the destination says.
pub(crate) struct Pace {
    /// Requests a second that are allowed; infinite when there is no rate.
    most: f64,
    state: Mutex<State>,
}

struct State {
    /// Requests a second, now.
    rate: f64,
    /// Requests that may go out at once.
    tokens: f64,
    at: Instant,
    blocked_until: Option<Instant>,
    /// Complaints without a request that was taken between.
    complaints: u32,
    /// Times at which requests were taken, the newest last.
    taken: VecDeque<Instant>,
    /// The number that was taken in a second before the last complaint, and the time of that complaint.
    allowed: Option<(f64, Instant)>,
}

impl Pace {
    pub(crate) fn new(per_second: Option<f64>) -> Self {
        let most = per_second.unwrap_or(f64::INFINITY);
        let state = State {
            rate: most,
            tokens: 1.0,
            at: Instant::now(),
            blocked_until: None,
            complaints: 0,
            taken: VecDeque::new(),
            allowed: None,
        };
        Self { most, state: Mutex::new(state) }
    }

    /// Waits until the next request may go out. False when that is not before `deadline`; then it has not waited.
    pub(crate) fn take(&self, deadline: Instant) -> bool {
        loop {
            let now = Instant::now();
            let wait = self.with(|state| state.wait(self.most, now));
            if wait.is_zero() {
                return true;
            }
            if now + wait > deadline {
                return false;
            }
            thread::sleep(wait);
        }
    }

    /// The end of the time for which the destination wants no request; `None` when it takes requests.
    pub(crate) fn blocked_until(&self) -> Option<Instant> {
        self.with(|state| state.blocked_until).filter(|until| *until > Instant::now())
    }

    /// A request was taken.
    pub(crate) fn taken(&self) {
        let now = Instant::now();
        self.with(|state| {
            state.complaints = 0;
            state.taken.push_back(now);
            state.forget(now);
        });
    }

    /// The destination wants fewer requests, and none for `pause` where it says so.
    pub(crate) fn complained(&self, pause: Option<Duration>) {
        let now = Instant::now();
        self.with(|state| {
            state.forget(now);
            let count = u32::try_from(state.taken.len()).unwrap_or(u32::MAX);
            let span = state.taken.front().map_or(MEASURED, |first| now.saturating_duration_since(*first));
            let measured = f64::from(count) / span.as_secs_f64().max(1.0);
            state.refill(self.most, now);
            let allowed = measured.max(SLOWEST);
            state.rate = state.rate.min(allowed);
            state.allowed = Some((allowed, now));
            state.tokens = state.tokens.min(1.0);
            let doubled = FIRST_PAUSE.saturating_mul(1 << state.complaints.min(8));
            state.complaints = state.complaints.saturating_add(1);
            state.block(now + pause.unwrap_or(doubled).min(LONGEST_PAUSE));
        });
    }

    /// The destination says that it takes no more for `pause`.
    pub(crate) fn exhausted(&self, pause: Duration) {
        let until = Instant::now() + pause.min(LONGEST_PAUSE);
        self.with(|state| state.block(until));
    }

    /// Requests a second, now; infinite when there is no bound.
    pub(crate) fn per_second(&self) -> f64 {
        self.with(|state| state.rate)
    }

    fn with<T>(&self, on: impl FnOnce(&mut State) -> T) -> T {
        on(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    /// The wait until a request may go out; a request that may go at once is counted as gone.
    fn wait(&mut self, most: f64, now: Instant) -> Duration {
        if let Some(until) = self.blocked_until {
            if until > now {
                return until.saturating_duration_since(now);
            }
            self.blocked_until = None;
        }
        self.refill(most, now);
        if self.rate.is_infinite() {
            return Duration::ZERO;
        }
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Duration::ZERO;
        }
        // Never zero, or a request would go out uncounted.
        Duration::from_secs_f64((1.0 - self.tokens) / self.rate).max(Duration::from_micros(100))
    }

    fn refill(&mut self, most: f64, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        if self.rate.is_infinite() {
            return;
        }
        self.tokens = (self.tokens + seconds * self.rate).min((self.rate * BURST).max(1.0));
        let is_near = |(allowed, at): (f64, Instant)| {
            now.saturating_duration_since(at) < BELIEVED && self.rate >= allowed * 0.95
        };
        let growth = if self.allowed.is_some_and(is_near) { SLOW_GROWTH } else { GROWTH };
        let grown = self.rate * growth.powf(seconds.min(60.0));
        self.rate = if grown > 1e6 { most } else { grown.min(most) };
    }

    fn block(&mut self, until: Instant) {
        self.blocked_until = self.blocked_until.max(Some(until));
    }

    fn forget(&mut self, now: Instant) {
        while self.taken.front().is_some_and(|at| now.saturating_duration_since(*at) > MEASURED)
            || self.taken.len() > 10_000
        {
            self.taken.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(rate: f64, now: Instant) -> State {
        State {
            rate,
            tokens: 1.0,
            at: now,
            blocked_until: None,
            complaints: 0,
            taken: VecDeque::new(),
            allowed: None,
        }
    }

    #[test]
    fn requests_go_out_at_the_rate_and_what_was_not_used_is_made_up_for_a_moment() {
        let begun = Instant::now();
        let mut state = state(10.0, begun);
        let gone_by = |state: &mut State, millis: u64| {
            let now = begun + Duration::from_millis(millis);
            (0..100).take_while(|_| state.wait(10.0, now).is_zero()).count()
        };
        assert_eq!(gone_by(&mut state, 0), 1);
        assert_eq!(gone_by(&mut state, 50), 0);
        assert_eq!(gone_by(&mut state, 101), 1);
        let made_up: usize = (1..=50).map(|step| gone_by(&mut state, 101 + step * 200)).sum();
        assert!((99..=101).contains(&made_up), "{made_up}");
        assert_eq!(gone_by(&mut state, 100_000), 5, "no more than a moment's");
    }

    #[test]
    fn a_destination_that_complains_is_left_alone_and_asked_slower() {
        let pace = Pace::new(None);
        for _ in 0..20 {
            assert!(pace.take(Instant::now()));
            pace.taken();
        }
        pace.complained(Some(Duration::from_secs(7)));
        let until = pace.blocked_until().unwrap();
        assert!(until > Instant::now() + Duration::from_secs(6));
        assert!(!pace.take(Instant::now() + Duration::from_secs(1)));
        assert!(pace.per_second() <= 20.0);
        pace.complained(Some(Duration::from_hours(72)));
        assert!(pace.blocked_until().unwrap() <= Instant::now() + LONGEST_PAUSE);
    }
}
