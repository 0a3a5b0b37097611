use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use super::*;
use kalends_journal::{Chain, Health, LowWatermark};

use crate::stepped::SteppedJournal;

const SECOND: i64 = 1_000_000;

/// As [`release`], but nothing is required and this much was read.
fn release_what_was_read(journal: &Journal, read: u64) {
    journal.log().set_low_watermark(LowWatermark { all: 0, required: u64::MAX, read, time: 0 });
}

fn release(journal: &Journal, all: u64, required: u64, seconds: i64) {
    journal.log().set_low_watermark(LowWatermark { all, required, read: u64::MAX, time: seconds * SECOND });
}

#[test]
fn nothing_is_removed_before_the_first_release() {
    let journal = opened(&Memory::new());
    append_many(&journal, (0..50).map(|number| number * 1000));
    assert_eq!(journal.log().first_kept(), 1);
}

#[test]
fn what_is_old_and_delivered_goes() {
    let disk = Memory::new();
    let journal = opened(&disk);
    let log = journal.log();
    append_many(&journal, 0..50);
    let before = segments(&disk).len();
    release(&journal, 20, 50, 1000);
    wait_until(|| log.first_kept() > 1);
    append_many(&journal, 50..51);
    assert!(log.first_kept() <= 21, "nothing undelivered goes");
    assert!(segments(&disk).len() < before);
    assert_eq!(read_all(&*log).last().unwrap().0, 51);
    let first = log.first_kept();
    assert!(
        matches!(read(&*log, 0), Err(ReadError::Gone { position: 1, first_kept }) if first_kept == first)
    );
    assert_eq!(log.chain_at(first - 2).unwrap(), Chain::Gone);
    assert!(matches!(log.chain_at(first - 1).unwrap(), Chain::Known(_)));
    assert_eq!(log.usage().evicted, 0);
    journal.close().unwrap();
    assert_eq!(opened(&disk).log().first_kept(), first);
}

#[test]
fn what_is_delivered_but_young_stays() {
    let journal = opened(&Memory::new());
    append_many(&journal, 0..50);
    // Retention is one second: what is older than second 10 may go.
    release(&journal, 50, 50, 11);
    wait_until(|| journal.log().first_kept() > 1);
    append_many(&journal, 50..51);
    let oldest = journal.log().usage().oldest_time;
    assert!(oldest < 10 * SECOND, "{oldest}");
    assert!(journal.log().first_kept() <= 11);
}

/// Such as those before it that it repeats.
#[test]
fn history_stays_for_what_was_received_before_it_grew_old_and_stored_behind() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, [0; 30]);
    let log = journal.log();
    disk.hold_syncs();
    let appender = journal.appender();
    let payload = Bytes::from_static(b"x");
    let stored = std::thread::spawn(move || runtime().block_on(appender.append(SECOND / 2, payload)));
    assert!(disk.holds_a_sync());
    release(&journal, 30, 30, 100);
    disk.let_sync();
    assert_eq!(stored.join().unwrap(), Ok(31));
    append_many(&journal, [1]);
    assert_eq!(log.first_kept(), 1);
    release(&journal, 32, 32, 100);
    wait_until(|| log.first_kept() > 1);
}

/// It may repeat what is gone, and could not be told from something new after a restart.
#[test]
fn what_comes_after_history_went_is_not_older_by_a_clock_that_was_set_back() {
    let journal = opened(&Memory::new());
    append_many(&journal, 0..30);
    release(&journal, 30, 30, 100);
    wait_until(|| journal.log().first_kept() > 1);
    append_many(&journal, [30]);
    assert_eq!(journal.log().synced().time, 100 * SECOND);
}

#[test]
fn what_comes_after_history_went_is_not_older_by_a_clock_that_was_set_back_across_a_restart() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..30);
    release(&journal, 30, 30, 100);
    wait_until(|| journal.log().first_kept() > 1);
    journal.close().unwrap();
    let journal = opened(&disk);
    append_many(&journal, [30]);
    assert_eq!(journal.log().synced().time, 100 * SECOND);
}

#[test]
fn a_segment_that_is_written_to_goes_too_when_all_of_it_is_old() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..3);
    release(&journal, 3, 3, 100);
    wait_until(|| journal.log().first_kept() == 4);
    assert_eq!(segments(&disk), [Path::new(PLACE).join("00000000000000000004.log")]);
    assert_eq!(append(&journal, 0, b"x"), Ok(4));
    journal.close().unwrap();
    assert_eq!(read_all(&*opened(&disk).log()), [(4, b"x".to_vec())]);
}

#[test]
fn a_segment_is_sealed_when_its_first_frame_is_old() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, [0, 50, 100]);
    assert_eq!(segments(&disk).len(), 2);
}

fn small() -> Settings {
    Settings { max_bytes: 9000, max_payload_bytes: 100, retain: Duration::from_hours(1), ..settings() }
}

fn fill(journal: &Journal) -> u64 {
    let mut count = 0;
    while append(journal, 0, &[b'x'; 100]).is_ok() {
        count += 1;
        assert!(count < 1000, "never full");
    }
    count
}

#[test]
fn a_journal_at_its_largest_size_refuses_rather_than_lose_an_undelivered_frame() {
    let journal = open(&Memory::new(), &small()).unwrap();
    release(&journal, 0, 0, 0);
    let count = fill(&journal);
    assert!(count > 30);
    assert_eq!(append(&journal, 0, b"x"), Err(AppendError::Full));
    assert_eq!(read_all(&*journal.log()).len(), usize::try_from(count).unwrap());
    assert!(journal.log().usage().bytes <= 9000);
    assert_eq!(journal.log().usage().evicted, 0);
}

#[test]
fn at_the_largest_size_history_goes_first() {
    let journal = open(&Memory::new(), &small()).unwrap();
    let count = fill(&journal);
    release(&journal, count / 2, count / 2, 0);
    wait_until(|| journal.appender().health() == Health::Writable);
    let more = fill(&journal);
    assert!(more > 0);
    let usage = journal.log().usage();
    assert!(usage.evicted > 0);
    assert_eq!(usage.evicted_unread, 0);
    assert!(usage.first <= count / 2 + 1);
    assert_eq!(usage.evicted, usage.first - 1);
}

#[test]
fn a_sink_that_is_not_required_loses_its_oldest_and_that_is_counted() {
    let journal = open(&Memory::new(), &small()).unwrap();
    let count = fill(&journal);
    release(&journal, 3, count, 0);
    wait_until(|| journal.appender().health() == Health::Writable);
    append_many(&journal, 0..10);
    let usage = journal.log().usage();
    assert!(usage.evicted > 3);
    assert_eq!(usage.evicted_unread, usage.evicted - 3);
}

#[test]
fn one_delivered_segment_never_blocks_a_full_journal() {
    let disk = Memory::new();
    let settings = Settings { segment_bytes: 1 << 30, ..small() };
    let journal = open(&disk, &Settings { max_bytes: 1 << 20, ..settings.clone() }).unwrap();
    append_many(&journal, 0..100);
    journal.close().unwrap();
    // Now its one segment is larger than all of it may be.
    let journal = open(&disk, &settings).unwrap();
    let log = journal.log();
    assert!(segments(&disk).len() == 1 && log.usage().bytes > 9000);
    release(&journal, 100, 100, 0);
    for _ in 0..500 {
        append(&journal, 0, &[b'x'; 100]).unwrap();
        let last = log.synced().position;
        release(&journal, last, last, 0);
    }
    assert!(log.usage().bytes <= 9000);
}

#[test]
fn a_reader_finishes_a_segment_that_is_removed_under_it() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append_many(&journal, 0..30);
    let mut reader = journal.log().read_after(0);
    reader.next().unwrap();
    release(&journal, 30, 30, 1000);
    wait_until(|| journal.log().first_kept() > 10);
    assert_eq!(reader.next().unwrap().unwrap().position, 2);
}

#[test]
fn room_is_what_undelivered_frames_and_the_disk_leave() {
    let disk = Memory::new();
    let journal = open(&disk, &Settings { min_free_bytes: 500, ..small() }).unwrap();
    let log = journal.log();
    release(&journal, 0, 0, 0);
    append_many(&journal, std::iter::repeat_n(0, 10));
    let bytes = log.usage().bytes;
    assert_eq!(log.room(), 9000 - bytes, "nothing is delivered");
    release(&journal, 5, 5, 0);
    let half = log.room();
    assert!((9000 - bytes + 1..9000).contains(&half), "half of the frames may go: {half}, {bytes}");
    release(&journal, 10, 10, 0);
    assert_eq!(log.room(), 9000, "history makes room");
    disk.set_free(2500);
    assert_eq!(log.room(), 2000 + bytes, "the disk ends first, behind what history leaves");
    release(&journal, 0, 0, 0);
    disk.set_free(400);
    assert_eq!(log.room(), 0);
}

/// A disk of so many bytes with a journal that may grow larger.
fn on_small_disk(capacity: u64) -> (Memory, Journal) {
    let disk = Memory::new();
    disk.set_capacity(Some(capacity));
    let journal = open(&disk, &Settings { min_free_bytes: 2000, ..settings() }).unwrap();
    (disk, journal)
}

#[test]
fn retention_evicts_delivered_history_on_full_disk() {
    let (_, journal) = on_small_disk(20_000);
    let log = journal.log();
    for _ in 0..1000 {
        append(&journal, 0, &[b'x'; 100]).unwrap();
        let last = log.synced().position;
        release(&journal, last, last, 0);
    }
    let usage = log.usage();
    assert!(usage.evicted > 800, "{usage:?}");
    assert_eq!(usage.evicted_unread, 0);
}

#[test]
fn retention_keeps_undelivered_frames_on_full_disk() {
    let (disk, journal) = on_small_disk(20_000);
    release(&journal, 0, 0, 0);
    let count = fill(&journal);
    assert!(count > 50);
    assert_eq!(u64::try_from(read_all(&*journal.log()).len()).unwrap(), count);
    disk.set_capacity(None);
    wait_until(|| append(&journal, 0, b"x").is_ok());
}

/// Somebody else takes what is freed, or a snapshot keeps it.
#[test]
fn retention_stops_evicting_when_an_eviction_frees_nothing() {
    let disk = Memory::new();
    let settings = Settings { min_free_bytes: 2000, ..settings() };
    let (journal, mut writer) = Journal::open_stepped(&disk, settings, Metrics::default()).unwrap();
    let now = Instant::now();
    for _ in 0..100 {
        answer(&mut append_by_hand(&journal, &mut writer, now)).unwrap().unwrap();
        let last = journal.log().synced().position;
        release(&journal, last, last, 0);
    }
    disk.set_free(0);
    let before = journal.log().usage();
    let refused = answer(&mut append_by_hand(&journal, &mut writer, now + Duration::from_secs(1)));
    assert_eq!(refused, Some(Err(AppendError::Full)));
    for second in 1..50 {
        writer.turn(now + Duration::from_secs(second));
    }
    let after = journal.log().usage();
    assert_eq!(after.segments, before.segments - 1, "{after:?}");
    writer.turn(now + Duration::from_secs(70));
    assert_eq!(journal.log().usage().segments, before.segments - 2);
}

/// Else a journal that had filled its disk could not be opened any more.
#[test]
fn free_disk_for_a_copy_of_the_last_segment_is_kept() {
    let disk = Memory::new();
    disk.set_free(6000);
    let journal = open(&disk, &Settings { segment_bytes: 100_000, ..settings() }).unwrap();
    append(&journal, 0, &[b'x'; 3000]).unwrap();
    assert_eq!(append(&journal, 0, b"x"), Err(AppendError::Full));
    disk.set_free(100_000);
    wait_until(|| append(&journal, 0, b"x").is_ok());
}

/// The scanner signals room as often as it reads: what was believed of the disk before it refused must not count then.
#[test]
fn a_disk_that_refused_a_write_is_asked_again_before_it_is_believed() {
    let disk = Memory::new();
    disk.set_free(1 << 20);
    let (journal, mut hand) = Journal::open_stepped(&disk, settings(), Metrics::default()).unwrap();
    let (appender, now) = (journal.appender(), Instant::now());
    let append = |hand: &mut SteppedJournal| answer(&mut append_by_hand(&journal, hand, now)).unwrap();
    append(&mut hand).unwrap();
    disk.set_free(0);
    disk.fail(Fault::Full, 0);
    assert_eq!(append(&mut hand), Err(AppendError::Full));
    hand.turn(now);
    assert_eq!(appender.health(), Health::Full);
    disk.set_free(1 << 20);
    hand.turn(now + Duration::from_secs(1));
    assert_eq!(appender.health(), Health::Writable);
}

/// An append that nobody waits for in the meantime.
type Begun = Pin<Box<dyn Future<Output = Result<u64, AppendError>>>>;

fn answer(append: &mut Begun) -> Option<Result<u64, AppendError>> {
    match append.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Begins an append, and gives the writer a turn.
fn append_by_hand(journal: &Journal, hand: &mut SteppedJournal, now: Instant) -> Begun {
    let appender = journal.appender();
    let mut append: Begun = Box::pin(async move { appender.append(0, vec![b'x'; 100].into()).await });
    assert_eq!(answer(&mut append), None);
    hand.turn(now);
    append
}

/// Fills a journal that nobody has read yet, until an append gets no answer: that one.
fn fill_by_hand(journal: &Journal, hand: &mut SteppedJournal, now: Instant) -> Begun {
    release_what_was_read(journal, 0);
    for _ in 0..1000 {
        let mut append = append_by_hand(journal, hand, now);
        match answer(&mut append) {
            Some(stored) => assert!(stored.is_ok(), "{stored:?}"),
            None => return append,
        }
    }
    panic!("never full");
}

#[test]
fn appends_wait_for_what_is_only_not_read_yet_and_it_goes_when_it_is() {
    let (journal, mut hand) = Journal::open_stepped(&Memory::new(), small(), Metrics::default()).unwrap();
    let (log, now) = (journal.log(), Instant::now());
    let mut waiting = fill_by_hand(&journal, &mut hand, now);
    hand.turn(now + Duration::from_secs(1));
    assert_eq!(answer(&mut waiting), None);
    assert_eq!((log.first_kept(), journal.appender().health()), (1, Health::Writable));
    let last = log.synced().position;
    release_what_was_read(&journal, last);
    hand.turn(now + Duration::from_secs(1));
    assert_eq!(answer(&mut waiting), Some(Ok(last + 1)));
    assert!(log.usage().evicted_unread > 0);
}

#[test]
fn a_reader_that_stands_still_is_waited_for_a_while_and_nothing_that_it_lacks_goes() {
    let (journal, mut hand) = Journal::open_stepped(&Memory::new(), small(), Metrics::default()).unwrap();
    let (log, now) = (journal.log(), Instant::now());
    let mut waiting = fill_by_hand(&journal, &mut hand, now);
    hand.turn(now + Duration::from_mins(1));
    assert_eq!(answer(&mut waiting), Some(Err(AppendError::Full)));
    assert_eq!((log.first_kept(), journal.appender().health()), (1, Health::Full));
    release_what_was_read(&journal, log.synced().position);
    hand.turn(now + Duration::from_mins(1));
    assert_eq!(journal.appender().health(), Health::Writable);
}
