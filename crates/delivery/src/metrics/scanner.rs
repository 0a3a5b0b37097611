use std::collections::HashMap;

use kalends_normalise::{Event, Plan, Quirk, Reason};
use prometheus::{IntCounter, IntCounterVec, IntGauge, Registry};

use super::{counters, enter};
use crate::dedup::dedup_window::{DedupWindow, Verdict};

/// The metrics of the scanner, by their labels.
#[derive(Debug, Clone)]
pub(super) struct Families {
    events: IntCounterVec,
    quirks: IntCounterVec,
    duplicates: IntCounter,
    conflicts: IntCounter,
    dead_letters: IntCounterVec,
    window: IntGauge,
    window_bytes: IntGauge,
}

impl Families {
    pub(super) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        Ok(Self {
            events: counters(
                registry,
                "kalends_events_total",
                "Events received, by record type.",
                &["type"],
            )?,
            quirks: counters(
                registry,
                "kalends_quirks_total",
                "Deviations of received events from the sender's reference, by kind.",
                &["quirk"],
            )?,
            duplicates: enter(
                registry,
                IntCounter::new(
                    "kalends_duplicates_total",
                    "Events received again within the duplicate window.",
                )?,
            )?,
            conflicts: enter(
                registry,
                IntCounter::new(
                    "kalends_conflicts_total",
                    "Events that bear the id of another event within the duplicate window, with other content.",
                )?,
            )?,
            dead_letters: counters(
                registry,
                "kalends_dead_letters_total",
                "Webhooks that are no event, by reason.",
                &["reason"],
            )?,
            window: enter(
                registry,
                IntGauge::new(
                    "kalends_window_fingerprints",
                    "Fingerprints that the duplicate window holds.",
                )?,
            )?,
            window_bytes: enter(
                registry,
                IntGauge::new("kalends_window_bytes", "Memory that the duplicate window takes.")?,
            )?,
        })
    }

    pub(super) fn metrics(&self, plan: &Plan) -> ScannerMetrics {
        let of_reason = |reason: Reason| (reason, self.dead_letters.with_label_values(&[reason.as_str()]));
        let of_quirk = |quirk: Quirk| (quirk, self.quirks.with_label_values(&[quirk.as_str()]));
        ScannerMetrics {
            events: plan
                .records()
                .iter()
                .map(|r| self.events.with_label_values(&[r.name.as_str()]))
                .collect(),
            quirks: Quirk::ALL.iter().copied().map(of_quirk).collect(),
            duplicates: self.duplicates.clone(),
            conflicts: self.conflicts.clone(),
            dead_letters: Reason::ALL.iter().copied().map(of_reason).collect(),
            window: self.window.clone(),
            window_bytes: self.window_bytes.clone(),
        }
    }
}

/// The scanner's metrics, ready to use.
pub(crate) struct ScannerMetrics {
    events: Vec<IntCounter>,
    quirks: HashMap<Quirk, IntCounter>,
    duplicates: IntCounter,
    conflicts: IntCounter,
    dead_letters: HashMap<Reason, IntCounter>,
    window: IntGauge,
    window_bytes: IntGauge,
}

impl ScannerMetrics {
    pub(crate) fn event(&self, event: &Event) {
        self.events.get(event.record).inspect(|counter| counter.inc());
        for seen in &event.quirks {
            self.quirks.get(&seen.quirk).inspect(|counter| counter.inc());
        }
    }

    pub(crate) fn dead_letter(&self, reason: Reason) {
        self.dead_letters.get(&reason).inspect(|counter| counter.inc());
    }

    pub(crate) fn verdict(&self, verdict: Option<Verdict>) {
        match verdict {
            Some(Verdict::Duplicate) => self.duplicates.inc(),
            Some(Verdict::Conflict) => self.conflicts.inc(),
            Some(Verdict::First) | None => {}
        }
    }

    pub(crate) fn window(&self, window: &DedupWindow) {
        self.window.set(i64::try_from(window.len()).unwrap_or(i64::MAX));
        self.window_bytes.set(i64::try_from(window.bytes()).unwrap_or(i64::MAX));
    }
}
