use std::time::Duration;

use crate::{
    destination_fault::{DestinationFault, FaultPeriod},
    dice::Dice,
};

/// Something that happens to the daemon or around it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Incident {
    /// The process dies; the page cache survives.
    Kill,
    /// Power goes, and with it what was not synced.
    PowerCut,
    /// Power goes at the n-th operation of the disk from here.
    PowerCutAt(u32),
    /// The n-th sync from here fails.
    FailedSync(u32),
    /// The n-th operation from here that changes the disk fails.
    FailedOperation(u32),
    /// The n-th reading of the disk from here fails.
    FailedRead(u32),
    /// Writes find the disk full, in the middle of a write.
    FullDisk(Duration),
    /// The disk says that there is little room.
    LittleRoom(Duration),
    /// The disk answers nobody for so long.
    SlowDisk(Duration),
    /// A destination, by number, has a fault for so long.
    Destination(usize, DestinationFault, Duration),
    /// Somebody sets the wall clock: it is off by so many microseconds.
    WallClock(i64),
    /// The notes of a destination, by number, can't be renewed any more, once there is one.
    NotesFail(usize),
    /// An operator sends the first destination's sink so many positions back from the journal's end, in place of an order that may
    /// wait.
    Seek(u64),
    /// The daemon is told to stop, and started again.
    Restart,
}

impl Incident {
    fn any(dice: &mut Dice) -> Self {
        let soon = u32::try_from(dice.below(25)).unwrap();
        match dice.below(19) {
            0 => Self::Kill,
            1 => Self::PowerCut,
            2 | 3 => Self::PowerCutAt(soon),
            4 => Self::FailedSync(soon),
            5 => Self::FailedOperation(soon),
            6 => Self::FailedRead(soon * 4),
            7 => Self::FullDisk(dice.millis(200, 8_000)),
            8 => Self::LittleRoom(dice.millis(200, 8_000)),
            9 => Self::SlowDisk(dice.millis(200, 15_000)),
            15 | 16 => Self::NotesFail(dice.place(2)),
            17 | 18 => Self::Seek(dice.below(40)),
            10..13 => Self::Destination(
                dice.place(2),
                DestinationFault::ALL[dice.place(DestinationFault::ALL.len())],
                dice.millis(100, 30_000),
            ),
            13 => Self::WallClock((i64::try_from(dice.below(121)).unwrap() - 60) * 1_000_000),
            _ => Self::Restart,
        }
    }

    /// Every name in the tally.
    pub(crate) const NAMES: [&str; 18] = [
        "kills",
        "power cuts",
        "power cuts amid an operation",
        "failed syncs",
        "failed operations",
        "failed reads",
        "full disks",
        "low-water marks",
        "slow disks",
        "outages",
        "outages of a registry",
        "refusals",
        "fencings",
        "older checkpoints",
        "notes that can't be renewed",
        "set clocks",
        "seeks",
        "restarts",
    ];

    /// Its name in the tally.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::PowerCut => "power cuts",
            Self::PowerCutAt(_) => "power cuts amid an operation",
            Self::FailedSync(_) => "failed syncs",
            Self::FailedOperation(_) => "failed operations",
            Self::FailedRead(_) => "failed reads",
            Self::FullDisk(_) => "full disks",
            Self::LittleRoom(_) => "low-water marks",
            Self::SlowDisk(_) => "slow disks",
            Self::Destination(_, DestinationFault::Away, _) => "outages",
            Self::Destination(_, DestinationFault::RegistryAway, _) => "outages of a registry",
            Self::Destination(_, DestinationFault::Refuses, _) => "refusals",
            Self::Destination(_, DestinationFault::Fenced, _) => "fencings",
            Self::Destination(_, DestinationFault::PutBack, _) => "older checkpoints",
            Self::NotesFail(_) => "notes that can't be renewed",
            Self::WallClock(_) => "set clocks",
            Self::Seek(_) => "seeks",
            Self::Restart => "restarts",
        }
    }
}

impl FaultPeriod {
    pub(crate) fn from(fault: DestinationFault, now: Duration, lasts: Duration) -> Self {
        Self { fault, until: now + lasts }
    }
}

/// When what happens, the next one last.
#[derive(Debug)]
pub(crate) struct Incidents(Vec<(Duration, Incident)>);

impl Incidents {
    /// The incidents of a world until `end`.
    pub(crate) fn new(dice: &mut Dice, end: Duration) -> Self {
        let count = dice.below(16);
        let millis = u64::try_from(end.as_millis()).unwrap();
        let mut incidents: Vec<_> =
            (0..count).map(|_| (Duration::from_millis(dice.below(millis)), Incident::any(dice))).collect();
        incidents.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        Self(incidents)
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.0.last().map(|(at, _)| *at)
    }

    /// What happens now, if anything does.
    pub(crate) fn take(&mut self, now: Duration) -> Option<Incident> {
        self.0.pop_if(|(at, _)| *at <= now).map(|(_, incident)| incident)
    }
}
