/// What the next matching operation does instead of working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A sync fails, and what it should have made durable never will be, though it still reads well.
    Sync,
    /// A write puts only some of its bytes down, then finds the disk full. Lasts until healed.
    Full,
    /// A file can't be read.
    Read,
    /// Anything that changes the disk fails.
    Any,
}

/// The fault strikes when so many operations that it fits have passed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Countdown {
    pub(super) fault: Fault,
    pub(super) left: u32,
}

impl Countdown {
    /// Whether it strikes an operation that these faults fit, and which fault it is; counts down if it does not yet.
    pub(super) fn strikes(&mut self, fits: &[Fault]) -> Option<Fault> {
        if !fits.contains(&self.fault) {
            return None;
        }
        match self.left.checked_sub(1) {
            None => Some(self.fault),
            Some(left) => {
                self.left = left;
                None
            }
        }
    }
}
