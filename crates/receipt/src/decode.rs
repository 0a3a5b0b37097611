use crate::{
    Envelope, Receipt, TAG_BODY, TAG_ENDPOINT, TAG_RECEIVED_AT, TAG_TRACEPARENT, TAG_TRACESTATE, VERSION,
};

/// The bytes are no receipt of a known version.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Written by a newer kalends.
    #[error("receipt version {0} is unknown: it was written by a newer kalends")]
    Version(u8),
    /// A field runs past the end, a text is not UTF-8, or a field that every receipt has is missing.
    #[error("damaged receipt: {0}")]
    Damaged(&'static str),
}

impl<'a> Receipt<'a> {
    /// Reads a stored receipt without copying.
    ///
    /// # Errors
    /// [`Error::Version`] for another version, [`Error::Damaged`] for anything else that can't be read.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let (&version, mut rest) = bytes.split_first().ok_or(Error::Damaged("it is empty"))?;
        if version != VERSION {
            return Err(Error::Version(version));
        }
        let (mut endpoint, mut received_at, mut traceparent, mut tracestate) = (None, None, None, None);
        loop {
            let (&tag, after_tag) = rest.split_first().ok_or(Error::Damaged("it has no body"))?;
            if tag == TAG_BODY {
                let envelope = Envelope {
                    endpoint: endpoint.ok_or(Error::Damaged("it names no endpoint"))?,
                    received_at: received_at.ok_or(Error::Damaged("it has no receive time"))?,
                    traceparent,
                    tracestate,
                };
                return Ok(Self { envelope, body: after_tag });
            }
            let (value, after_value) = take_field(after_tag)?;
            match tag {
                TAG_ENDPOINT => endpoint = Some(text(value)?),
                TAG_RECEIVED_AT => received_at = Some(instant(value)?),
                TAG_TRACEPARENT => traceparent = Some(text(value)?),
                TAG_TRACESTATE => tracestate = Some(text(value)?),
                _ => {}
            }
            rest = after_value;
        }
    }
}

fn take_field(bytes: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let mut length = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let value = bytes.get(index + 1..).and_then(|rest| rest.split_at_checked(length));
            return value.ok_or(Error::Damaged("a field runs past its end"));
        }
    }
    Err(Error::Damaged("a field's length never ends"))
}

fn text(value: &[u8]) -> Result<&str, Error> {
    str::from_utf8(value).map_err(|_| Error::Damaged("a text field is not UTF-8"))
}

fn instant(value: &[u8]) -> Result<i64, Error> {
    value.try_into().map(i64::from_le_bytes).map_err(|_| Error::Damaged("the receive time is not 8 bytes"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_receipt_survives_its_bytes(
            endpoint in "[a-z0-9_]{1,200}",
            received_at: i64,
            traceparent in proptest::option::of("[ -~]{0,60}"),
            tracestate in proptest::option::of("[ -~]{0,300}"),
            body: Vec<u8>,
        ) {
            let envelope = Envelope {
                endpoint: &endpoint,
                received_at,
                traceparent: traceparent.as_deref(),
                tracestate: tracestate.as_deref(),
            };
            let mut bytes = Vec::new();
            envelope.write_head(&mut bytes);
            bytes.extend_from_slice(&body);
            prop_assert_eq!(Receipt::decode(&bytes), Ok(Receipt { envelope, body: &body }));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let mut versioned = vec![VERSION];
            versioned.extend_from_slice(&bytes);
            drop(Receipt::decode(&bytes));
            drop(Receipt::decode(&versioned));
        }
    }

    #[test]
    fn a_tag_from_the_future_is_skipped() {
        let mut bytes = vec![VERSION, 200, 3, 1, 2, 3];
        let envelope = Envelope { endpoint: "main", received_at: -1, traceparent: None, tracestate: None };
        let mut head = Vec::new();
        envelope.write_head(&mut head);
        bytes.extend_from_slice(&head[1..]);
        bytes.extend_from_slice(b"{}");
        assert_eq!(Receipt::decode(&bytes), Ok(Receipt { envelope, body: b"{}" }));
    }

    #[test]
    fn a_version_from_the_future_is_refused_by_name() {
        assert_eq!(Receipt::decode(&[2, 0]), Err(Error::Version(2)));
    }
}
