use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use kalends_tests::{Record, load::Outcome};

/// The seeks that were ordered, and what each of them may repeat or skip by what its operator was told.
#[derive(Debug, Default)]
pub(crate) struct Allowance {
    /// What may come once more.
    repeated: Vec<RangeInclusive<u64>>,
    /// Where seeks go to that wait, or have not been seen to be carried out.
    waiting: Vec<u64>,
    /// What may never come.
    skipped: Vec<RangeInclusive<u64>>,
}

impl Allowance {
    /// A seek to `position` is about to be ordered.
    pub(crate) fn ordered(&mut self, position: u64) {
        self.waiting.push(position);
    }

    /// A seek has said that it skips these positions.
    pub(crate) fn skips(&mut self, positions: RangeInclusive<u64>) {
        self.skipped.push(positions);
    }

    /// No order waits any more, and the journal ends at `last`: what is stored from now on comes once.
    pub(crate) fn carried_out(&mut self, last: u64) {
        self.repeated.extend(self.waiting.drain(..).map(|position| position..=last));
    }

    fn times(&self, position: u64) -> usize {
        1 + self.repeated.iter().filter(|range| range.contains(&position)).count()
    }

    /// Every event that was answered 200 is there, once for its storing and at most once more for each seek back behind it.
    /// `stored` is the journal: the id of the event at each position.
    ///
    /// # Errors
    /// What was lost, doubled or made up.
    pub(crate) fn check(
        &self,
        outcome: &Outcome,
        stored: &BTreeMap<u64, String>,
        records: &[Record],
    ) -> Result<(), String> {
        let mut times = BTreeMap::<u64, usize>::new();
        let mut names = BTreeMap::<&str, BTreeSet<u64>>::new();
        for record in records {
            let position = record.number("journal_position").and_then(|number| u64::try_from(number).ok());
            let position = position.ok_or("a record has no position")?;
            let id = record.text("event_id").ok_or("a record has no id")?;
            if stored.get(&position).map(String::as_str) != Some(id) {
                return Err(format!("position {position} is {:?}, not {id}", stored.get(&position)));
            }
            *times.entry(position).or_default() += 1;
            names.entry(id).or_default().insert(position);
        }
        let often = times.iter().filter(|(position, times)| **times > self.times(**position));
        let often: Vec<_> = often.map(|(position, times)| format!("{position}: {times} times")).collect();
        let doubled: Vec<_> = names.iter().filter(|(_, positions)| positions.len() > 1).collect();
        let is_skipped = |id: &str| {
            let first = stored.iter().find(|(_, stored)| *stored == id).map(|(position, _)| *position);
            first.is_some_and(|first| self.skipped.iter().any(|range| range.contains(&first)))
        };
        let absent = outcome.acknowledged.iter().filter(|id| !names.contains_key(id.as_str()));
        let lost: Vec<_> = absent.filter(|id| !is_skipped(id)).collect();
        if often.is_empty() && doubled.is_empty() && lost.is_empty() {
            return Ok(());
        }
        Err(format!("lost: {lost:?}\ntoo often: {often:?}\nunder two positions: {doubled:?}\n{self:?}"))
    }
}
