use super::state::{Inode, State};

/// Decides what a crash leaves: some number below the bound that it is given.
pub(super) trait Chance: FnMut(usize) -> usize {}

impl<F: FnMut(usize) -> usize> Chance for F {}

impl State {
    /// Power goes. Of each file that was not synced, `chance` decides what part of the change is there; of unsynced
    /// names, which.
    pub(super) fn crash(&mut self, mut chance: impl Chance) {
        for inode in &mut self.inodes {
            inode.crash(&mut chance);
        }
        for change in std::mem::take(&mut self.changes) {
            if chance(2) == 1 {
                change.apply(&mut self.durable);
            }
        }
        self.live = self.durable.clone();
        self.locked = false;
        self.countdown = None;
    }
}

impl Inode {
    fn crash(&mut self, chance: &mut impl Chance) {
        if self.live != self.durable {
            self.durable = torn(&self.durable, &self.live, chance);
        }
        self.live = self.durable.clone();
        self.forsaken = false;
    }
}

fn torn(durable: &[u8], live: &[u8], chance: &mut impl Chance) -> Vec<u8> {
    let same = durable.iter().zip(live).take_while(|(old, new)| old == new).count();
    let cut = same + chance(live.len() - same + 1);
    let (kept, rest) = live.split_at_checked(cut).unwrap_or((live, &[]));
    let mut bytes = kept.to_vec();
    match chance(3) {
        // The length reached the disk, the bytes didn't.
        0 => bytes.resize(live.len(), 0),
        // The end reached the disk, the middle didn't.
        1 => {
            let hole = chance(rest.len() + 1);
            bytes.resize(cut + hole, 0);
            bytes.extend_from_slice(rest.get(hole..).unwrap_or_default());
        }
        _ => bytes.extend_from_slice(durable.get(cut..).unwrap_or_default()),
    }
    bytes
}
