use std::{fs, io, path::Path, sync::Arc};

use kalends_delivery::{PutBack, forget_put_back, noted_checkpoint, noted_put_back};
use kalends_journal::{ShardId, ShardLog, SinkNotes, StateStore};
use kalends_journal_local::{Adoption, adopt as rename, inspect};
use kalends_sink::{Checkpoint, JournalId};
use serde_json::{Value, json};

use super::unopened;
use crate::{
    cli::AdoptArgs,
    journals,
    output::{
        exit::{Exit, Failure},
        stderr::say,
        stdout::Stdout,
    },
};

/// What is known before anything is done.
struct Plan {
    /// The journal's present identity.
    journal: JournalId,
    /// The position behind which it gets another one.
    last_position: u64,
    /// Where the journal ends.
    end: u64,
    put_back: Option<PutBack>,
    sinks: Vec<(String, Option<Checkpoint>)>,
}

/// Gives a journal another identity, or says what that would mean.
pub(super) fn adopt(directory: &Path, args: &AdoptArgs) -> Result<(), Failure> {
    let notes = directory.join("sinks");
    let state = journals::state_in(&notes);
    let inspection = inspect(directory).map_err(|error| unopened(&error))?;
    let plan = Plan::new(inspection.log(), &notes, &state).map_err(|error| Failure::file(&notes, &error))?;
    drop(inspection);
    let adoption = if args.yes {
        let adoption = rename(directory, plan.last_position).map_err(|error| unopened(&error))?;
        forget_put_back(&state, ShardId::FIRST).map_err(|error| Failure::file(&notes, &error))?;
        Some(adoption)
    } else {
        None
    };
    if args.json {
        Stdout::lock().line(plan.object(adoption)).map(drop)?;
    } else {
        say(plan.lines(adoption).join("\n"));
    }
    match adoption {
        Some(_) => Ok(()),
        None => {
            Err(Failure::new(Exit::Usage, "nothing was changed; add --yes to do it, with the daemon stopped"))
        }
    }
}

impl Plan {
    fn new(log: &dyn ShardLog, notes: &Path, state: &Arc<dyn StateStore>) -> io::Result<Self> {
        let (journal, end) = (log.id(), log.synced().position);
        let put_back = noted_put_back(state, log.shard(), journal)?;
        let last_position = put_back.as_ref().map_or(end, |found| found.last_position.min(end));
        let mut sinks = Vec::new();
        for name in noted_sinks(notes)? {
            let checkpoint = noted_checkpoint(&SinkNotes::new(Arc::clone(state), &name, log.shard()))?;
            sinks.push((name, checkpoint));
        }
        Ok(Self { journal, last_position, end, put_back, sinks })
    }

    fn lines(&self, adoption: Option<Adoption>) -> Vec<String> {
        let Self { journal, last_position, end, .. } = self;
        let next = last_position + 1;
        let mut lines = Vec::new();
        if let Some(PutBack { sink, delivered_position, .. }) = &self.put_back {
            lines.push(format!(
                "an older copy of the journal was put back: sink {sink} has events through position {delivered_position} of another history"
            ));
        }
        lines.push(match adoption {
            None => format!("positions through {last_position} stay known by {journal}, and a new identity begins with position {next}"),
            Some(Adoption { id, .. }) => format!(
                "positions through {last_position} stay known by {journal}, and from position {next} on the journal is {id}"
            ),
        });
        if end > last_position {
            lines.push(format!(
                "positions {next} to {end} were received since the copy was put back: they are delivered under the new identity"
            ));
        }
        lines.extend(self.sinks.iter().map(|(sink, noted)| self.sink_line(sink, *noted)));
        lines.push(
            "what a destination has of the lost history stays there under the old identity; an event of it that the sender repeats is \
             delivered again, under the new one"
                .to_owned(),
        );
        lines
    }

    /// How a sink goes on, as far as the notes tell.
    fn sink_line(&self, sink: &str, noted: Option<Checkpoint>) -> String {
        let place = match noted {
            Some(noted) if noted.journal == self.journal => {
                format!("was last noted at position {}", noted.position)
            }
            Some(noted) => format!("was last noted in journal {}", noted.journal),
            None => "has no note of a position".to_owned(),
        };
        format!(
            "sink {sink} {place}: it goes on behind what its destination has of this journal, and behind position {} where that has more",
            self.last_position
        )
    }

    fn object(&self, adoption: Option<Adoption>) -> Value {
        let sinks: Vec<_> = self
            .sinks
            .iter()
            .map(|(name, noted)| json!({ "name": name, "noted_position": noted.map(|noted| noted.position) }))
            .collect();
        json!({
            "adopted": adoption.is_some(),
            "former_journal": self.journal,
            "last_position": self.last_position,
            "journal": adoption.map(|adoption| adoption.id),
            "end": self.end,
            "put_back": self.put_back,
            "sinks": sinks,
        })
    }
}

/// The names of the sinks that have a note.
fn noted_sinks(notes: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(notes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let sink = name.strip_suffix(".json").filter(|sink| !sink.contains(['.', '-']));
        names.extend(sink.map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}
