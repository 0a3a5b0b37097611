use std::collections::BTreeMap;

use kalends_delivery::{Listed, noted_checkpoint};
use kalends_settings::Settings;
use serde_json::{Value, json};

use super::{running::Taken, search::Found};
use crate::{
    journals,
    output::{
        exit::{Exit, Failure},
        instant,
        stderr::say,
        stdout::Stdout,
    },
};

/// What it means that somebody is forgotten, without any value of that person.
#[derive(Debug)]
pub(super) struct Report {
    events: usize,
    dead_letters: usize,
    subscriptions: usize,
    ends: Option<(u64, u64)>,
    /// How many of the events each sink has had, as was noted last.
    had: BTreeMap<String, usize>,
    /// When the last event may leave the disk at the earliest, in microseconds since the Unix epoch.
    kept_until: Option<i64>,
}

impl Report {
    pub(super) fn new(settings: &Settings, found: &Found) -> Result<Self, Failure> {
        let had = settings.sinks.keys().map(|sink| {
            let noted = noted_checkpoint(&journals::notes(settings, sink))
                .map_err(|error| Failure::new(Exit::Disk, error))?;
            let through = noted.map_or(0, |noted| noted.position);
            Ok((sink.clone(), found.positions.partition_point(|position| *position <= through)))
        });
        let kept = settings.journal.retain.max(settings.deduplicate.window);
        let kept = i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
        Ok(Self {
            events: found.positions.len(),
            dead_letters: found.dead_letters,
            subscriptions: found.subscriptions.len(),
            ends: found.positions.first().copied().zip(found.positions.last().copied()),
            had: had.collect::<Result<_, Failure>>()?,
            kept_until: found.newest.map(|newest| newest.saturating_add(kept)),
        })
    }

    /// Says what it means, and what became of it.
    pub(super) fn tell(&self, as_json: bool, done: Option<(&Listed, &Taken)>) -> Result<(), Failure> {
        if as_json {
            return Stdout::lock().line(self.json(done)).map(drop);
        }
        self.lines().into_iter().for_each(say);
        match done {
            None | Some((_, Taken::NotSaid(_))) => {}
            Some((listed, Taken::NoDaemon)) => say(format!(
                "done: the list has {} entries; no daemon runs, and the next one that starts uses it",
                listed.people.len()
            )),
            Some((listed, Taken::Uses)) => say(format!(
                "done: the list has {} entries, and every sink of the running daemon uses it",
                listed.people.len()
            )),
        }
        Ok(())
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![match self.ends {
            None => "the journal has nothing of this person".to_owned(),
            Some((first, last)) => format!(
                "the journal has {} webhooks of this person (positions {first} to {last}), {} of them dead letters",
                self.events, self.dead_letters
            ),
        }];
        lines.push(format!(
            "{} subscriptions are known by this person's name, and are forgotten too",
            self.subscriptions
        ));
        lines.push(
            "personal values of all this leave the journal no more: not to a sink that lags, not in a replay, not to a new sink; the \
             events are delivered and counted as ever"
                .to_owned(),
        );
        lines.extend(self.had.iter().filter(|(_, had)| **had > 0).map(|(sink, had)| {
            format!("not reached: {had} of them that sink {sink} has had already, or more if it has gone on since its last note")
        }));
        if let Some(until) = self.kept_until {
            let until = instant::shown(until);
            lines.push(format!(
                "not reached: the journal's own files, which keep the last of them until {} at least, and for as long as a required sink \
                 lacks it",
                until.as_str().unwrap_or_default()
            ));
        }
        lines.push(
            "docs/tasks/erase-a-person.md has the steps for files, topics, tables and backups".to_owned(),
        );
        lines
    }

    fn json(&self, done: Option<(&Listed, &Taken)>) -> Value {
        json!({
            "events": self.events,
            "dead_letters": self.dead_letters,
            "subscriptions": self.subscriptions,
            "first_position": self.ends.map(|(first, _)| first),
            "last_position": self.ends.map(|(_, last)| last),
            "had_by_sinks": self.had,
            "on_disk_until": self.kept_until.map(instant::shown),
            "entries": done.map(|(listed, _)| listed.people.len()),
            "revision": done.map(|(listed, _)| listed.revision),
            "outcome": match done.map(|(_, taken)| taken) {
                None => "refused",
                Some(Taken::NoDaemon | Taken::Uses) => "done",
                Some(Taken::NotSaid(_)) => "listed",
            },
            "daemon_uses_it": done.map(|(_, taken)| matches!(taken, Taken::Uses)),
        })
    }
}
