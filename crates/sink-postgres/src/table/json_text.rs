use std::borrow::Cow;

use super::Counted;

/// JSON that every reader of a `json` column can take apart: `->>` fails over the escape of U+0000 and over half a
/// surrogate pair, though the column takes both. The former is taken out, the latter becomes U+FFFD.
pub(crate) fn clean<'a>(text: &'a str, counted: &mut Counted) -> Cow<'a, str> {
    let raw = super::cell::without_nul(text, counted);
    if memchr::memmem::find(raw.as_bytes(), b"\\u").is_none() {
        return raw;
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw.as_ref();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let taken = take(escape, &mut out, counted);
        rest = escape.get(taken..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Writes what the escape at the beginning of `text` becomes; returns how much of it was read.
fn take(text: &str, out: &mut String, counted: &mut Counted) -> usize {
    let Some(unit) = unit(text) else {
        // Another escape: two characters, whatever the second is.
        let length = 1 + text.chars().nth(1).map_or(0, char::len_utf8);
        out.push_str(text.get(..length).unwrap_or_default());
        return length;
    };
    match unit {
        0 => counted.nul += 1,
        0xd800..0xdc00 => match text.get(6..).and_then(self::unit) {
            Some(0xdc00..0xe000) => {
                out.push_str(text.get(..12).unwrap_or_default());
                return 12;
            }
            _ => replace(out, counted),
        },
        0xdc00..0xe000 => replace(out, counted),
        _ => out.push_str(text.get(..6).unwrap_or_default()),
    }
    6
}

fn replace(out: &mut String, counted: &mut Counted) {
    counted.surrogates += 1;
    out.push_str("\\ufffd");
}

/// The code unit of an escape such as `\u00e4` at the beginning of `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> (String, u64, u64) {
        let mut counted = Counted::default();
        let text = clean(text, &mut counted).into_owned();
        (text, counted.nul, counted.surrogates)
    }

    #[test]
    fn what_readers_fail_over_is_taken_out_and_counted() {
        assert_eq!(cleaned(r#"{"a":"x\u0000y"}"#), (r#"{"a":"xy"}"#.into(), 1, 0));
        assert_eq!(cleaned(r#""\uD800x\udc00""#), (r#""\ufffdx\ufffd""#.into(), 0, 2));
        assert_eq!(cleaned(r#""\ud800\ud800\udc00""#), (r#""\ufffd\ud800\udc00""#.into(), 0, 1));
        assert_eq!(cleaned(r#""\ud83d\ude00""#), (r#""\ud83d\ude00""#.into(), 0, 0));
    }

    #[test]
    fn an_escaped_backslash_begins_no_escape() {
        assert_eq!(cleaned(r#""\\u0000\u00e4\n\"""#), (r#""\\u0000\u00e4\n\"""#.into(), 0, 0));
        assert_eq!(cleaned(r#""\\\u0000""#), (r#""\\""#.into(), 1, 0));
    }
}
