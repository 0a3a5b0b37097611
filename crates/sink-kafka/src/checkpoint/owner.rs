use std::fmt;

use crate::record::rfc3339;

/// The one who delivers: one process, or one making of the sink within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    /// 16 random hexadecimal digits, new with every sink that is made.
    pub(crate) instance: String,
    /// The machine's name for itself.
    pub(crate) host: String,
    /// Start of the process, in microseconds since the Unix epoch.
    pub(crate) started_at: i64,
}

impl Owner {
    /// An owner that no other is equal to.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub(crate) fn new(started_at: i64) -> Result<Self, getrandom::Error> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        let instance = format!("{:016x}", u64::from_be_bytes(random));
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Self { instance, host, started_at })
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "instance {} on {}, started {}", self.instance, self.host, rfc3339(self.started_at))
    }
}
