/// Origin of a body, and the place where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta<'a> {
    /// The endpoint's name in the configuration.
    pub endpoint: &'a str,
    /// Receive time, in microseconds since the Unix epoch.
    pub received_at: i64,
    /// The journal's identity: 32 hexadecimal digits.
    pub journal_id: &'a str,
    /// The journal's shard.
    pub shard: u32,
    /// Position in the shard.
    pub position: u64,
}
