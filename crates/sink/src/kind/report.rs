use super::Claim;
use crate::{Checkpoint, Failure};

/// The findings of a preflight.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// Facts that are worth knowing and are no fault.
    pub notes: Vec<String>,
    /// Somebody has to act.
    pub wrong: Vec<String>,
    /// The destination did not answer, or has no room, and may recover by itself.
    pub unavailable: Vec<String>,
    /// The checkpoint of the context's journal, where it was found.
    pub checkpoint: Option<Checkpoint>,
    /// Whether the sink goes on from a checkpoint older than noted.
    pub catches_up: bool,
    /// Claims that only the destination could tell, such as topics by the identity of their cluster.
    pub claims: Vec<Claim>,
}

impl Report {
    /// Whether nothing stands in the way.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.wrong.is_empty() && self.unavailable.is_empty()
    }

    /// Adds a failure: of those that may pass by themselves, or of those that somebody has to mend.
    pub fn fail(&mut self, failure: &Failure) {
        let list = match failure {
            Failure::Retry { .. } => &mut self.unavailable,
            _ => &mut self.wrong,
        };
        list.push(failure.to_string());
    }
}
