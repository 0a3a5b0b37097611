use kalends_normalise::RecordType;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A record's fields as JSON, in the order of its schema.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, Value)>);

impl Fields {
    /// Puts the fields of `record` into the order of their type.
    pub(crate) fn new(record_type: Option<&RecordType>, mut record: Value) -> Self {
        let fields = record_type.map(|record_type| &*record_type.fields).unwrap_or_default();
        let mut take = |name: &str| record.get_mut(name).map(Value::take);
        Self(fields.iter().filter_map(|field| Some((field.name.clone(), take(&field.name)?))).collect())
    }

    /// The fields that have another value in `other`, a record of the same type.
    pub(super) fn changed_in(&self, other: &Self) -> Vec<&str> {
        let pairs = self.0.iter().zip(&other.0);
        pairs.filter(|(own, other)| own != other).map(|((name, _), _)| name.as_str()).collect()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
