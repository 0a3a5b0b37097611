use crate::error::AppendError;

/// Whether the journal can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Appends are taken.
    Writable,
    /// The disk is full or the largest size is reached. Ends by itself when there is room.
    Full,
    /// A sync has failed: no append is taken until the journal is opened anew.
    Poisoned,
    /// The journal is closed or closing.
    Closed,
}

impl Health {
    /// Why nothing can be stored.
    pub(crate) fn refusal(self) -> Option<AppendError> {
        match self {
            Self::Writable => None,
            Self::Full => Some(AppendError::Full),
            Self::Poisoned => Some(AppendError::Poisoned),
            Self::Closed => Some(AppendError::Closed),
        }
    }
}
