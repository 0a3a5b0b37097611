use std::time::Duration;

use kalends_tests::wait_until;

use crate::{answers::Answers, cost::Usage, load::Load, request::Request, subject::Subject};

/// How long a backlog may take to be delivered.
const PATIENCE: Duration = Duration::from_mins(5);
/// Of the events of a measurement, the part that is sent before it begins.
const WARM_UP: u32 = 20;

/// What a number of events has cost.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) answers: Answers,
    /// From the first request until everything was delivered.
    pub(crate) delivered: Duration,
    /// Seconds for a million events.
    pub(crate) cpu: f64,
    /// Largest resident set, in MiB.
    pub(crate) peak: f64,
}

impl Figures {
    /// Sends events and waits until all are delivered. The first ones, which warm everything up, don't count.
    ///
    /// # Errors
    /// An event is refused, or the subject ends.
    pub(crate) fn measure(
        subject: &dyn Subject,
        connections: u32,
        events: u32,
        rate: Option<u32>,
    ) -> anyhow::Result<Self> {
        let request = Request::subscribe()?;
        let warm_up = events / WARM_UP;
        let load = Load { target: subject.target(), connections, first: 0, events: warm_up, rate };
        load.send(&request)?;
        wait(subject, warm_up)?;
        let before = Usage::of(subject.pid())?;
        let began = std::time::Instant::now();
        let answers = Load { first: warm_up, events, ..load }.send(&request)?;
        wait(subject, warm_up + events)?;
        let delivered = began.elapsed();
        let after = Usage::of(subject.pid())?;
        Ok(Self {
            cpu: (after.cpu_seconds - before.cpu_seconds) / answers.count() * 1e6,
            answers,
            delivered,
            peak: after.peak_bytes / 1024.0 / 1024.0,
        })
    }

    /// Events delivered in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.answers.count() / self.delivered.as_secs_f64()
    }

    /// Events answered in a second.
    pub(crate) fn answered_rate(&self) -> f64 {
        self.answers.count() / self.answers.time.as_secs_f64()
    }
}

fn wait(subject: &dyn Subject, events: u32) -> anyhow::Result<()> {
    wait_until("everything to be delivered", PATIENCE, || {
        let delivered = subject.has_delivered(events)?;
        if !delivered {
            // Each question costs the subject something.
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(delivered.then_some(()))
    })
}

/// The middle one of the values, or the mean of the two in the middle.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = |at: usize| values.get(at).copied().unwrap_or_default();
    f64::midpoint(middle(values.len() / 2), middle(values.len().saturating_sub(1) / 2))
}

/// A count as a number to reckon with.
pub(crate) fn of(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}
