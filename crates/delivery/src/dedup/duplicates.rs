use std::collections::VecDeque;

/// The positions of duplicates, in rising order, behind the last one that nobody needs any more.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    positions: VecDeque<u64>,
    /// Through here nothing is known any more.
    forgotten: u64,
}

impl Duplicates {
    /// Adds a position higher than all before it.
    pub(crate) fn push(&mut self, position: u64) {
        self.positions.push_back(position);
    }

    /// Forgets everything through `position`: every sink has passed it, or the journal no longer has it.
    pub(crate) fn forget_through(&mut self, position: u64) {
        let passed = self.positions.partition_point(|&p| p <= position);
        self.positions.drain(..passed);
        self.forgotten = self.forgotten.max(position);
    }

    /// The duplicates from `first` through `last`, in rising order; `None` when those from `first` on are forgotten.
    pub(crate) fn between(&self, first: u64, last: u64) -> Option<Vec<u64>> {
        if first <= self.forgotten {
            return None;
        }
        let from = self.positions.partition_point(|&p| p < first);
        Some(self.positions.iter().skip(from).take_while(|&&p| p <= last).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_found_until_every_sink_has_passed_them() {
        let mut duplicates = Duplicates::default();
        for position in [3, 5, 8, 13] {
            duplicates.push(position);
        }
        assert_eq!(duplicates.between(5, 12).unwrap(), [5, 8]);
        duplicates.forget_through(5);
        assert_eq!(duplicates.between(6, 20).unwrap(), [8, 13]);
        duplicates.forget_through(2);
        assert_eq!(duplicates.between(5, 20), None, "nobody can tell any more whether 5 is a duplicate");
    }
}
