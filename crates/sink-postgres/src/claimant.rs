/// Who delivers: one making of a sink, in one process on one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claimant {
    /// 16 random hexadecimal digits, new with every sink that is made.
    pub(crate) instance: String,
    /// The machine's name for itself.
    pub(crate) host: String,
}

impl Claimant {
    /// A claimant that no other is equal to.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        Ok(Self { instance: format!("{:016x}", u64::from_be_bytes(random)), host })
    }
}
