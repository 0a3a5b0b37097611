/// State of a transactional producer, in fewer words than librdkafka has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransactionState {
    Starting,
    Ready,
    Open,
    Committing,
    Aborting,
    Failed,
}

impl TransactionState {
    pub(crate) const ALL: [Self; 6] =
        [Self::Starting, Self::Ready, Self::Open, Self::Committing, Self::Aborting, Self::Failed];

    /// Its name in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Open => "open",
            Self::Committing => "committing",
            Self::Aborting => "aborting",
            Self::Failed => "failed",
        }
    }

    /// Reads librdkafka's word; `None` without transactions.
    pub(crate) fn read(word: &str) -> Option<Self> {
        Some(match word {
            "Init" | "WaitPID" => Self::Starting,
            "ReadyNotAcked" | "Ready" => Self::Ready,
            "InTransaction" => Self::Open,
            "BeginCommit" | "CommittingTransaction" | "CommitNotAcked" => Self::Committing,
            "BeginAbort" | "AbortingTransaction" | "AbortedNotAcked" => Self::Aborting,
            "AbortableError" | "FatalError" => Self::Failed,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_librdkafka_has_a_state() {
        for word in [
            "Init",
            "WaitPID",
            "ReadyNotAcked",
            "Ready",
            "InTransaction",
            "BeginCommit",
            "CommittingTransaction",
            "CommitNotAcked",
            "BeginAbort",
            "AbortingTransaction",
            "AbortedNotAcked",
            "AbortableError",
            "FatalError",
        ] {
            assert!(TransactionState::read(word).is_some(), "{word}");
        }
        assert_eq!(TransactionState::read(""), None);
    }
}
