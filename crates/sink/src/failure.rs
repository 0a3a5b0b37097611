/// Why a sink could not do what it was asked, by what is to be done about it.
///
/// A command in a message stands between backticks, with `NAME` for the sink's name and without a configuration:
/// `` `kalends sinks resume NAME` ``. Delivery completes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It may work later by itself (unreachable, overloaded, a transaction that must be run again):
    /// back off and try again, for ever.
    #[error("{message}")]
    Retry {
        /// The failure in words for an operator.
        message: String,
    },

    /// Somebody has to act (wrong credentials, a missing topic or right, a refused schema, fenced, another history):
    /// try again slowly and say so. No event is dead-lettered for it.
    #[error("{message}")]
    Hold {
        /// The fault and its remedy in words for an operator.
        message: String,
    },

    /// The destination refuses what was written since the last commit for what one record is, and does not say which record.
    /// Delivery finds it by writing less and less between two commits; it becomes a dead letter, and delivery goes on.
    #[error("refused ({code}): {message}")]
    Refused {
        /// The destination's code of the cause, such as an SQLSTATE. Refusals of one stream are counted by this code.
        code: String,
        /// The destination's words.
        message: String,
    },

    /// This one record can't be written (too large, rejected): it becomes a dead letter, and delivery goes on.
    #[error("the record at position {position} can't be written: {message}")]
    Data {
        /// The record's journal position.
        position: u64,
        /// The dead letter's reason: `too-large`, `no-identity` or `rejected-by-sink`.
        reason: &'static str,
        /// The destination's words.
        message: String,
    },
}

impl Failure {
    /// A [`Failure::Retry`] with this message.
    pub fn retry(message: impl Into<String>) -> Self {
        Self::Retry { message: message.into() }
    }

    /// A [`Failure::Hold`] with this message.
    pub fn hold(message: impl Into<String>) -> Self {
        Self::Hold { message: message.into() }
    }
}
