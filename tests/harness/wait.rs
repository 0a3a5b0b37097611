//! Waiting for a condition instead of sleeping.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long anything may take that is expected to happen on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks `condition` again and again until it gives a value.
///
/// # Errors
/// `deadline` has passed; the message says what was waited for, and the condition's last error if it had one.
pub fn wait_until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let began = Instant::now();
    loop {
        let outcome = condition();
        if let Ok(Some(value)) = outcome {
            return Ok(value);
        }
        if began.elapsed() >= deadline {
            let late = format!("waited {} s in vain for {what}", deadline.as_secs());
            return Err(match outcome {
                Ok(_) => anyhow::anyhow!(late),
                Err(error) => error.context(late),
            });
        }
        thread::sleep(Duration::from_millis(10));
    }
}
