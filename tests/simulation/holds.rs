use kalends_delivery::SinkState;

use crate::{
    daemon::Daemon,
    destination::{FENCED, NO_REGISTRY, PUT_BACK, REFUSAL},
    reference_journal::Violation,
    seeks::DOES_NOT_FIT,
};

/// A sink holds only for what its destination said, or for a journal that can't be read.
pub(crate) fn check_holds(daemon: &Daemon, reads_fail: bool) -> Result<(), Violation> {
    for sink in daemon.handle.status().sinks.iter().filter(|sink| sink.state == SinkState::Hold) {
        let why = sink.last_error.as_deref().unwrap_or_default();
        let is_known = [REFUSAL, NO_REGISTRY, FENCED].contains(&why)
            || why.contains(PUT_BACK)
            || why.contains(DOES_NOT_FIT)
            || reads_fail && why.contains("injected");
        if !is_known {
            return Err(format!("{} holds, and nobody knows why: {why}", sink.name));
        }
    }
    Ok(())
}
