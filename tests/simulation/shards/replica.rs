use std::{sync::Arc, time::Duration};

use kalends_delivery::{
    CheckedSinks, Clock, DeliveryContext, DeliveryHandle, DeliveryTasks, Selection, SinkLocks, SinkSettings,
    Start, Topics, privacy,
};
use kalends_ingress::InMemoryListener;
use kalends_normalise::Plan;
use kalends_trace::Tracer;
use tokio::task::JoinSet;

use super::journal::ShardedJournal;
use crate::{destination::Destination, dice::Dice, request::listener, runner::Runner, time::Time};

/// One process: it answers webhooks for the whole journal, and delivers the shards that it owns.
pub(crate) struct Replica {
    pub(crate) listener: InMemoryListener,
    pub(crate) connections: JoinSet<()>,
    pub(crate) runs: Vec<ShardRun>,
    /// The process is stopped until then, and knows nothing of it.
    pub(crate) frozen_until: Duration,
}

/// Delivery of one shard.
pub(crate) struct ShardRun {
    pub(crate) shard: usize,
    pub(crate) handle: DeliveryHandle,
    runners: Vec<Runner>,
    /// When the process hears that another one owns the shard.
    pub(crate) learns_at: Option<Duration>,
}

impl Replica {
    pub(crate) fn new(journal: &ShardedJournal, time: &Time) -> Self {
        Self {
            listener: listener(journal.appender(), time),
            connections: JoinSet::new(),
            runs: Vec::new(),
            frozen_until: Duration::ZERO,
        }
    }

    /// Takes over a shard: delivery begins where the sinks' checkpoints are.
    pub(crate) fn own(
        &mut self,
        journal: &ShardedJournal,
        shard: usize,
        destination: &Destination,
        window: Duration,
        plan: &Arc<Plan>,
    ) {
        let epoch = journal.assign(shard);
        let time = destination.time.clone();
        let context = DeliveryContext {
            log: journal.log(shard, epoch),
            plan: Arc::clone(plan),
            settings: kalends_delivery::Settings {
                window,
                state: Some(journal.state(shard, epoch)),
                forget_list: None,
                counted_after: None,
                configuration: None,
                tracer: Tracer::default(),
            },
            clock: Clock::new(move || time.wall()).with_steady(Time::steady),
            metrics: kalends_delivery::Metrics::register(&prometheus::Registry::new()).unwrap(),
            sink_locks: SinkLocks::default(),
        };
        let sink = SinkSettings {
            name: "required".to_owned(),
            sink: destination.sink(),
            required: true,
            start: Start::Earliest,
            selection: Selection::All,
            topics: Topics::default(),
            strip_nul: false,
            privacy: privacy::Rules::default(),
        };
        let delivery = DeliveryTasks::new(context, CheckedSinks::new(plan, vec![sink]).unwrap());
        let runners = delivery.tasks.into_iter().map(|(_, task)| Runner::new(task)).collect();
        self.runs.push(ShardRun { shard, handle: delivery.handle, runners, learns_at: None });
    }

    /// Gives one of the tasks that can go on a turn, if there is any.
    pub(crate) fn turn(&mut self, now: Duration, dice: &mut Dice) -> bool {
        if self.frozen_until > now {
            return false;
        }
        let mut able: Vec<_> = self.runs.iter_mut().flat_map(|run| &mut run.runners).collect();
        able.retain(|runner| runner.is_able(now));
        if able.is_empty() {
            return false;
        }
        let place = dice.place(able.len());
        able[place].turn(now, dice);
        true
    }

    /// When one of the tasks goes on.
    pub(crate) fn next(&self, now: Duration) -> Option<Duration> {
        if self.frozen_until > now {
            return Some(self.frozen_until);
        }
        let runners = self.runs.iter().flat_map(|run| &run.runners).filter_map(Runner::next);
        runners.chain(self.runs.iter().filter_map(|run| run.learns_at)).min()
    }
}
