//! Damage to bytes: what a strategy chose is laid on a text from the corpus.

use proptest::{prelude::*, sample::Index};

/// One damage.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Flip(Index, u8),
    Cut(Index, Index),
    Repeat(Index, Index, u8),
    Insert(Index, Vec<u8>),
}

const PIECES: [&str; 30] = [
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\ud800",
    "\\u0000",
    "null",
    "true",
    "-0",
    "1e400",
    "1e-400",
    "99999999999999999999",
    "\u{feff}",
    "é",
    "\u{0}",
    "{\"a\":",
    "[[[[",
    "\"\"",
    "/**/",
    "NaN",
    "\"9999-12-31 23:59:59.999999999\"",
    "\"0000-01-01T00:00:00+25:00\"",
    "\"-9999999999-01-01\"",
    "\"2016-12-31 23:59:60Z\"",
    "\"eventId\":",
    "*",
];

pub(crate) fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let piece = prop_oneof![
        3 => proptest::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..12),
    ];
    let damage = prop_oneof![
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| Damage::Cut(from, to)),
        1 => (any::<Index>(), any::<Index>(), 1_u8..6).prop_map(|(from, to, times)| Damage::Repeat(from, to, times)),
        3 => (any::<Index>(), piece).prop_map(|(at, piece)| Damage::Insert(at, piece)),
    ];
    proptest::collection::vec(damage, 0..6)
}

pub(crate) fn damaged(bytes: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for damage in damages {
        let at = |index: &Index, bytes: &[u8]| index.index(bytes.len() + 1);
        let range = |from: &Index, to: &Index, bytes: &[u8]| {
            let (from, to) = (at(from, bytes), at(to, bytes));
            from.min(to)..from.max(to)
        };
        match damage {
            Damage::Flip(index, byte) if !bytes.is_empty() => {
                let at = index.index(bytes.len());
                bytes[at] ^= byte;
            }
            Damage::Flip(..) => {}
            Damage::Cut(from, to) => drop(bytes.drain(range(from, to, &bytes))),
            Damage::Repeat(from, to, times) => {
                let range = range(from, to, &bytes);
                let piece = bytes[range.clone()].repeat((*times).into());
                bytes.splice(range.start..range.start, piece);
            }
            Damage::Insert(index, piece) => {
                let at = at(index, &bytes);
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}
