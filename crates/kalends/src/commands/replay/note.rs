use std::{io, path::Path};

use kalends_journal::ShardLog;
use kalends_sink::JournalId;
use serde::{Deserialize, Serialize};

use crate::{
    cli::ReplayArgs,
    output::exit::{Exit, Failure},
};

/// Where notes of replays stand, under the journal's directory.
pub(super) const FOLDER: &str = "replays";

/// What a replay was told when it began: under the same name it goes on with the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) id: String,
    pub(super) journal: JournalId,
    pub(super) sink: String,
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    /// Where the journal ended when it began.
    pub(super) through: u64,
    pub(super) types: Vec<String>,
    pub(super) keys: Vec<String>,
    pub(super) dead_letters: bool,
}

impl Note {
    /// What `args` say of the journal as it is now; where a replay of this name has begun, that one's end.
    pub(super) fn of(args: &ReplayArgs, log: &dyn ShardLog) -> Result<Self, Failure> {
        let made = || jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S-%6f").to_string();
        if args.from.zip(args.to).is_some_and(|(from, to)| from >= to) {
            return Err(Failure::new(Exit::Usage, "--from is not before --to: nothing could be replayed"));
        }
        Ok(Self {
            id: args.id.clone().unwrap_or_else(made),
            journal: log.id(),
            sink: args.sink.clone(),
            from: args.from,
            to: args.to,
            through: log.last_frame().position,
            types: args.types.clone(),
            keys: args.keys.clone(),
            dead_letters: args.dead_letters,
        })
    }

    /// Keeps the note for whoever goes on; one that is there already must say the same, and its end counts.
    pub(super) fn keep(&mut self, journal: &Path, args: &ReplayArgs) -> Result<(), Failure> {
        let path = journal.join(FOLDER).join(format!("{}-{}.note", self.sink, self.id));
        let failed = |error: io::Error| Failure::file(&path, &error);
        let Some(known) = kalends_note::read_json::<Self>(&path).map_err(failed)? else {
            return kalends_note::replace_json(&path, self).map_err(failed);
        };
        self.through = known.through;
        if *self == known {
            return Ok(());
        }
        let message = format!(
            "replay {} of sink {} was begun with other options ({}): repeat those to go on with it, or choose another --id",
            self.id,
            args.sink,
            known.options()
        );
        Err(Failure::new(Exit::Usage, message))
    }

    fn options(&self) -> String {
        let time = |name: &str, micros: Option<i64>| {
            let time = jiff::Timestamp::from_microsecond(micros?).ok()?;
            Some(format!("{name} {time}"))
        };
        let list = |name: &str, values: &[String]| {
            (!values.is_empty()).then(|| format!("{name} {}", values.join(",")))
        };
        let letters = self.dead_letters.then(|| "--dead-letters".to_owned());
        let options = [
            time("--from", self.from),
            time("--to", self.to),
            list("--type", &self.types),
            list("--key", &self.keys),
            letters,
        ];
        let options: Vec<_> = options.into_iter().flatten().collect();
        if options.is_empty() { "none".to_owned() } else { options.join(" ") }
    }
}
