use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Time that a line stays quiet after it was logged.
const QUIET_PERIOD: Duration = Duration::from_mins(10);
/// Most lines that are told within that time.
const MAX_LINES: usize = 32;
/// Beginning of librdkafka's words about how long something took; they go on to the closing bracket.
const TIMING: &str = " (after ";

/// Lines of the client's log of late: while a broker is away it says the same every second.
#[derive(Debug, Default)]
pub(crate) struct LogLimiter {
    told: Mutex<Vec<Told>>,
}

#[derive(Debug)]
struct Told {
    shape: String,
    at: Instant,
    /// Number of repetitions since.
    again: u64,
}

impl LogLimiter {
    /// Number of repetitions that were left out before; `None` when this line is left out, too.
    pub(crate) fn note(&self, line: &str, now: Instant) -> Option<u64> {
        let shape = shape(line);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = |told: &Told| now.saturating_duration_since(told.at) < QUIET_PERIOD;
        if let Some(same) = told.iter_mut().find(|told| told.shape == shape) {
            if is_quiet(same) {
                same.again = same.again.saturating_add(1);
                return None;
            }
            same.at = now;
            return Some(std::mem::take(&mut same.again));
        }
        if told.len() >= MAX_LINES {
            told.retain(is_quiet);
        }
        if told.len() >= MAX_LINES {
            return None;
        }
        told.push(Told { shape, at: now, again: 0 });
        Some(0)
    }
}

/// The line without what differs from one time to the next: numbers, and how long something took.
fn shape(line: &str) -> String {
    without_timing(line).chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The client's words without how long it took, so that the same fault always has the same words.
pub(crate) fn without_timing(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.split_once(TIMING) else { return text.into() };
    let mut open = 1_u32;
    let closes = |c: char| {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        open == 0
    };
    let after = rest.split_once(closes).map_or("", |(_, after)| after);
    format!("{before}{after}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(broker: u32, millis: u64) -> String {
        format!(
            "[thrd:localhost:9092/bootstrap]: localhost:9092/{broker}: Connect to ipv4#127.0.0.1:9092 failed: \
             Connection refused (after {millis}ms in state CONNECT, {millis} identical error(s) suppressed)"
        )
    }

    #[test]
    fn a_line_is_told_once_and_again_with_its_count_when_time_has_passed() {
        let (log_limiter, begin) = (LogLimiter::default(), Instant::now());
        assert_eq!(log_limiter.note(&refused(1, 0), begin), Some(0));
        for second in 1..60 {
            assert_eq!(log_limiter.note(&refused(1, second), begin + Duration::from_secs(second)), None);
        }
        assert_eq!(log_limiter.note("1/1 brokers are down", begin), Some(0), "another fact");
        assert_eq!(log_limiter.note(&refused(2, 7), begin + QUIET_PERIOD), Some(59));
    }

    #[test]
    fn however_many_facts_there_are_few_are_told_and_remembered() {
        let (log_limiter, begin) = (LogLimiter::default(), Instant::now());
        let told = |now| (0..500).filter(|n| log_limiter.note(&"x".repeat(*n), now).is_some()).count();
        assert_eq!(told(begin), MAX_LINES);
        assert_eq!(told(begin + QUIET_PERIOD), MAX_LINES);
        assert_eq!(log_limiter.told.lock().unwrap().len(), MAX_LINES);
    }

    #[test]
    fn the_same_fault_has_the_same_words() {
        assert_eq!(without_timing("refused (after 3ms in state CONNECT): x"), "refused: x");
        let suppressed = "refused (after 3ms in state CONNECT, 1 identical error(s) suppressed)";
        assert_eq!(without_timing(suppressed), "refused");
        assert_eq!(without_timing("refused (after 3ms"), "refused");
        assert_eq!(without_timing("refused"), "refused");
    }
}
