use kalends_value::{Misfit, Path, Size};

use crate::Settings;

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let journal = &settings.journal;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["journal", key]), message));
    if journal.segment_size.bytes() == 0 {
        wrong("segment_size", "a segment needs room; write at least 1MiB".into());
    }
    let least = kalends_journal::min_max_bytes(settings.listen.largest_receipt());
    if journal.max_size.bytes() < least {
        let (body, least) = (settings.listen.max_body, Size::new(least.next_multiple_of(1 << 10)));
        wrong("max_size", format!("too little for listen.max_body of {body}; write at least {least}"));
    } else if journal.segment_size > journal.max_size {
        wrong(
            "max_size",
            format!("less than one segment (segment_size is {}); write more", journal.segment_size),
        );
    }
}
