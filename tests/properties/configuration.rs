use std::{fs, iter};

use kalends::sinks::KINDS;
use kalends_settings::load;
use proptest::{prelude::*, sample::Index};

use crate::{
    damage::{damaged, damages},
    runner::search,
};

const SOUND: [&str; 3] = [
    include_str!("../../config/kalends.full.yaml"),
    include_str!("../../config/kalends.yaml"),
    "endpoints: { main: { path: /a, tokens: [{ env: NONE }] } }\nsinks: { k: { kind: kafka, brokers: x, only: [Subscribe] } }\n",
];

const PIECES: [&str; 24] = [
    ":",
    "-",
    "\n",
    "\n  ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "#",
    "&a",
    "*a",
    "<<: *a",
    "!!binary ",
    "|",
    ">-",
    "? ",
    "~",
    "1e999",
    "-1",
    "\u{0}",
    "é",
    "18446744073709551616GiB",
    "9999999999999999d",
];

/// A file that is not accepted is told where, so that somebody can mend it.
#[test]
fn any_text_is_accepted_or_told_where_it_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("k.yaml");
    let sample = (any::<Index>(), damages(6, &PIECES))
        .prop_map(|(which, damages)| damaged(SOUND[which.index(SOUND.len())].as_bytes(), &damages));
    let bytes = proptest::collection::vec(any::<u8>(), 0..64);
    search(&prop_oneof![8 => sample, 1 => bytes], |text| {
        fs::write(&file, &text).unwrap();
        if let Err(problems) = load(Some(&file), iter::empty(), KINDS) {
            let said = problems.to_string();
            let places = said.lines().filter(|line| line.starts_with(&file.display().to_string()));
            prop_assert!(places.count() > 0, "nothing says where: {said:?}");
        }
        Ok(())
    });
}
