//! Signatures of Standard Webhooks.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// A key that signs.
///
/// Has no `Debug`: it is a secret.
#[derive(Clone)]
pub(crate) struct Key(Vec<u8>);

impl Key {
    /// Reads a key as receivers have it.
    ///
    /// # Errors
    /// The fault and its remedy; never the key.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let encoded = text
            .strip_prefix(PREFIX)
            .ok_or("a key of Standard Webhooks begins with whsec_; make one: echo \"whsec_$(openssl rand -base64 32)\"")?;
        let bytes =
            STANDARD.decode(encoded).map_err(|_| "what stands behind whsec_ is no base64".to_owned())?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(format!("a key has 24 to 64 bytes, this one has {}; make another", bytes.len()));
        }
        Ok(Self(bytes))
    }
}

/// The three headers of an attempt at this second.
pub(crate) fn headers(keys: &[Key], id: &str, seconds: i64, body: &[u8]) -> Vec<(String, String)> {
    let signatures: Vec<String> = keys.iter().filter_map(|key| sign(key, id, seconds, body)).collect();
    vec![
        ("webhook-id".to_owned(), id.to_owned()),
        ("webhook-timestamp".to_owned(), seconds.to_string()),
        ("webhook-signature".to_owned(), signatures.join(" ")),
    ]
}

fn sign(key: &Key, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    // HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_signed_as_published() {
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").ok().unwrap();
        let headers =
            headers(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(headers[1].1, "1614265330");
    }

    #[test]
    fn a_key_that_no_receiver_would_take_is_told_and_not_repeated() {
        for text in ["hunter2", "whsec_hunter2!", "whsec_aHVudGVyMg=="] {
            let told = Key::parse(text).err().unwrap();
            assert!(!told.contains("hunter2") && !told.contains("aHVudGVyMg"), "{told}");
        }
    }
}
