//! File descriptors: as many as the process may have, and how many of them are for public connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors for everything but public connections: the journal, the sinks' files, brokers, the admin listener.
const RESERVE: u64 = 256;

/// Raises the soft limit to the hard one. Returns the limit that is in force; `None`: there is none.
pub(crate) fn raise() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, limit = ?limit.current, "can't raise the limit of open files");
            limit.current
        }
    }
}

/// How many connections there may be at once so that they leave the journal and the sinks what these need.
pub(crate) fn connections(wanted: usize, limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return wanted };
    let most = limit.saturating_sub(RESERVE).max(limit / 4);
    let most = usize::try_from(most).unwrap_or(usize::MAX).max(1);
    if most < wanted {
        tracing::warn!(
            max_connections = wanted,
            connections = most,
            open_files = limit,
            "listen.max_connections is more than the limit of open files allows, so fewer are taken; raise the limit \
             (ulimit -n, LimitNOFILE=) or lower the setting"
        );
    }
    wanted.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_the_journal_and_the_sinks() {
        assert_eq!(connections(10_000, None), 10_000);
        assert_eq!(connections(10_000, Some(1 << 20)), 10_000);
        assert_eq!(connections(10_000, Some(1024)), 768);
        assert_eq!(connections(100, Some(1024)), 100);
    }

    #[test]
    fn with_a_tiny_limit_some_connections_are_left() {
        assert_eq!(connections(10_000, Some(64)), 16);
        assert_eq!(connections(10_000, Some(0)), 1);
    }

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let before = getrlimit(Resource::Nofile);
        let low = before.maximum.map_or(4096, |hard| hard - 1);
        setrlimit(Resource::Nofile, Rlimit { current: Some(low), ..before }).unwrap();
        assert_eq!(raise(), before.maximum);
        assert_eq!(getrlimit(Resource::Nofile).current, before.maximum);
    }
}
