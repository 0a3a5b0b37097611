use std::{process::Command, time::SystemTime};

use anyhow::{Context as _, ensure};
use kalends_tests::Installation;

/// Fills the journal of an installation that was never started with so many small events.
///
/// # Errors
/// The program for it is missing (`cargo xtask bench` builds it), or fails.
#[expect(clippy::disallowed_methods, reason = "the events are to be within the window before now")]
pub(crate) fn fill(installation: &Installation, events: u32) -> anyhow::Result<()> {
    let program = std::env::current_exe()?.with_file_name("examples").join("fill");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_micros();
    let mut command = Command::new(&program);
    command.arg(installation.path("journal")).arg(events.to_string()).arg(now.to_string());
    let status = command.status().with_context(|| format!("can't start {}", program.display()))?;
    ensure!(status.success(), "{} {status}", program.display());
    Ok(())
}
