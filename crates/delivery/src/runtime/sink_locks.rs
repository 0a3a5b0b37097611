use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Who is at work under which name, over all deliveries that follow each other in one process. Clones share it.
///
/// A sink that was left behind may still commit, or take its destination for itself. What takes its place under the same
/// name begins when it has ended.
#[derive(Debug, Clone, Default)]
pub struct SinkLocks(Arc<Mutex<BTreeMap<String, SinkLock>>>);

/// Held by the loop that is at work.
pub(crate) type SinkLock = Arc<Mutex<()>>;

impl SinkLocks {
    /// The lock of this name, held or not.
    pub(crate) fn of(&self, name: &str) -> SinkLock {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(name.to_owned()).or_default())
    }
}
