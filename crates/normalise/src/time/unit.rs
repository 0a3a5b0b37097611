/// The unit of instants in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// `timestamp-millis`, in namespace `rokt.calendar`.
    #[default]
    Millis,
    /// `timestamp-micros`, in namespace `rokt.calendar.micros`.
    Micros,
}
