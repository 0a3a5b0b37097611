use std::fmt;

/// One operation on the disk; each can fail, and before each the process can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiskOp {
    Create,
    CreateDirectory,
    Inspect,
    List,
    Lock,
    Open,
    Read,
    Remove,
    Rename,
    Sync,
    SyncDirectory,
    Write,
}

impl fmt::Display for DiskOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create | Self::CreateDirectory => "create",
            Self::Inspect => "inspect",
            Self::List => "list",
            Self::Lock => "lock",
            Self::Open => "open",
            Self::Read => "read",
            Self::Remove => "remove",
            Self::Rename => "rename",
            Self::Sync | Self::SyncDirectory => "fsync",
            Self::Write => "write",
        })
    }
}
