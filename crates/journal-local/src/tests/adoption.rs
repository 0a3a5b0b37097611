//! A journal that was put back goes on under another identity, with its positions and its history.

use super::{
    damage::{journal, small, verified},
    deaths::dying_anywhere,
    *,
};
use crate::adopt::adopt_on;

fn adopted(disk: &Memory, last_position: u64) -> crate::Adoption {
    adopt_on(disk, Path::new(PLACE), last_position).unwrap()
}

#[test]
fn an_adopted_journal_reads_the_same_and_names_what_follows_anew() {
    let (disk, frames) = journal(true);
    let genesis = open(&disk, &small()).unwrap().genesis();
    let last = frames.last().unwrap().0;
    let adoption = adopted(&disk, u64::MAX);
    assert_eq!(adoption.last_position, last);
    assert_ne!(adoption.id, adoption.former_id);
    disk.crash(|_| 0);
    let journal = open(&disk, &small()).unwrap();
    assert_eq!(append(&journal, 0, b"more"), Ok(last + 1));
    let log = journal.log();
    assert_eq!(journal.genesis(), genesis);
    assert_eq!(
        (log.id(), log.id_at(last), log.id_at(last + 1)),
        (adoption.id, adoption.former_id, adoption.id)
    );
    let mut expected = frames;
    expected.push((last + 1, b"more".to_vec()));
    assert_eq!(read_all(&*log), expected);
    drop(journal);
    assert_eq!(verified(&disk).unwrap().damage, []);
}

#[test]
fn frames_behind_the_place_of_an_adoption_are_known_by_the_new_identity() {
    let (disk, frames) = journal(true);
    let first = adopted(&disk, 3);
    let second = adopted(&disk, 2);
    let log = open(&disk, &small()).unwrap().log();
    assert_eq!(read_all(&*log), frames);
    assert_eq!([1, 2, 3].map(|at| log.id_at(at)), [first.former_id, first.former_id, second.id]);
    assert_eq!(second.former_id, first.id);
}

#[test]
fn an_adoption_that_dies_anywhere_has_happened_or_not() {
    let (disk, frames) = journal(true);
    let adopt = |disk: &Memory| adopt_on(disk, Path::new(PLACE), u64::MAX);
    let operations = dying_anywhere(&disk, adopt, |disk, step| {
        let journal = open(disk, &small()).unwrap_or_else(|error| panic!("died at step {step}: {error}"));
        assert_eq!(read_all(&*journal.log()), frames, "died at step {step}");
        assert!(journal.log().former_ids().len() <= 1, "died at step {step}");
        let [own, copy] =
            ["journal.id", "journal.id.copy"].map(|name| disk.bytes(&Path::new(PLACE).join(name)));
        assert_eq!(own, copy, "died at step {step}");
    });
    assert!(operations > 5);
}

#[test]
fn an_adopted_identity_is_found_damaged_at_every_byte_and_restored_from_its_copy() {
    let (original, frames) = journal(true);
    adopted(&original, 3);
    let own = Path::new(PLACE).join("journal.id");
    let whole = original.bytes(&own);
    for index in 0..whole.len() {
        let disk = original.copy();
        let mut flipped = whole.clone();
        flipped[index] ^= 0x40;
        disk.put(&own, &flipped);
        open(&disk, &small()).unwrap_err();
        crate::fsck::repair::repair_on(&disk, Path::new(PLACE)).unwrap();
        assert_eq!(disk.bytes(&own), whole, "byte {index}");
        assert_eq!(read_all(&*open(&disk, &small()).unwrap().log()), frames, "byte {index}");
    }
}

#[test]
fn where_there_is_no_journal_nothing_is_adopted_and_nothing_made() {
    let disk = Memory::new();
    assert!(matches!(adopt_on(&disk, Path::new(PLACE), 1), Err(OpenError::NoJournal { .. })));
    assert!(disk.list_or_nothing(Path::new(PLACE)).is_empty());
}
