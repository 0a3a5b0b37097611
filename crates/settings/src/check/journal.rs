use kalends_journal::{SizeFault, check_sizes};
use kalends_value::{Misfit, Path, Size};

use crate::Settings;

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let journal = &settings.journal;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["journal", key]), message));
    if journal.segment_size.bytes() == 0 {
        wrong("segment_size", "a segment needs room; write at least 1MiB".into());
    }
    let body = settings.listen.max_body;
    match check_sizes(settings.listen.largest_receipt(), journal.max_size.bytes()) {
        Err(SizeFault::MaxBytes { least, .. }) => {
            let least = Size::new(least.next_multiple_of(1 << 10));
            wrong("max_size", format!("too little for listen.max_body of {body}; write at least {least}"));
        }
        Ok(()) if journal.segment_size > journal.max_size => {
            let size = journal.segment_size;
            wrong("max_size", format!("less than one segment (segment_size is {size}); write more"));
        }
        // A payload that is too large is told of max_body.
        Ok(()) | Err(SizeFault::Payload { .. }) => {}
    }
}
