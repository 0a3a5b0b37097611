//! Whatever fails and whenever the power goes: every acknowledged payload is there, in order, byte for byte, once.

use proptest::prelude::*;
use tokio::task::JoinSet;

use kalends_journal::LowWatermark;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// Appends of these sizes that wait together.
    Append(Vec<u16>),
    /// Everything so far may be removed.
    Release,
    /// The n-th operation from here fails.
    Fail(u8, u32),
    /// The process dies and comes back; the page cache survives.
    Restart,
    /// The process ends in an orderly way and comes back.
    Reopen,
    /// Power goes; the number decides what of the unsynced is left.
    Crash(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => prop::collection::vec(0..600_u16, 1..6).prop_map(Step::Append),
        2 => (0..3_u8, 0..12_u32).prop_map(|(kind, after)| Step::Fail(kind, after)),
        1 => Just(Step::Release),
        1 => Just(Step::Restart),
        1 => Just(Step::Reopen),
        2 => any::<u64>().prop_map(Step::Crash),
    ];
    prop::collection::vec(step, 1..30)
}

/// What was handed in, and which of it was acknowledged at which position.
#[derive(Default)]
struct Model {
    next: u32,
    acknowledged: Vec<(u64, Vec<u8>)>,
    released: u64,
}

impl Model {
    fn append(&mut self, journal: &Journal, sizes: &[u16]) {
        runtime().block_on(async {
            let mut waiting = JoinSet::new();
            for size in sizes {
                let mut payload = self.next.to_le_bytes().to_vec();
                payload.resize(4 + usize::from(*size), b'x');
                self.next += 1;
                let appender = journal.appender();
                waiting.spawn(async move {
                    let outcome = appender.append(0, Bytes::from(payload.clone())).await;
                    outcome.ok().map(|position| (position, payload))
                });
            }
            self.acknowledged.extend(waiting.join_all().await.into_iter().flatten());
        });
    }

    fn release(&mut self, journal: &Journal) {
        let log = journal.log();
        self.released = log.synced().position;
        let released = self.released;
        log.set_low_watermark(LowWatermark {
            all: released,
            required: released,
            read: released,
            time: i64::MAX,
        });
    }

    fn check(&self, journal: &Journal) {
        let (found, first) = (read_all(&*journal.log()), journal.log().first_kept());
        assert!(first <= self.released + 1, "only what was released is removed");
        assert!(found.iter().map(|(position, _)| *position).eq(first..=journal.log().synced().position));
        for (position, payload) in self.acknowledged.iter().filter(|(position, _)| *position >= first) {
            let index = usize::try_from(*position - first).unwrap();
            assert_eq!(found.get(index).map(|(_, found)| found), Some(payload), "position {position}");
        }
        let mut numbers: Vec<_> = found.iter().map(|(_, payload)| payload[..4].to_vec()).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count, "nothing is stored twice");
    }
}

/// Opening may itself meet the fault; the next attempt doesn't.
fn reopen(disk: &Memory) -> Journal {
    open(disk, &settings()).unwrap_or_else(|_| {
        disk.heal();
        opened(disk)
    })
}

/// Always the same numbers for the same seed.
fn chance(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |bound| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % bound
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_every_acknowledged_payload_is_there_once(steps in steps()) {
        let mut disk = Memory::new();
        let mut model = Model::default();
        let mut journal = opened(&disk);
        for step in steps {
            match step {
                Step::Append(sizes) => model.append(&journal, &sizes),
                Step::Release => model.release(&journal),
                Step::Fail(kind, after) => {
                    let kinds = [Fault::Sync, Fault::Full, Fault::Any];
                    disk.fail(kinds[usize::from(kind)], after);
                }
                Step::Reopen => {
                    drop(journal.close());
                    journal = reopen(&disk);
                    model.check(&journal);
                }
                Step::Restart => {
                    let survivor = disk.fork();
                    drop(journal);
                    disk = survivor;
                    journal = reopen(&disk);
                    model.check(&journal);
                }
                Step::Crash(seed) => {
                    let survivor = disk.fork();
                    drop(journal);
                    disk = survivor;
                    disk.crash(chance(seed));
                    journal = opened(&disk);
                    model.check(&journal);
                }
            }
        }
        disk.heal();
        drop(journal);
        model.check(&opened(&disk));
    }
}
