use clap::ValueEnum;

/// The event types that the sender documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum EventType {
    /// Somebody subscribed to a calendar.
    Subscribe,
    /// Somebody changed their subscription.
    SubscriptionDetailsUpdated,
    /// An entry was added to a subscribed calendar.
    SubscriptionEventAdded,
    /// An entry of a subscribed calendar changed.
    SubscriptionEventUpdated,
    /// An entry was taken from one subscription.
    SubscriptionEventRemoved,
    /// An entry is gone from the calendar itself.
    SubscriptionEventDeleted,
    /// Somebody ended their subscription.
    Unsubscribe,
    /// The sender's dashboard was asked for a test.
    Test,
}

impl EventType {
    /// Every type, in the order of a subscription's life.
    pub const ALL: [Self; 8] = [
        Self::Subscribe,
        Self::SubscriptionDetailsUpdated,
        Self::SubscriptionEventAdded,
        Self::SubscriptionEventUpdated,
        Self::SubscriptionEventRemoved,
        Self::SubscriptionEventDeleted,
        Self::Unsubscribe,
        Self::Test,
    ];

    /// The type's name as the sender writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subscribe => "Subscribe",
            Self::SubscriptionDetailsUpdated => "SubscriptionDetailsUpdated",
            Self::SubscriptionEventAdded => "SubscriptionEventAdded",
            Self::SubscriptionEventUpdated => "SubscriptionEventUpdated",
            Self::SubscriptionEventRemoved => "SubscriptionEventRemoved",
            Self::SubscriptionEventDeleted => "SubscriptionEventDeleted",
            Self::Unsubscribe => "Unsubscribe",
            Self::Test => "Test",
        }
    }
}
