use std::fmt;

/// Reason why a body could not become a record of its own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The body is not JSON or not UTF-8.
    InvalidJson,
    /// The body is JSON, but lacks what every event has.
    NotAnEvent,
    /// The body nests deeper than 128 levels.
    TooDeep,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::InvalidJson, Self::NotAnEvent, Self::TooDeep];

    /// The reason's name in records and metrics, such as `invalid-json`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid-json",
            Self::NotAnEvent => "not-an-event",
            Self::TooDeep => "too-deep",
        }
    }
}

/// A body that is no event.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The reason.
    pub reason: Reason,
    /// The fault and its place, in words; never holds a value of the body.
    pub message: String,
    /// The sender's identifier of the notification, as far as the body could be read.
    pub event_id: Option<String>,
    /// The event's type as sent, as far as the body could be read.
    pub event_type: Option<String>,
}

impl DeadLetter {
    /// A dead letter of a body of which nothing is known.
    pub(crate) fn new(reason: Reason, message: String) -> Self {
        Self { reason, message, event_id: None, event_type: None }
    }
}

impl fmt::Debug for DeadLetter {
    /// Leaves out what was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("reason", &self.reason)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
