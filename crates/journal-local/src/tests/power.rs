//! Power that goes: names that no sync of their directory has made durable are gone with it, or not, as the disk likes.

use kalends_journal::LowWatermark;

use super::*;

const SECOND: i64 = 1_000_000;

/// The disk after power cuts that take everything they may take, nothing, and one thing or another.
fn after_power_cuts(disk: &Memory) -> impl Iterator<Item = Memory> {
    (0..16_usize).map(|pattern| {
        let (after, mut choice) = (disk.fork(), 0);
        after.crash(|choices| {
            choice += 1;
            (choices - 1) * (pattern >> (choice % 4) & 1)
        });
        after
    })
}

#[test]
fn what_is_acknowledged_in_a_new_segment_is_there_when_power_goes_at_once() {
    let disk = Memory::new();
    let journal = opened(&disk);
    for count in 1..=40 {
        append_many(&journal, [0]);
        for after in after_power_cuts(&disk) {
            assert_eq!(read_all(&*opened(&after).log()).len(), count, "of {count} acknowledged");
        }
    }
    assert!(segments(&disk).len() > 3);
}

/// One removal that the disk remembers before an earlier one would leave a hole.
#[test]
fn segments_that_went_leave_no_hole_when_power_goes() {
    let disk = Memory::new();
    let journal = opened(&disk);
    let log = journal.log();
    append_many(&journal, 0..60);
    // Several segments at a time.
    for through in (20..=60).step_by(20) {
        log.set_low_watermark(LowWatermark {
            all: through,
            required: through,
            read: u64::MAX,
            time: 1000 * SECOND,
        });
        // The writer looks at the floor before it stores what comes next.
        append_many(&journal, [0]);
        for after in after_power_cuts(&disk) {
            let positions: Vec<_> = read_all(&*opened(&after).log()).into_iter().map(|(at, _)| at).collect();
            assert!(positions.is_sorted_by(|one, next| one + 1 == *next), "{positions:?}");
            assert!(positions.last() == Some(&log.synced().position), "{positions:?}");
            assert!(positions.first().is_none_or(|first| *first <= through + 1), "{positions:?}");
        }
    }
}
