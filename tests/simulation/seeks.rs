use std::{sync::Arc, time::Duration};

use kalends_delivery::{Command, CommandFile};
use kalends_journal::{Chain, ShardId, SinkNotes};
use kalends_journal_local::StateDirectory;
use kalends_sink::Checkpoint;

use crate::{daemon::Daemon, world::World};

/// How often the daemon looks for an order that waits for delivery to begin again.
const POLL: Duration = Duration::from_secs(1);

/// What an operator has ordered of the first destination's sink, and what that may repeat or skip by what the operator was told.
#[derive(Debug, Default)]
pub(crate) struct Seeks {
    /// Where orders go to that have not been seen to be carried out.
    waiting: Vec<u64>,
    /// First and last position of what may come once more, of each order.
    repeated: Vec<(u64, u64)>,
    /// First and last position of what may never come, of each order.
    skipped: Vec<(u64, u64)>,
    looked_at: Duration,
}

impl Seeks {
    pub(crate) fn are_there(&self) -> bool {
        !self.waiting.is_empty() || !self.repeated.is_empty()
    }

    /// An operator orders the sink to go on so many positions before the journal's end.
    pub(crate) fn order(&mut self, world: &World, daemon: &Daemon, back: u64) {
        let position = daemon.log.synced().position.saturating_sub(back);
        let Ok(Chain::Known(chain)) = daemon.log.chain_at(position) else { return };
        let told = daemon.handle.status().sinks[0].position;
        if position > told {
            self.skipped.push((told + 1, position));
        }
        self.waiting.push(position);
        let to = Checkpoint { journal: daemon.log.id(), shard: 0, position, chain };
        commands(world).give(&Command::Seek(to)).unwrap();
        world.history.tell(format_args!("an order to go on behind {position}, told to be at {told}"));
    }

    /// Sees from time to time what has become of orders, and has delivery begin again for one that waits for that. Returns whether
    /// delivery has begun again.
    pub(crate) fn look(&mut self, now: Duration, world: &World, daemon: &mut Daemon) -> bool {
        if self.waiting.is_empty() || now < self.looked_at + POLL {
            return false;
        }
        self.looked_at = now;
        let (commands, status) = (commands(world), daemon.handle.status());
        let error = status.sinks[0].last_error.as_deref().unwrap_or_default();
        let Some(order) = commands.waiting().unwrap() else {
            let last = daemon.log.synced().position;
            self.repeated.extend(self.waiting.drain(..).map(|position| (position + 1, last)));
            return false;
        };
        if error.contains(DOES_NOT_FIT) {
            world.history.tell("the operator takes back what does not fit any more");
            commands.withdraw(&order).unwrap();
        }
        if daemon.handle.waiting_to_go_back().is_empty() {
            return false;
        }
        daemon.begin_again(world);
        true
    }

    /// How often a position may be delivered.
    pub(crate) fn times(&self, position: u64) -> usize {
        let last = u64::MAX;
        let waiting = self.waiting.iter().map(|to| (to + 1, last));
        let ranges = self.repeated.iter().copied().chain(waiting);
        1 + ranges.filter(|(first, last)| (*first..=*last).contains(&position)).count()
    }

    pub(crate) fn may_skip(&self, position: u64) -> bool {
        self.skipped.iter().any(|(first, last)| (*first..=*last).contains(&position))
    }
}

/// What a sink says whose order names what the journal has let go meanwhile.
pub(crate) const DOES_NOT_FIT: &str = "does not fit this journal any more";

fn commands(world: &World) -> CommandFile {
    let state = StateDirectory::new(world.directory.path().join("journal/sinks"));
    CommandFile::new(&SinkNotes::new(Arc::new(state), world.destinations[0].name, ShardId::FIRST))
}
