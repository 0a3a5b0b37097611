/// Reason why a request is not stored. The answer to the sender stands in `response`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No endpoint has this path.
    UnknownPath,
    /// Not a POST.
    Method,
    /// The sender's address is not allowed.
    Address,
    /// No credential, or a wrong one.
    Credential,
    /// Too many requests; so many seconds from now the next one is served.
    Rate { seconds: u64 },
    /// The body is encoded; it is stored as it comes, so nobody could read it.
    ContentEncoding,
    /// The body is coded for its transfer in another way than by chunks, the only one that is undone.
    TransferEncoding,
    /// The body is over the limit, in bytes.
    TooLarge { limit: usize },
    /// The body is missing.
    Empty,
    /// HTTP/1.1 asks for one `Host`: without it, or with several, something in front may have read another request.
    Host,
    /// The body ended early or its framing is broken.
    Broken,
    /// The body came too slowly.
    Slow,
    /// All connections that there may be are in use.
    Connections,
    /// The server stops.
    Stopping,
    /// Bodies already take all memory they may.
    Memory,
    /// The journal has no room.
    Full,
    /// The journal's queue has no room.
    Busy,
    /// The journal's disk failed.
    Poisoned,
    /// The journal is closed.
    Closed,
    /// The journal has taken too long. The receipt may still become durable; the sender's next try is then a duplicate.
    AppendTimeout,
    /// The receipt is larger than the journal's largest frame.
    Unstorable,
}

impl Refusal {
    /// Every refusal.
    pub(crate) const ALL: [Self; 21] = [
        Self::UnknownPath,
        Self::Method,
        Self::Address,
        Self::Credential,
        Self::Rate { seconds: 1 },
        Self::ContentEncoding,
        Self::TransferEncoding,
        Self::TooLarge { limit: 0 },
        Self::Empty,
        Self::Host,
        Self::Broken,
        Self::Slow,
        Self::Connections,
        Self::Stopping,
        Self::Memory,
        Self::Full,
        Self::Busy,
        Self::Poisoned,
        Self::Closed,
        Self::AppendTimeout,
        Self::Unstorable,
    ];

    /// Its name in metrics and logs.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownPath => "unknown-path",
            Self::Method => "method",
            Self::Address => "address",
            Self::Credential => "credential",
            Self::Rate { .. } => "rate",
            Self::ContentEncoding => "content-encoding",
            Self::TransferEncoding => "transfer-encoding",
            Self::TooLarge { .. } => "too-large",
            Self::Empty => "empty",
            Self::Host => "host",
            Self::Broken => "broken-body",
            Self::Slow => "slow",
            Self::Connections => "connections",
            Self::Stopping => "stopping",
            Self::Memory => "memory",
            Self::Full => "journal-full",
            Self::Busy => "journal-busy",
            Self::Poisoned => "journal-poisoned",
            Self::Closed => "journal-closed",
            Self::AppendTimeout => "append-timeout",
            Self::Unstorable => "unstorable",
        }
    }
}
