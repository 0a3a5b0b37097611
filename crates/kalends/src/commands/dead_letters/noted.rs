use std::collections::BTreeMap;

use kalends_delivery::{NotedDeadLetters, noted_dead_letters};
use kalends_settings::Settings;

use crate::{
    journals,
    output::exit::{Exit, Failure},
};

/// The dead letters that each sink has noted, by the sink's name.
#[derive(Debug)]
pub(super) struct Noted(BTreeMap<String, NotedDeadLetters>);

impl Noted {
    /// Of all sinks of the configuration, or of the one that is named.
    pub(super) fn read(settings: &Settings, sink: Option<&str>) -> Result<Self, Failure> {
        if let Some(name) = sink.filter(|name| !settings.sinks.contains_key(*name)) {
            let names: Vec<_> = settings.sinks.keys().map(String::as_str).collect();
            let message =
                format!("there is no sink `{name}` in this configuration; there is {}", names.join(", "));
            return Err(Failure::new(Exit::Usage, message));
        }
        let directory = settings.journal.directory.join("sinks");
        let names = settings.sinks.keys().filter(|name| sink.is_none_or(|wanted| wanted == *name));
        let read = |name: &String| {
            let letters = noted_dead_letters(&journals::notes(settings, name))
                .map_err(|error| Failure::file(&directory, &error))?;
            Ok((name.clone(), letters))
        };
        names.map(read).collect::<Result<_, Failure>>().map(Self)
    }

    /// The sinks that were given a dead letter in place of what stands at this position, each with its reason where that is known.
    pub(super) fn at(&self, position: u64) -> BTreeMap<&str, Option<&str>> {
        let sinks = self.0.iter();
        sinks
            .filter_map(|(name, letters)| Some((name.as_str(), letters.get(&position)?.as_deref())))
            .collect()
    }

    /// The first and the last position that any sink has noted.
    pub(super) fn ends(&self) -> Option<(u64, u64)> {
        let first = self.0.values().filter_map(|letters| letters.keys().next()).min()?;
        let last = self.0.values().filter_map(|letters| letters.keys().next_back()).max()?;
        Some((*first, *last))
    }
}
