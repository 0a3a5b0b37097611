use crate::{Value, time::Moment};

/// The unit of instants in records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeUnit {
    /// `timestamp-millis`, in namespace `rokt.calendar`.
    #[default]
    Millis,
    /// `timestamp-micros`, in namespace `rokt.calendar.micros`.
    Micros,
}

impl TimeUnit {
    /// An instant in microseconds since the Unix epoch, as a value of this unit; floored.
    pub(crate) fn of_micros(self, micros: i64) -> Value<'static> {
        match self {
            Self::Millis => Value::Millis(micros.div_euclid(1_000)),
            Self::Micros => Value::Micros(micros),
        }
    }

    pub(crate) fn instant(self, moment: Moment) -> Option<Value<'static>> {
        moment.micros().map(|micros| self.of_micros(micros))
    }

    /// A count of this unit since the Unix epoch.
    pub(crate) fn of_units(self, units: i64) -> Value<'static> {
        match self {
            Self::Millis => Value::Millis(units),
            Self::Micros => Value::Micros(units),
        }
    }
}
