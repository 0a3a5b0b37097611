use std::fmt;

use subtle::{Choice, ConstantTimeEq};

/// Longest token. Every comparison runs over this many bytes.
const MAX_LENGTH: usize = 256;

/// A secret that the sender shows. Never printed: its `Debug` is `[redacted]`.
#[derive(Clone)]
pub struct Token(Padded);

/// The text can't serve as a token. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing in it.
    #[error("the token is empty")]
    Empty,
    /// Longer than 256 bytes.
    #[error("the token has {0} characters; at most {MAX_LENGTH} are possible")]
    TooLong(usize),
    /// White space, a control character or a letter outside ASCII.
    #[error("the token has white space or another character that is not visible ASCII")]
    NotVisible,
}

impl Token {
    /// The token with this text: 1 to 256 visible ASCII characters.
    ///
    /// # Errors
    /// [`TokenError`] when the text is anything else.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::NotVisible);
        }
        Padded::new(text.as_bytes()).map(Self).ok_or(TokenError::TooLong(text.len()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Whether `shown` is one of `tokens`. Takes the same time whichever token it is, how much of it is right, and how long
/// the tokens are.
pub(crate) fn is_any_of(shown: &[u8], tokens: &[Token]) -> bool {
    Padded::new(shown).is_some_and(|shown| {
        let found = tokens.iter().fold(Choice::from(0), |found, token| found | token.0.same(&shown));
        bool::from(found)
    })
}

#[derive(Clone)]
struct Padded {
    bytes: [u8; MAX_LENGTH],
    length: u64,
}

impl Padded {
    fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_LENGTH];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, length: u64::try_from(text.len()).ok()? })
    }

    fn same(&self, other: &Self) -> Choice {
        self.bytes.ct_eq(&other.bytes) & self.length.ct_eq(&other.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(texts: &[&str]) -> Vec<Token> {
        texts.iter().map(|text| Token::new(text).unwrap()).collect()
    }

    #[test]
    fn any_live_token_opens() {
        let live = tokens(&["old", "new-and-longer"]);
        assert!(is_any_of(b"old", &live));
        assert!(is_any_of(b"new-and-longer", &live));
    }

    #[test]
    fn nothing_else_opens() {
        let live = tokens(&["old", "new-and-longer"]);
        for shown in [&b""[..], b"ol", b"old\0", b"old ", b"OLD", b"new", &[0; 300]] {
            assert!(!is_any_of(shown, &live), "{shown:?}");
        }
        assert!(!is_any_of(b"old", &[]));
    }

    #[test]
    fn a_token_is_never_printed() {
        assert_eq!(format!("{:?}", tokens(&["geheim"])), "[[redacted]]");
    }

    #[test]
    fn text_that_can_be_no_token_is_refused() {
        assert_eq!(Token::new("").unwrap_err(), TokenError::Empty);
        assert_eq!(Token::new("a b").unwrap_err(), TokenError::NotVisible);
        assert_eq!(Token::new("ä").unwrap_err(), TokenError::NotVisible);
        assert_eq!(Token::new(&"x".repeat(257)).unwrap_err(), TokenError::TooLong(257));
        assert!(Token::new(&"x".repeat(256)).is_ok());
    }
}
