use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hyper::{Uri, header::HeaderValue};

use crate::auth::token::{Token, is_any_of};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Most credentials of one kind that are looked at: a request can't buy itself more comparisons.
const MAX_SHOWN: usize = 4;

/// Whether the request shows one of `tokens`: as query parameter `token`, as bearer token, or as the password of basic
/// authentication with any user.
pub(crate) fn opens<'a>(
    uri: &Uri,
    authorization: impl IntoIterator<Item = &'a HeaderValue>,
    tokens: &[Token],
) -> bool {
    let in_query = uri.query().is_some_and(|query| {
        let values = query.split('&').filter_map(|pair| pair.strip_prefix("token="));
        values.take(MAX_SHOWN).map(percent_decoded).any(|shown| is_any_of(&shown, tokens))
    });
    in_query || authorization.into_iter().take(MAX_SHOWN).any(|value| in_header(value.as_bytes(), tokens))
}

fn in_header(value: &[u8], tokens: &[Token]) -> bool {
    let Some((scheme, rest)) = value.split_at_checked(value.iter().position(|b| *b == b' ').unwrap_or(0))
    else {
        return false;
    };
    let shown = rest.trim_ascii();
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return is_any_of(shown, tokens);
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return false;
    }
    let Ok(pair) = BASE64.decode(shown) else { return false };
    // A user has no colon; a password may.
    let mut parts = pair.splitn(2, |byte| *byte == b':');
    parts.nth(1).is_some_and(|password| is_any_of(password, tokens))
}

/// `+` stays `+`: a token is no form field, and people paste base64 into URLs.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&first, rest)) = bytes.split_first() {
        let (byte, after) = escaped(bytes).unwrap_or((first, rest));
        out.push(byte);
        bytes = after;
    }
    out
}

fn escaped(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, after @ ..] = bytes else { return None };
    Some((hex(*high)? << 4 | hex(*low)?, after))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(uri: &str, authorization: &[&str]) -> bool {
        let tokens = [Token::new("s3cret+/=").unwrap(), Token::new("a:b").unwrap()];
        let values: Vec<_> = authorization.iter().map(|text| HeaderValue::from_str(text).unwrap()).collect();
        opens(&uri.parse().unwrap(), &values, &tokens)
    }

    #[test]
    fn the_query_parameter_opens_encoded_or_not() {
        for uri in ["/x?token=s3cret+/=", "/x?a=1&token=s3cret%2B%2f%3D", "/x?token=no&token=a:b"] {
            assert!(accepted(uri, &[]), "{uri}");
        }
        for uri in [
            "/x",
            "/x?",
            "/x?token",
            "/x?token=",
            "/x?Token=a:b",
            "/x?token=a:b%",
            "/x?token=%zz",
            "/x?xtoken=a:b",
        ] {
            assert!(!accepted(uri, &[]), "{uri}");
        }
    }

    #[test]
    fn the_bearer_token_opens() {
        assert!(accepted("/x", &["Bearer s3cret+/="]));
        assert!(accepted("/x?token=wrong", &["bearer   a:b "]));
        assert!(!accepted("/x", &["Bearer"]));
        assert!(!accepted("/x", &["Bearer "]));
        assert!(!accepted("/x", &["s3cret+/="]));
        assert!(!accepted("/x", &["Digest a:b"]));
    }

    #[test]
    fn the_basic_password_opens_for_any_user() {
        for pair in [":s3cret+/=", "rokt:s3cret+/=", "rokt:a:b"] {
            let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
            assert!(accepted("/x", &[&header]), "{pair}");
            assert!(accepted("/x", &[header.trim_end_matches('=')]), "{pair}");
        }
        for header in ["Basic", "Basic !", "Basic cm9rdA==", "Basic czNjcmV0Ky89Og=="] {
            assert!(!accepted("/x", &[header]), "{header}");
        }
    }
}
