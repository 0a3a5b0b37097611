/// What a sink loop is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkState {
    /// Reaching its destination and reading its checkpoint.
    Connecting,
    /// Delivering.
    Running,
    /// A failure that may pass by itself: it tries again.
    Retry,
    /// Somebody has to act: it tries again, slowly.
    Hold,
    /// Ended with the daemon.
    Stopped,
}

impl SinkState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Connecting, Self::Running, Self::Retry, Self::Hold, Self::Stopped];

    /// Its name in metrics and status.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Running => "running",
            Self::Retry => "retry",
            Self::Hold => "hold",
            Self::Stopped => "stopped",
        }
    }
}
