use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Key;

/// HMAC-SHA-256 with a key: the same text gives the same digest in every run, and no other key gives it.
#[derive(Clone)]
pub(crate) struct Digest(Hmac<Sha256>);

impl Digest {
    pub(crate) fn new(Key(key): &Key) -> Self {
        #[expect(clippy::expect_used, reason = "the algorithm defines what becomes of a key of any length")]
        let mac = Hmac::new_from_slice(key).expect("HMAC takes keys of any length");
        Self(mac)
    }

    /// The digest of a text's bytes, in lower-case hexadecimal digits.
    pub(crate) fn of(&self, text: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(text.as_bytes());
        let mut digits = String::with_capacity(64);
        for byte in mac.finalize().into_bytes() {
            #[expect(clippy::expect_used, reason = "memory takes what is written to it")]
            write!(digits, "{byte:02x}").expect("writing to a String never fails");
        }
        digits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Test case 2 of RFC 4231.
    #[test]
    fn a_digest_is_that_of_the_standard() {
        let digest = Digest::new(&Key::new("Jefe"));
        assert_eq!(
            digest.of("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_digest_lasts_and_differs_by_key_and_by_text() {
        let digest = |key: &str, text| Digest::new(&Key::new(key)).of(text);
        assert_eq!(digest("one", "a"), digest("one", "a"));
        assert_ne!(digest("one", "a"), digest("two", "a"));
        assert_ne!(digest("one", "a"), digest("one", "A"));
    }
}
