use std::borrow::Cow;

use crate::{
    avro::Value,
    plan::{
        record::{Derive, Origin},
        trie::NodeId,
    },
    project::Projection,
    quirk::Quirk,
    time::{
        instant::{self, Moment},
        zone,
    },
};

impl<'a> Projection<'a> {
    /// Values that follow from fields that are already in the row.
    pub(super) fn derive(&mut self, derive: Derive) -> Value<'a> {
        match derive {
            Derive::IanaOfWindows { windows } => self.iana_of_windows(windows).unwrap_or(Value::Null),
            Derive::UtcOfLocal { local, iana, windows, not_before } => {
                self.utc_of_local(local, [iana, windows], not_before).unwrap_or(Value::Null)
            }
        }
    }

    fn iana_of_windows(&mut self, windows: usize) -> Option<Value<'a>> {
        let name = self.text_at(windows)?;
        if let Some(iana) = self.plan.zones.iana_of_windows(&name) {
            return Some(Value::Text(iana.into()));
        }
        self.see_unknown_zone(windows);
        // .NET on Linux names its zones by IANA.
        self.plan.zones.current_iana(&name).map(|iana| Value::Text(iana.into()))
    }

    fn utc_of_local(
        &mut self,
        local: usize,
        zones: [usize; 2],
        not_before: Option<usize>,
    ) -> Option<Value<'a>> {
        let written = instant::read(&self.text_at(local)?)?;
        let Some(zone) = self.zone(zones) else {
            if zones.iter().all(|field| self.text_at(*field).is_none()) {
                self.see_unknown_zone(local);
            }
            return None;
        };
        let not_before = not_before.and_then(|index| match *self.row.get(index)? {
            Value::Millis(units) => Some(Moment::after_epoch(units, 1_000)),
            Value::Micros(units) => Some(Moment::after_epoch(units, 1_000_000)),
            _ => None,
        });
        let utc = self.plan.unit.instant(zone::utc_of_local(written.date_time, &zone, not_before));
        if utc.is_none() {
            self.leave_unreadable(local);
        }
        utc
    }

    /// Keeps the original that a field was read from, since what should follow from it is out of range.
    fn leave_unreadable(&mut self, field: usize) {
        let found = self.source_of(field).and_then(|node| Some((node, self.present(node)?)));
        if let Some((node, found)) = found {
            self.leave(node, found.value, Some(Quirk::UnreadableValue));
        }
    }

    /// The zone of the first field, an IANA name, else of the second, a Windows name or an IANA name in its place.
    fn zone(&mut self, [iana, windows]: [usize; 2]) -> Option<jiff::tz::TimeZone> {
        if let Some(name) = self.text_at(iana) {
            if let Some(zone) = self.plan.zones.iana(&name) {
                return Some(zone);
            }
            self.see_unknown_zone(iana);
        }
        let name = self.text_at(windows)?;
        let zones = &self.plan.zones;
        let iana = zones.iana_of_windows(&name);
        if iana.is_none() {
            self.see_unknown_zone(windows);
        }
        zones.iana(iana.unwrap_or(&name))
    }

    fn text_at(&self, index: usize) -> Option<Cow<'a, str>> {
        match self.row.get(index)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Reports the zone, or the lack of one, at the place that the field was read from.
    fn see_unknown_zone(&mut self, field: usize) {
        if let Some(node) = self.source_of(field) {
            self.see(Quirk::UnknownZone, node);
        }
    }

    /// The node that a field was read from.
    fn source_of(&self, field: usize) -> Option<NodeId> {
        match &self.fields.get(field)?.origin {
            Origin::Body { from, .. } => from.iter().find(|node| self.has_value(**node)).copied(),
            _ => None,
        }
    }
}
