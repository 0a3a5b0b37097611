use std::time::Duration;

use tokio::task::JoinSet;

use kalends_journal::Health;

use super::*;

#[test]
fn positions_count_from_one_and_payloads_come_back() {
    let journal = opened(&Memory::new());
    assert_eq!(append(&journal, 5, b"one"), Ok(1));
    assert_eq!(append(&journal, 5, b""), Ok(2));
    assert_eq!(append(&journal, 5, &[7; 4000]), Ok(3));
    let expected = vec![(1, b"one".to_vec()), (2, vec![]), (3, vec![7; 4000])];
    assert_eq!(read_all(&*journal.log()), expected);
}

#[test]
fn waiting_appends_share_one_sync() {
    let disk = Memory::new();
    let journal = opened(&disk);
    runtime().block_on(async {
        let before = disk.syncs();
        disk.hold_syncs();
        let mut appends = JoinSet::new();
        for number in 0..64_u8 {
            let appender = journal.appender();
            appends.spawn(async move { appender.append(0, Bytes::from(vec![number; 10])).await });
        }
        for _ in 0..200 {
            tokio::task::yield_now().await;
        }
        disk.let_sync();
        let mut positions: Vec<_> = appends.join_all().await.into_iter().map(Result::unwrap).collect();
        positions.sort_unstable();
        assert_eq!(positions, (1..=64).collect::<Vec<_>>());
        // The first group may have begun before the others came; rolling takes two more.
        assert!(disk.syncs() - before <= 8, "{} syncs for 64 appends", disk.syncs() - before);
    });
    assert_eq!(read_all(&*journal.log()).len(), 64);
}

/// One segment that nothing fills.
fn roomy() -> Settings {
    Settings { segment_bytes: 8 << 20, max_bytes: 64 << 20, max_payload_bytes: 1 << 20, ..settings() }
}

#[test]
fn small_groups_go_where_zeros_were_written_before() {
    let disk = Memory::new();
    let journal = open(&disk, &roomy()).unwrap();
    append(&journal, 0, &[7; 1500]).unwrap();
    let segment = &segments(&disk)[0];
    let used = disk.used(segment);
    assert!(used > 100 * 1500, "zeros for many more: {used}");
    append(&journal, 0, &[7; 1500]).unwrap();
    assert_eq!(disk.used(segment), used, "the next one finds them");
}

#[test]
fn large_groups_are_written_once() {
    let disk = Memory::new();
    let journal = open(&disk, &roomy()).unwrap();
    append(&journal, 0, &vec![7; 30_000]).unwrap();
    let segment = &segments(&disk)[0];
    assert_eq!(disk.used(segment), disk.written(segment).len());
}

#[test]
fn journal_time_never_goes_back() {
    let disk = Memory::new();
    let journal = opened(&disk);
    for time in [10, 5, 30, -7] {
        append(&journal, time, b"x").unwrap();
    }
    let log = journal.log();
    let mut reader = log.read_after(0);
    let mut times = Vec::new();
    while let Some(frame) = reader.next().unwrap() {
        times.push(frame.time);
    }
    assert_eq!(times, [10, 10, 30, 30]);
    journal.close().unwrap();
    let journal = opened(&disk);
    append(&journal, 1, b"x").unwrap();
    assert_eq!(journal.log().synced().time, 30);
}

#[test]
fn a_payload_that_is_too_large_is_refused_and_harms_nobody() {
    let journal = opened(&Memory::new());
    assert_eq!(append(&journal, 0, &[0; 4001]), Err(AppendError::TooLarge { bytes: 4001, max: 4000 }));
    assert_eq!(append(&journal, 0, b"x"), Ok(1));
}

#[test]
fn a_full_queue_is_told_at_once() {
    let disk = Memory::new();
    let journal = open(&disk, &Settings { queue: 2, ..settings() }).unwrap();
    runtime().block_on(async {
        disk.hold_syncs();
        let mut appends = JoinSet::new();
        // One is being written, two wait.
        for _ in 0..8 {
            let appender = journal.appender();
            appends.spawn(async move { appender.append(0, Bytes::from_static(b"x")).await });
        }
        assert_eq!(appends.join_next().await.unwrap().unwrap(), Err(AppendError::Busy));
        disk.let_sync();
        let stored = appends.join_all().await.into_iter().flatten().count();
        assert_eq!(read_all(&*journal.log()).len(), stored);
    });
}

#[test]
fn a_failed_sync_poisons_for_good() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append(&journal, 0, b"stored").unwrap();
    disk.fail(Fault::Sync, 0);
    assert_eq!(append(&journal, 0, b"lost"), Err(AppendError::Poisoned));
    assert_eq!(append(&journal, 0, b"later"), Err(AppendError::Poisoned));
    assert_eq!(journal.appender().health(), Health::Poisoned);
    runtime().block_on(async {
        tokio::time::timeout(Duration::from_secs(20), journal.appender().poisoned()).await.unwrap();
    });
    assert_eq!(read_all(&*journal.log()), [(1, b"stored".to_vec())]);
    assert!(matches!(journal.close(), Err(kalends_journal::CloseError::Poisoned)));
}

#[test]
fn after_a_failed_sync_the_surviving_page_cache_is_not_trusted() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append(&journal, 0, b"stored").unwrap();
    disk.fail(Fault::Sync, 0);
    append(&journal, 0, b"unsure").unwrap_err();
    drop(journal);
    let journal = opened(&disk);
    let seen = read_all(&*journal.log());
    let cut_at_once = disk.fork();
    cut_at_once.crash(|_| 0);
    assert_eq!(read_all(&*opened(&cut_at_once).log()), seen, "what was readable once stays");
    append(&journal, 0, b"more").unwrap();
    drop(journal);
    disk.crash(|_| 0);
    let journal = opened(&disk);
    let kept = read_all(&*journal.log());
    assert_eq!(kept[..seen.len()], seen[..], "what was readable once stays");
    assert_eq!(kept.last().unwrap().1, b"more");
}

#[test]
fn a_full_disk_refuses_and_recovers_by_itself() {
    let disk = Memory::new();
    let journal = opened(&disk);
    append(&journal, 0, b"before").unwrap();
    let path = segments(&disk)[0].clone();
    let bytes = disk.written(&path);
    disk.fail(Fault::Full, 0);
    assert_eq!(append(&journal, 0, b"refused"), Err(AppendError::Full));
    assert_eq!(disk.written(&path), bytes, "the refused group leaves nothing behind");
    disk.heal();
    wait_until(|| journal.appender().health() == Health::Writable);
    assert_eq!(append(&journal, 0, b"after"), Ok(2));
    let expected = vec![(1, b"before".to_vec()), (2, b"after".to_vec())];
    assert_eq!(read_all(&*journal.log()), expected);
    journal.close().unwrap();
    assert_eq!(read_all(&*opened(&disk).log()), expected);
}

#[test]
fn the_low_water_mark_of_free_disk_is_kept() {
    let disk = Memory::new();
    disk.set_free(10_000);
    let journal = open(&disk, &Settings { min_free_bytes: 20_000, ..settings() }).unwrap();
    assert_eq!(append(&journal, 0, b"x"), Err(AppendError::Full));
    wait_until(|| journal.appender().health() == Health::Full);
    disk.set_free(100_000);
    wait_until(|| journal.appender().health() == Health::Writable);
    assert_eq!(append(&journal, 0, b"x"), Ok(1));
}

#[test]
fn closing_answers_everything_that_waits() {
    let disk = Memory::new();
    let journal = opened(&disk);
    let (appender, log) = (journal.appender(), journal.log());
    let runtime = runtime();
    let waiting: Vec<_> = runtime.block_on(async {
        let mut appends = JoinSet::new();
        for _ in 0..16 {
            let appender = appender.clone();
            appends.spawn(async move { appender.append(0, Bytes::from_static(b"x")).await });
        }
        tokio::task::yield_now().await;
        let closing = std::thread::spawn(move || journal.close());
        let answers = appends.join_all().await;
        closing.join().unwrap().unwrap();
        answers
    });
    let stored = waiting.iter().filter(|answer| answer.is_ok()).count();
    assert!(waiting.iter().all(|answer| matches!(answer, Ok(_) | Err(AppendError::Closed))));
    assert_eq!(read_all(&*log).len(), stored);
    assert_eq!(appender.health(), Health::Closed);
    assert_eq!(runtime.block_on(appender.append(0, Bytes::new())), Err(AppendError::Closed));
    assert_eq!(log.wait_beyond(u64::MAX, Duration::from_secs(20)), log.synced());
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let disk = Memory::new();
    for wrong in [
        Settings { queue: 0, ..settings() },
        Settings { queue: usize::MAX, ..settings() },
        Settings { max_payload_bytes: usize::MAX, ..settings() },
        Settings { max_bytes: 8 * 4000, ..settings() },
    ] {
        assert!(matches!(open(&disk, &wrong), Err(OpenError::Settings(_))), "{wrong:?}");
    }
}
