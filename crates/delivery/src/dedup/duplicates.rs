use std::collections::VecDeque;

/// The positions of duplicates, in rising order, from the slowest sink's position on.
#[derive(Debug, Default)]
pub(crate) struct Duplicates(VecDeque<u64>);

impl Duplicates {
    /// Adds a position higher than all before it.
    pub(crate) fn push(&mut self, position: u64) {
        self.0.push_back(position);
    }

    /// Forgets everything through `position`: every sink has passed it.
    pub(crate) fn forget_through(&mut self, position: u64) {
        let passed = self.0.partition_point(|&p| p <= position);
        self.0.drain(..passed);
    }

    /// The duplicates from `first` through `last`, in rising order.
    pub(crate) fn between(&self, first: u64, last: u64) -> Vec<u64> {
        let from = self.0.partition_point(|&p| p < first);
        self.0.iter().skip(from).take_while(|&&p| p <= last).copied().collect()
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
        assert_eq!(duplicates.between(5, 12), [5, 8]);
        duplicates.forget_through(5);
        assert_eq!(duplicates.between(1, 20), [8, 13]);
    }
}
