//! Damage to bytes: what a strategy chose is laid on something sound.

use proptest::{prelude::*, sample::Index};

/// One damage.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Flip(Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index, u8),
    Insert(Index, Vec<u8>),
    Wipe(Index, Index),
}

/// Up to `most` damages; `pieces` are what is put in now and then.
pub(crate) fn damages(most: usize, pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<Damage>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..12),
    ];
    let two = || (any::<Index>(), any::<Index>());
    let damage = prop_oneof![
        2 => (any::<Index>(), 1_u8..).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => two().prop_map(|(from, to)| Damage::Cut(from, to)),
        1 => (any::<Index>(), any::<Index>(), 1_u8..6).prop_map(|(from, to, times)| Damage::Repeat(from, to, times)),
        1 => two().prop_map(|(from, to)| Damage::Wipe(from, to)),
        3 => (any::<Index>(), piece).prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ];
    proptest::collection::vec(damage, 0..most)
}

/// `bytes` after the damages, one after the other.
pub(crate) fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        let at = |index: &Index| index.index(bytes.len() + 1);
        match damage {
            Damage::Flip(index, byte) if !bytes.is_empty() => {
                let at = index.index(bytes.len());
                bytes[at] ^= byte;
            }
            Damage::Flip(..) => {}
            Damage::Insert(index, piece) => {
                let at = at(index);
                bytes.splice(at..at, piece.iter().copied());
            }
            Damage::Cut(from, to) | Damage::Repeat(from, to, _) | Damage::Wipe(from, to) => {
                let (from, to) = (at(from), at(to));
                let range = from.min(to)..from.max(to);
                match damage {
                    Damage::Wipe(..) => bytes[range].fill(0),
                    Damage::Repeat(_, _, times) => {
                        let piece = bytes[range.clone()].repeat((*times).into());
                        bytes.splice(range.start..range.start, piece);
                    }
                    _ => drop(bytes.drain(range)),
                }
            }
        }
    }
    bytes
}
