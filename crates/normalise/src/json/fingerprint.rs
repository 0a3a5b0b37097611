//! The content fingerprint: one 64-bit hash per JSON value, built from the leaves up.
//!
//! Members of an object are hashed in the order of their keys' hashes, so that the order in the body doesn't count.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::json::span::Span;

const TEXT: u64 = 0x9e37_79b9_7f4a_7c15;
const OBJECT: u64 = 0xc2b2_ae3d_27d4_eb4f;
const ARRAY: u64 = 0x1656_67b1_9e37_79f9;
const IDENTITY: u64 = 0x27d4_eb2f_1656_67c5;

/// Identifies an event among its repetitions, with 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// Of endpoint, resolved type and event id, the id without regard to case.
    pub id: u64,
    /// Of the same, and of all else that is in the body after repair. The same `id` with another `content` is a conflict.
    pub content: u64,
}

/// The hash of a folded key.
pub(crate) fn key_hash(folded: &[u8]) -> u64 {
    xxh3_64(folded)
}

/// The hash of a text by its content.
pub(crate) fn text_hash(content: &[u8]) -> u64 {
    xxh3_64(content) ^ TEXT
}

/// The hash of a number, `true`, `false` or `null` by its exact spelling.
pub(crate) fn literal_hash(spelling: &[u8]) -> u64 {
    xxh3_64(spelling)
}

/// The fingerprint of the event of this identity, whose bytes are put together in `bytes`, and of the body with this hash.
///
/// The body's hash has neither type nor id in it. The identity therefore goes into both halves: of two events that differ in
/// nothing else, 128 bits tell.
pub(crate) fn of_event(
    endpoint: &str,
    event_type: &str,
    event_id: &str,
    body: u64,
    bytes: &mut Vec<u8>,
) -> Fingerprint {
    bytes.clear();
    for part in [endpoint, event_type, event_id] {
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0xff);
    }
    let id = bytes.len() - event_id.len() - 1;
    if let Some(id) = bytes.get_mut(id..) {
        id.make_ascii_lowercase();
    }
    Fingerprint { id: xxh3_64(bytes), content: body ^ xxh3_64_with_seed(bytes, IDENTITY) }
}

/// A member of an object that is being read.
pub(crate) struct Member {
    pub(crate) key_hash: u64,
    pub(crate) value_hash: u64,
    /// The key as it stands in the body.
    pub(crate) key: Span,
}

/// The values that are being read, of all levels: one stack for members, one for elements.
#[derive(Default)]
pub(crate) struct Stack {
    /// Nobody wants the hashes: each is 0.
    is_idle: bool,
    members: Vec<Member>,
    bytes: Vec<u8>,
}

impl Stack {
    /// Begins a body, whose hash is wanted or not.
    pub(crate) fn begin(&mut self, is_wanted: bool) {
        self.is_idle = !is_wanted;
        self.members.clear();
        self.bytes.clear();
    }

    /// The hash of a value that is none of the containers.
    pub(crate) fn leaf(&self, hash: impl FnOnce() -> u64) -> u64 {
        if self.is_idle { 0 } else { hash() }
    }

    /// Beginning of the members of an object that begins now.
    pub(crate) fn object(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn member(&mut self, member: Member) {
        if !self.is_idle {
            self.members.push(member);
        }
    }

    /// Leaves the value of a member out of the hash of the object whose members begin at `from`. Of several members of this
    /// key each counts: which one is read depends on all.
    pub(crate) fn leave_out(&mut self, from: usize, key_hash: u64) {
        let members = self.members.get_mut(from..).unwrap_or_default();
        let mut named = members.iter_mut().filter(|member| member.key_hash == key_hash);
        if let (Some(member), None) = (named.next(), named.next()) {
            member.value_hash = 0;
        }
    }

    /// Ends the object whose members begin at `from`: its hash.
    ///
    /// Equal keys keep their order, and their spelling counts: which of them wins depends on both.
    pub(crate) fn end_object(&mut self, from: usize, text: &str) -> u64 {
        if self.is_idle {
            return 0;
        }
        let begin = self.bytes.len();
        let members = self.members.get_mut(from..).unwrap_or_default();
        members.sort_by_key(|member| member.key_hash);
        let mut before: Option<&Member> = None;
        for member in members.iter() {
            self.bytes.extend_from_slice(&member.key_hash.to_le_bytes());
            self.bytes.extend_from_slice(&member.value_hash.to_le_bytes());
            if let Some(twin) = before.filter(|before| before.key_hash == member.key_hash) {
                for key in [twin.key, member.key] {
                    self.bytes.extend_from_slice(&xxh3_64(key.of(text).as_bytes()).to_le_bytes());
                }
            }
            before = Some(member);
        }
        self.members.truncate(from);
        self.end(begin) ^ OBJECT
    }

    /// Beginning of the elements of an array that begins now.
    pub(crate) fn array(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn element(&mut self, hash: u64) {
        if !self.is_idle {
            self.bytes.extend_from_slice(&hash.to_le_bytes());
        }
    }

    /// Ends the array whose elements begin at `from`: its hash.
    pub(crate) fn end_array(&mut self, from: usize) -> u64 {
        if self.is_idle { 0 } else { self.end(from) ^ ARRAY }
    }

    fn end(&mut self, from: usize) -> u64 {
        let hash = xxh3_64(self.bytes.get(from..).unwrap_or_default());
        self.bytes.truncate(from);
        hash
    }
}
