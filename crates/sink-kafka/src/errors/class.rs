/// Reaction to an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// May pass by itself: begin again from the checkpoint, for ever.
    Transient,
    /// Somebody has to act: credentials, rights, a setting of client or cluster.
    Refused,
    /// A topic doesn't exist.
    MissingTopic,
    /// A newer producer of the same identity is at work, or the cluster has ended our transaction for its age.
    Fenced,
    /// The record is larger than client, topic or cluster take.
    TooLarge,
    /// The cluster refuses this record for what it is.
    Rejected,
    /// A record failed because of another one, or because its transaction was given up: says nothing of its own.
    Consequence,
    /// The client's own queue is full: wait for room and go on.
    QueueFull,
    /// The thing that was to be created is there.
    AlreadyExists,
    /// A consumer has read all that there is.
    End,
}
