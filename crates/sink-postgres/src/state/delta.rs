use crate::table::Cells;

/// The changes that some events make to one subscription. Times are in microseconds since the Unix epoch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delta {
    pub(crate) subscribed_at: Option<i64>,
    pub(crate) subscribe_received_at: Option<i64>,
    pub(crate) unsubscribed_at: Option<i64>,
    pub(crate) marketing_denied_at: Option<i64>,
    pub(crate) details: Option<Details>,
}

/// The subscriber's details in one event.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    /// The order of details: the greater one wins.
    pub(crate) version: Version,
    /// The values, in the layout's order.
    pub(crate) cells: Cells,
}

/// The order of details: by time; of equal times an update wins; then by where the event stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) at: i64,
    pub(crate) from_update: bool,
    pub(crate) journal: String,
    pub(crate) shard: i32,
    pub(crate) position: i64,
}

impl Delta {
    /// Joins two: the greater of each part.
    pub(crate) fn join(&mut self, other: Self) {
        self.subscribed_at = self.subscribed_at.max(other.subscribed_at);
        self.subscribe_received_at = self.subscribe_received_at.max(other.subscribe_received_at);
        self.unsubscribed_at = self.unsubscribed_at.max(other.unsubscribed_at);
        self.marketing_denied_at = self.marketing_denied_at.max(other.marketing_denied_at);
        let version = |details: &Option<Details>| details.as_ref().map(|details| details.version.clone());
        if version(&other.details) > version(&self.details) {
            self.details = other.details;
        }
    }
}
