//! JSON Pointers and the strings of JSON.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Appends a key.
pub(crate) fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    if memchr2(b'~', b'/', key.as_bytes()).is_none() {
        pointer.push_str(key);
    } else {
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
    }
}

/// Appends an index.
pub(crate) fn push_index(pointer: &mut String, index: usize) {
    pointer.push('/');
    pointer.push_str(&index.to_string());
}

/// The content of a JSON string, given what stands between its quotes.
pub(crate) fn decode(inner: &str) -> Cow<'_, str> {
    if memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(&format!("\"{inner}\"")).map_or(Cow::Borrowed(inner), Cow::Owned)
}
