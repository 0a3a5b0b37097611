use std::borrow::Cow;

use crate::{
    avro::Value,
    plan::record::{Derive, Origin},
    project::Projection,
    quirk::Quirk,
    time::{
        instant::{self, Moment},
        zone,
    },
};

impl<'a> Projection<'a> {
    /// What follows from fields that are already in the row.
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
        let iana = self.plan.zones.iana_of_windows(&name);
        if iana.is_none() {
            self.see_unknown_zone(windows);
        }
        iana.map(|iana| Value::Text(iana.into()))
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
        self.plan.unit.instant(zone::utc_of_local(written.date_time, &zone, not_before))
    }

    /// The zone of the first field, an IANA name, else of the second, a Windows name.
    fn zone(&mut self, [iana, windows]: [usize; 2]) -> Option<jiff::tz::TimeZone> {
        if let Some(name) = self.text_at(iana) {
            if let Some(zone) = self.plan.zones.iana(&name) {
                return Some(zone);
            }
            self.see_unknown_zone(iana);
        }
        let name = self.text_at(windows)?;
        let zone = self.plan.zones.iana_of_windows(&name).and_then(|iana| self.plan.zones.iana(iana));
        if zone.is_none() {
            self.see_unknown_zone(windows);
        }
        zone
    }

    fn text_at(&self, index: usize) -> Option<Cow<'a, str>> {
        match self.row.get(index)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Reports the zone, or the lack of one, at the place that the field was read from.
    fn see_unknown_zone(&mut self, field: usize) {
        let Some(Origin::Body { from, .. }) = self.fields.get(field).map(|field| &field.origin) else {
            return;
        };
        if let Some(node) = from.iter().find(|node| self.has_value(**node)) {
            self.see(Quirk::UnknownZone, *node);
        }
    }
}
