use std::time::Duration;

/// What is the matter with a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DestinationFault {
    /// It can't be reached.
    Away,
    /// Its schema registry can't be reached: who connects is not told how to write, who is connected goes on.
    RegistryAway,
    /// It can be reached, and refuses: a missing right, a schema that the registry does not take.
    Refuses,
    /// Another process has taken its place.
    Fenced,
    /// Its checkpoint is an older one, as after a backup was put back: that before the last commit.
    PutBack,
}

impl DestinationFault {
    pub(crate) const ALL: [Self; 5] =
        [Self::Away, Self::RegistryAway, Self::Refuses, Self::Fenced, Self::PutBack];
}

/// A fault and when it ends, since the world began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultPeriod {
    pub(crate) fault: DestinationFault,
    pub(crate) until: Duration,
}
