/// The search for a record that a destination fails on without knowing which it is: fewer and fewer records go into one
/// commit, until the record is alone or the position is passed.
#[derive(Debug, Default)]
pub(crate) struct Halving(Option<Search>);

#[derive(Debug, Clone, Copy)]
struct Search {
    /// At most so many records go into a commit.
    records: usize,
    /// The record is at this position or before.
    through: u64,
}

impl Halving {
    /// The destination has failed on so many records together, the last of them at `through`.
    pub(crate) fn narrow(&mut self, records: usize, through: u64) {
        let before = self.0.unwrap_or(Search { records, through });
        let records = (records.min(before.records) / 2).max(1);
        self.0 = Some(Search { records, through: through.max(before.through) });
    }

    /// At most so many records go into a commit; `None` when nothing is searched for.
    pub(crate) fn limit(&self) -> Option<usize> {
        self.0.map(|search| search.records)
    }

    /// Everything through `position` is committed.
    pub(crate) fn committed(&mut self, position: u64) {
        self.0 = self.0.filter(|search| search.through > position);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_shrink_until_one_record_is_left_and_grow_again_behind_it() {
        let mut halving = Halving::default();
        assert_eq!(halving.limit(), None);
        let limits = [40, 20, 10, 5, 2, 1].map(|records| {
            halving.narrow(records, 100);
            halving.limit().unwrap()
        });
        assert_eq!(limits, [20, 10, 5, 2, 1, 1]);
        halving.committed(99);
        assert_eq!(halving.limit(), Some(1));
        halving.committed(100);
        assert_eq!(halving.limit(), None);
    }
}
