use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Receipts that the journal was given, and that it neither stored nor refused in time. Clones share the count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overdue(Arc<AtomicUsize>);

impl Overdue {
    /// Counts an append until it has ended.
    pub(crate) fn follow<T>(&self, append: impl Future<Output = T> + Send + 'static) {
        let counted = Counted::new(self.clone());
        tokio::spawn(async move {
            append.await;
            drop(counted);
        });
    }

    /// The count.
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of them, until dropped.
struct Counted(Overdue);

impl Counted {
    fn new(overdue: Overdue) -> Self {
        overdue.0.fetch_add(1, Ordering::Relaxed);
        Self(overdue)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn an_append_counts_until_it_has_ended() {
        let overdue = Overdue::default();
        let (end, ended) = oneshot::channel::<()>();
        overdue.follow(ended);
        assert_eq!(overdue.count(), 1);
        drop(end);
        while overdue.count() > 0 {
            tokio::task::yield_now().await;
        }
    }
}
