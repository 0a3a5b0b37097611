use std::collections::BTreeMap;

use kalends_sink::{FieldValue, Instant, TimeUnit};

use super::{Delta, Layout, layout::HEAD, upsert::types};
use crate::table::{Cells, Column, Counted};

/// What the records of one commit say of subscriptions: one row each, since a statement may touch a row once, and in the
/// order of their ids, so that two writers don't wait for each other in a circle.
#[derive(Debug, Default)]
pub(crate) struct Pending(BTreeMap<String, Delta>);

impl Pending {
    pub(crate) fn join(&mut self, id: String, delta: Delta) {
        self.0.entry(id).or_default().join(delta);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The rows, as one column a parameter of the statement.
    pub(crate) fn columns(&self, layout: &Layout) -> Vec<Column> {
        let types = types(layout);
        let mut columns: Vec<Column> = types.iter().map(|sql| Column::new(*sql)).collect();
        let (mut head, mut counted) = (Cells::default(), Counted::default());
        let none = Cells::default();
        for (id, delta) in &self.0 {
            head.clear();
            for (value, (_, sql, _)) in values(id, delta).iter().zip(HEAD) {
                head.push(value, sql, &mut counted);
            }
            let details = delta.details.as_ref().map_or(&none, |details| &details.cells);
            let nulls = std::iter::repeat(NULL);
            let cells = head.iter().chain(details.iter()).chain(nulls);
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        columns
    }
}

/// A null as an array has it.
const NULL: &[u8] = &[0xff; 4];

/// The values of the columns ahead of the details.
fn values<'a>(id: &'a str, delta: &'a Delta) -> [FieldValue<'a>; 10] {
    let time = |micros: Option<i64>| {
        micros
            .map_or(FieldValue::Null, |units| FieldValue::Instant(Instant { units, unit: TimeUnit::Micros }))
    };
    let times = [
        time(delta.subscribed_at),
        time(delta.subscribe_received_at),
        time(delta.unsubscribed_at),
        time(delta.marketing_denied_at),
    ];
    let [subscribed, received, unsubscribed, denied] = times;
    let version = delta.details.as_ref().map(|details| &details.version);
    let of_details = version.map_or([FieldValue::Null; 5], |version| {
        [
            time(Some(version.at)),
            FieldValue::Boolean(version.from_update),
            FieldValue::Text(&version.journal),
            FieldValue::Int(version.shard),
            FieldValue::Long(version.position),
        ]
    });
    let [at, from_update, journal, shard, position] = of_details;
    [
        FieldValue::Text(id),
        subscribed,
        received,
        unsubscribed,
        denied,
        at,
        from_update,
        journal,
        shard,
        position,
    ]
}
