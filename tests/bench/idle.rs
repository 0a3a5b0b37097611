use std::{io::Write as _, thread, time::Duration};

use crate::{
    cost::Usage,
    figures::Figures,
    kalends::Kalends,
    subject::{Sink, Subject as _},
};

const LENGTH: Duration = Duration::from_mins(1);
/// What is delivered before, so that the sinks are at work.
const EVENTS: u32 = 1000;

/// Prints what the daemon takes when nothing arrives.
///
/// # Errors
/// The daemon doesn't start.
pub(crate) fn measure(sinks: &[Sink<'_>]) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "\nidle for {} s", LENGTH.as_secs())?;
    for sink in sinks {
        let kalends = Kalends::start(*sink)?;
        Figures::measure(&kalends, 1, EVENTS, None)?;
        let before = Usage::of(kalends.pid())?;
        thread::sleep(LENGTH);
        let after = Usage::of(kalends.pid())?;
        writeln!(
            out,
            "{:<6} {:.3} % of a core, {:.1} MiB",
            sink.name(),
            (after.cpu_seconds - before.cpu_seconds) / LENGTH.as_secs_f64() * 100.0,
            after.resident_bytes / 1024.0 / 1024.0
        )?;
    }
    Ok(())
}
