use kalends_sink::{FieldValue, Row, RowError, latest_time};

use super::{Delta, Details, Layout, Version, id, letter};
use crate::table::{Cells, Counted, Table, without_nul};

/// How the records of one table speak of subscriptions.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    kind: Kind,
    id: Option<usize>,
    received_at: usize,
    key: [usize; 3],
    allowed: Option<usize>,
    details: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Kind {
    Subscribe { created: Option<usize>, confirmed: Option<usize> },
    Update { created: Option<usize> },
    Unsubscribe { removed: Option<usize> },
    DeadLetter { event_type: usize, body: usize },
}

/// Counts of odd values in the records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Oddities {
    /// Sender's times that counted as the time of reception.
    pub(crate) times: u64,
    /// Ids too long to keep a state for.
    pub(crate) long_ids: u64,
}

/// How the records of each table speak of subscriptions; `None` where they don't.
pub(crate) fn sources(tables: &[Table], layout: &Layout) -> Vec<Option<Source>> {
    tables.iter().map(|table| Source::new(table, layout)).collect()
}

impl Source {
    fn new(table: &Table, layout: &Layout) -> Option<Self> {
        let index = |name: &str| table.plan.index_of(name);
        let created = index("created_date_time_utc");
        let kind = match table.record.as_str() {
            "Subscribe" => Kind::Subscribe { created, confirmed: index("confirmation_date_time_utc") },
            "SubscriptionDetailsUpdated" => Kind::Update { created },
            "Unsubscribe" => Kind::Unsubscribe { removed: index("removed_date_time_utc") },
            "DeadLetter" => Kind::DeadLetter { event_type: index("event_type")?, body: index("body")? },
            _ => return None,
        };
        let details = match kind {
            Kind::Subscribe { .. } | Kind::Update { .. } => {
                layout.details.iter().filter_map(|detail| index(&detail.name)).collect()
            }
            _ => Vec::new(),
        };
        Some(Self {
            kind,
            id: index("calendar_subscription_id"),
            received_at: index("received_at")?,
            key: [index("journal_id")?, index("journal_shard")?, index("journal_position")?],
            allowed: index("is_marketing_allowed"),
            details,
        })
    }

    /// The id of the subscription that a record names, and the change to its state; `None` when the record names none.
    ///
    /// # Errors
    /// [`RowError`] when a value can't be decoded.
    pub(crate) fn read(
        &self,
        row: &Row<'_>,
        cells: &Cells,
        oddities: &mut Oddities,
    ) -> Result<Option<(String, Delta)>, RowError> {
        let Some(id) = self.subscription(row, oddities)? else { return Ok(None) };
        let received_at = instant(row, Some(self.received_at))?.unwrap_or_default();
        let mut time = |times: &[Option<i64>]| {
            let (time, odd) = latest_time(times, received_at);
            oddities.times += u64::from(odd);
            time
        };
        let mut delta = Delta::default();
        match self.kind {
            Kind::Subscribe { created, confirmed } => {
                let at = time(&[instant(row, created)?, instant(row, confirmed)?]);
                delta.subscribed_at = Some(at);
                delta.subscribe_received_at = Some(received_at);
                self.details(row, cells, at, false, &mut delta)?;
            }
            Kind::Update { created } => {
                let created = instant(row, created)?;
                // An update without a time of its own is nothing odd: it is as new as its reception.
                let at = if created.is_some() { time(&[created]).max(received_at) } else { received_at };
                self.details(row, cells, at, true, &mut delta)?;
            }
            Kind::Unsubscribe { removed } => delta.unsubscribed_at = Some(time(&[instant(row, removed)?])),
            Kind::DeadLetter { .. } => delta.unsubscribed_at = Some(received_at),
        }
        Ok(Some((id, delta)))
    }

    fn subscription(&self, row: &Row<'_>, oddities: &mut Oddities) -> Result<Option<String>, RowError> {
        let named = match self.kind {
            Kind::DeadLetter { event_type, body } => {
                let event_type = match row.get(event_type)? {
                    FieldValue::Text(event_type) => Some(event_type),
                    _ => None,
                };
                match row.get(body)? {
                    FieldValue::Bytes(body) if letter::is_unsubscribe(event_type, body) => {
                        letter::subscription_id(body)
                    }
                    _ => None,
                }
            }
            _ => match self.id.map(|index| row.get(index)).transpose()? {
                Some(FieldValue::Text(id)) => Some(id),
                _ => None,
            },
        };
        let Some(named) = named else { return Ok(None) };
        Ok(id::normal(&without_nul(named, &mut Counted::default())).unwrap_or_else(|_| {
            oddities.long_ids += 1;
            None
        }))
    }

    fn details(
        &self,
        row: &Row<'_>,
        cells: &Cells,
        at: i64,
        from_update: bool,
        delta: &mut Delta,
    ) -> Result<(), RowError> {
        let allowed = self.allowed.map(|index| row.get(index)).transpose()?;
        if allowed != Some(FieldValue::Boolean(true)) {
            delta.marketing_denied_at = Some(at);
        }
        let [journal, shard, position] = self.key;
        let (FieldValue::Text(journal), FieldValue::Int(shard), FieldValue::Long(position)) =
            (row.get(journal)?, row.get(shard)?, row.get(position)?)
        else {
            return Ok(());
        };
        let mut own = Cells::default();
        own.select(cells, &self.details);
        let version = Version { at, from_update, journal: journal.to_owned(), shard, position };
        delta.details = Some(Details { version, cells: own });
        Ok(())
    }
}

fn instant(row: &Row<'_>, index: Option<usize>) -> Result<Option<i64>, RowError> {
    match index.map(|index| row.get(index)).transpose()? {
        Some(FieldValue::Instant(instant)) => Ok(instant.micros()),
        _ => Ok(None),
    }
}
