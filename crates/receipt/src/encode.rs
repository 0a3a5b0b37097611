use crate::{Envelope, TAG_BODY, TAG_ENDPOINT, TAG_RECEIVED_AT, TAG_TRACEPARENT, TAG_TRACESTATE, VERSION};

impl Envelope<'_> {
    /// Appends the envelope up to where the body begins: whatever is appended to `out` after this call is the body.
    ///
    /// The body thus needs no copy of its own: a server writes the head, then each chunk as it arrives.
    pub fn write_head(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        field(out, TAG_ENDPOINT, self.endpoint.as_bytes());
        field(out, TAG_RECEIVED_AT, &self.received_at.to_le_bytes());
        if let Some(traceparent) = self.traceparent {
            field(out, TAG_TRACEPARENT, traceparent.as_bytes());
        }
        if let Some(tracestate) = self.tracestate {
            field(out, TAG_TRACESTATE, tracestate.as_bytes());
        }
        out.push(TAG_BODY);
    }
}

fn field(out: &mut Vec<u8>, tag: u8, value: &[u8]) {
    out.push(tag);
    let mut length = value.len();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
    out.extend_from_slice(value);
}
