/// The text of one `.avsc` file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Name in errors: its file name.
    pub name: &'a str,
    /// Its content.
    pub text: &'a str,
}

macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        [$(Source { name: concat!($name, ".avsc"), text: include_str!(concat!("../../schemas/", $name, ".avsc")) }),+]
    };
}

impl Source<'_> {
    /// The record types that kalends has of itself.
    pub const BUILT_IN: [Source<'static>; 10] = built_in![
        "Subscribe",
        "Unsubscribe",
        "SubscriptionDetailsUpdated",
        "SubscriptionEventAdded",
        "SubscriptionEventUpdated",
        "SubscriptionEventRemoved",
        "SubscriptionEventDeleted",
        "Test",
        "UnknownEvent",
        "DeadLetter",
    ];
}
