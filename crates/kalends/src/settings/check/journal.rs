use crate::settings::{Settings, path::Path, shape::Misfit};

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let journal = &settings.journal;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["journal", key]), message));
    if journal.segment_size.bytes() == 0 {
        wrong("segment_size", "a segment needs room; write at least 1MiB".into());
    }
    if journal.segment_size > journal.max_size {
        wrong(
            "max_size",
            format!("less than one segment (segment_size is {}); write more", journal.segment_size),
        );
    }
}
