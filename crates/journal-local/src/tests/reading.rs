use std::{thread, time::Duration};

use kalends_journal::{Chain, LogPosition};

use super::*;
use crate::error::SegmentError;

#[test]
fn a_reader_waits_and_goes_on_over_segments() {
    let disk = Memory::new();
    let journal = opened(&disk);
    let log = journal.log();
    let reading = thread::spawn(move || {
        let mut reader = log.read_after(0);
        let mut positions = Vec::new();
        while positions.len() < 60 {
            match reader.next().unwrap() {
                Some(frame) => positions.push(frame.position),
                None => drop(log.wait_beyond(reader.position(), Duration::from_secs(20))),
            }
        }
        positions
    });
    append_many(&journal, 0..60);
    assert_eq!(reading.join().unwrap(), (1..=60).collect::<Vec<_>>());
    assert!(journal.log().usage().segments > 5);
}

#[test]
fn reading_begins_behind_any_position() {
    let journal = opened(&Memory::new());
    append_many(&journal, 0..30);
    let log = journal.log();
    for position in 0..=30 {
        let positions: Vec<u64> = read(&*log, position).unwrap().into_iter().map(|(at, _)| at).collect();
        assert_eq!(positions, (position + 1..=30).collect::<Vec<_>>());
    }
    assert!(read(&*log, 99).unwrap().is_empty());
}

#[test]
fn the_chain_is_known_at_every_position() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..30);
    let log = journal.log();
    let mut chains = vec![journal.genesis().chain];
    let mut reader = log.read_after(0);
    while let Some(frame) = reader.next().unwrap() {
        chains.push(frame.chain);
    }
    for (position, chain) in (0..).zip(&chains) {
        assert_eq!(log.chain_at(position).unwrap(), Chain::Known(*chain), "{position}");
    }
    assert_eq!(log.chain_at(31).unwrap(), Chain::Ahead);
    journal.close().unwrap();
    let log = opened(&disk).log();
    assert_eq!(log.chain_at(17).unwrap(), Chain::Known(chains[17]));
}

#[test]
fn the_mark_before_a_time_is_the_last_older_frame() {
    let journal = opened(&Memory::new());
    append_many(&journal, (1..=30).map(|number| number / 2 * 2));
    let log = journal.log();
    let position = |seconds: i64| log.mark_before(seconds * 1_000_000).unwrap().position;
    assert_eq!(log.mark_before(i64::MIN).unwrap(), journal.genesis());
    assert_eq!(position(0), 0);
    assert_eq!(position(1), 1);
    assert_eq!(position(2), 1);
    assert_eq!(position(3), 3);
    assert_eq!(position(20), 19);
    assert_eq!(position(30), 29);
    assert_eq!(log.mark_before(i64::MAX).unwrap(), log.synced());
    let LogPosition { position, chain, time } = log.mark_before(20_000_000).unwrap();
    assert_eq!(log.chain_at(position).unwrap(), Chain::Known(chain));
    assert_eq!(time, 18_000_000);
}

#[test]
fn a_wake_up_is_not_lost_between_two_waits() {
    let journal = opened(&Memory::new());
    let log = journal.log();
    let waiter = log.clone();
    log.wake();
    // Would take an hour if the wake-up were lost.
    assert_eq!(waiter.wait_beyond(0, Duration::from_hours(1)).position, 0);
    let waiting = thread::spawn(move || waiter.wait_beyond(0, Duration::from_hours(1)));
    append_many(&journal, 0..1);
    assert_eq!(waiting.join().unwrap().position, 1);
}

#[test]
fn a_frame_damaged_while_running_is_named_and_not_passed_over() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..4);
    let path = segments(&disk)[0].clone();
    let mut bytes = disk.bytes(&path);
    bytes[72 + 168 + 40 + 50] ^= 1;
    disk.put(&path, &bytes);
    let log = journal.log();
    let mut reader = log.read_after(0);
    assert_eq!(reader.next().unwrap().unwrap().position, 1);
    for _ in 0..2 {
        let ReadError::Damaged(error) = reader.next().unwrap_err() else { panic!("not damaged") };
        match error.downcast_ref() {
            Some(SegmentError::Damaged { file, offset, position, .. }) => {
                assert_eq!((file, *offset, *position), (&path, 72 + 168 + 40, 1));
            }
            _ => panic!("{error}"),
        }
    }
    assert_eq!(reader.position(), 1);
}
