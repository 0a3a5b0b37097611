//! What the process says about itself: lines on standard error. Nobody waits for them to be read.

mod fields;
mod queue;

use std::{any::Any, io, sync::OnceLock};

use kalends_settings::{Log, LogFormat, LogLevel};
use prometheus::IntCounter;
use tracing_subscriber::{
    EnvFilter, Registry, fmt, fmt::writer::BoxMakeWriter, layer::SubscriberExt, reload,
    util::SubscriberInitExt,
};

use self::{fields::QuotedFields, queue::LogQueue};
use super::{exit::Exit, instant, pasteable::pasteable, stderr::say};

/// What the names of all crates of the program begin with: a directive holds for every target that begins with its own.
const CRATES: &str = "kalends";

/// What changes the level later.
static LEVEL: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// The way of all lines.
static QUEUE: OnceLock<LogQueue> = OnceLock::new();

/// Begins to write events at `log.level` and above to standard error. Only the first call has an effect.
///
/// Libraries speak at `warn` and above only; with `trace`, at `debug` and above.
pub fn start(log: Log) {
    let (filter, level) = reload::Layer::new(filter(log.level));
    let registry = tracing_subscriber::registry().with(filter);
    let writer = writer();
    // An error means that logging was started before, as in tests that share a process.
    let started = match log.format {
        LogFormat::Text => {
            let lines = fmt::layer().fmt_fields(QuotedFields).with_ansi(may_be_coloured());
            registry.with(lines.with_writer(writer)).try_init()
        }
        LogFormat::Json => {
            let lines = fmt::layer().json().flatten_event(true).with_current_span(false);
            registry.with(lines.with_writer(writer)).try_init()
        }
    };
    if started.is_err() || LEVEL.set(level).is_err() {
        tracing::debug!("logging was started before");
    }
}

/// The queue; without the thread that it needs, standard error itself.
fn writer() -> BoxMakeWriter {
    if QUEUE.get().is_none()
        && let Ok(queue) = LogQueue::start(io::stderr(), tell_dropped)
    {
        // Another thread may have been first.
        QUEUE.set(queue).ok();
    }
    QUEUE.get().map_or_else(|| BoxMakeWriter::new(io::stderr), |queue| BoxMakeWriter::new(queue.clone()))
}

fn tell_dropped(dropped_lines: u64) {
    tracing::warn!(dropped_lines, "lines of the log were dropped, because standard error was not read");
}

/// Counts the lines that are dropped because nobody reads them.
///
/// # Errors
/// When `registry` has a metric of this name already.
pub fn register(registry: &prometheus::Registry) -> Result<(), prometheus::Error> {
    let dropped = IntCounter::new(
        "kalends_log_dropped_lines_total",
        "Lines of the log that were dropped, because standard error was not read or could not be written.",
    )?;
    registry.register(Box::new(dropped.clone()))?;
    if let Some(queue) = QUEUE.get() {
        queue.count_in(&dropped);
    }
    Ok(())
}

/// Says the last thing before the process ends, behind everything that was logged. A reader that hangs is not waited for.
pub fn say_last(message: &str) {
    match QUEUE.get() {
        Some(queue) => queue.push(format!("{}\n", pasteable(message)).as_bytes()),
        None => say(message),
    }
    flush();
}

/// Waits until every line of the log is written, for as long as the reader reads.
pub fn flush() {
    if let Some(queue) = QUEUE.get() {
        queue.flush();
    }
}

/// From now on, events at `level` and above are written.
pub fn change_level(level: LogLevel) {
    let changed = LEVEL.get().map(|handle| handle.reload(filter(level)));
    if let Some(Err(error)) = changed {
        tracing::warn!(%error, "the log's level can't be changed");
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let (theirs, ours) = match level {
        LogLevel::Error => return EnvFilter::new("error"),
        LogLevel::Warn => return EnvFilter::new("warn"),
        // At their lowest level libraries write what goes over the wire: tokens, passwords, webhooks.
        LogLevel::Trace => ("debug", "trace"),
        LogLevel::Info => ("warn", "info"),
        LogLevel::Debug => ("warn", "debug"),
    };
    EnvFilter::new(format!("{theirs},{CRATES}={ours}"))
}

/// On a terminal, unless `NO_COLOR` is set to anything.
fn may_be_coloured() -> bool {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_unwanted && io::IsTerminal::is_terminal(&io::stderr())
}

/// From now on a panic is logged as the bug that it is (or the wrong clock that it is of), and ends the process with 70: a daemon with a dead thread would look
/// alive and do nothing, while one that ends is started again and carries on from its journal.
pub fn exit_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if !instant::clock_shows_a_date() {
            tracing::error!("{}", instant::NO_DATE);
            end(Exit::Unavailable);
        }
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = words(panic.payload());
        tracing::error!(place, "this is a bug of kalends, please report it: {message}");
        end(Exit::Bug);
    }));
}

fn end(exit: Exit) -> ! {
    flush();
    std::process::exit(exit.code().into())
}

/// What a panic says, if it is a text of the program. One that was put together may quote what arrived: its place has to do.
fn words(payload: &dyn Any) -> &'static str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("its message is withheld, for it may quote data")
}

#[cfg(test)]
mod tests {
    use std::panic;

    use super::*;

    #[test]
    fn a_panic_says_nothing_that_arrived() {
        let of = |act: fn()| panic::catch_unwind(act).unwrap_err();
        assert_eq!(words(&*of(|| panic!("as written"))), "as written");
        let cut = of(|| drop(std::hint::black_box("jäne@example.org")[..2].to_owned()));
        assert!(cut.downcast_ref::<String>().is_some_and(|text| text.contains("example.org")));
        assert!(words(&*cut).contains("withheld"));
    }
}
