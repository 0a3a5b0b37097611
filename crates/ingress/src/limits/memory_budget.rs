use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use prometheus::IntGauge;

/// The memory that bodies may take together.
#[derive(Debug, Clone)]
pub(crate) struct MemoryBudget {
    taken: Arc<AtomicUsize>,
    limit: usize,
    gauge: IntGauge,
}

/// The share that one body has taken; given back when dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: MemoryBudget,
    held: usize,
}

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent;

impl MemoryBudget {
    pub(crate) fn new(limit: usize, gauge: IntGauge) -> Self {
        Self { taken: Arc::default(), limit, gauge }
    }

    pub(crate) fn reserve(&self) -> Reservation {
        Reservation { budget: self.clone(), held: 0 }
    }
}

impl Reservation {
    /// Holds `total` bytes from now on, if it held fewer.
    pub(crate) fn grow_to(&mut self, total: usize) -> Result<(), Spent> {
        let more = total.saturating_sub(self.held);
        let fits = |taken: usize| taken.checked_add(more).filter(|sum| *sum <= self.budget.limit);
        self.budget.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).map_err(|_| Spent)?;
        self.held = self.held.saturating_add(more);
        self.budget.gauge.add(i64::try_from(more).unwrap_or(i64::MAX));
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.taken.fetch_sub(self.held, Ordering::Relaxed);
        self.budget.gauge.sub(i64::try_from(self.held).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_can_be_taken_again() {
        let gauge = IntGauge::new("g", "g").unwrap();
        let budget = MemoryBudget::new(100, gauge.clone());
        let mut first = budget.reserve();
        first.grow_to(60).unwrap();
        first.grow_to(80).unwrap();
        first.grow_to(10).unwrap();
        let mut second = budget.reserve();
        assert_eq!(second.grow_to(21), Err(Spent));
        second.grow_to(20).unwrap();
        assert_eq!(gauge.get(), 100);
        drop(first);
        second.grow_to(100).unwrap();
        drop(second);
        assert_eq!(gauge.get(), 0);
    }
}
