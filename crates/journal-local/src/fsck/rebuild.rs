use crate::{
    format::{gap::Gap, group},
    fsck::resync::{Contents, Kind},
    storage::to_u64,
};

/// What is to stand in a segment that holds only what could be read.
pub(crate) fn rebuild(header: &[u8], bytes: &[u8], secret: u64, contents: &Contents) -> Vec<u8> {
    let mut out = header.to_vec();
    for section in &contents.sections {
        let offset = to_u64(out.len());
        if section.kind == Kind::Frames {
            let frames = bytes.get(section.bytes.clone()).unwrap_or_default();
            let length = u32::try_from(frames.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&group::Group::after(section.before, length).encode(secret, offset));
            out.extend_from_slice(frames);
        } else if section.after.position > section.before.position {
            out.extend_from_slice(&Gap::between(section.before, section.after).encode(secret, offset));
        }
    }
    let offset = to_u64(out.len());
    out.extend_from_slice(&group::Group::after(contents.last, 0).encode(secret, offset));
    out
}
