use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::errors::Class;

/// A record that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undelivered {
    /// Its journal position; 0 for a record of the checkpoint topic.
    pub(crate) position: u64,
    pub(crate) topic: String,
    pub(crate) class: Class,
    /// The topic does not take the record's time.
    pub(crate) is_about_time: bool,
    /// The client's words about it.
    pub(crate) message: String,
}

/// Records of one producer that were not delivered, and the one of them that says most about why.
#[derive(Debug, Default)]
pub(crate) struct DeliveryReports {
    failed: AtomicBool,
    losses: Mutex<Losses>,
}

/// Knowledge of the records that were not delivered.
#[derive(Debug, Default, Clone)]
pub(crate) struct Losses {
    /// Number of records that were refused for what they are. A cluster that refuses a batch blames each record in it.
    pub(crate) suspects: usize,
    /// The most telling one; of equal ones that with the lowest position.
    pub(crate) worst: Option<Undelivered>,
}

impl DeliveryReports {
    /// Returns whether any record was not delivered. Cheap.
    pub(crate) fn failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    pub(crate) fn note(&self, lost: Undelivered) {
        let mut losses = self.losses.lock().unwrap_or_else(PoisonError::into_inner);
        losses.suspects += usize::from(weight(lost.class) == SUSPECT);
        let order = |lost: &Undelivered| (weight(lost.class), u64::MAX - lost.position);
        if losses.worst.as_ref().is_none_or(|worst| order(worst) < order(&lost)) {
            losses.worst = Some(lost);
        }
        drop(losses);
        self.failed.store(true, Ordering::Release);
    }

    pub(crate) fn losses(&self) -> Losses {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

const SUSPECT: u8 = 2;

const fn weight(class: Class) -> u8 {
    match class {
        Class::TooLarge | Class::Rejected => SUSPECT,
        Class::Consequence => 0,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(position: u64, class: Class) -> Undelivered {
        Undelivered { position, topic: "t".into(), class, is_about_time: false, message: String::new() }
    }

    #[test]
    fn the_record_at_fault_is_told_from_those_it_drags_along() {
        let reports = DeliveryReports::default();
        assert!(!reports.failed());
        for (position, class) in [(1, Class::Consequence), (2, Class::TooLarge), (3, Class::Transient)] {
            reports.note(lost(position, class));
        }
        assert!(reports.failed());
        let losses = reports.losses();
        assert_eq!((losses.suspects, losses.worst), (1, Some(lost(2, Class::TooLarge))));
    }

    #[test]
    fn of_several_suspects_the_first_in_the_journal_is_named() {
        let reports = DeliveryReports::default();
        for position in [5, 4, 6] {
            reports.note(lost(position, Class::Rejected));
        }
        let losses = reports.losses();
        assert_eq!((losses.suspects, losses.worst), (3, Some(lost(4, Class::Rejected))));
    }
}
