//! What is JSON is what `serde_json` takes for it, but for what the sender is known to get wrong.

use kalends_normalise::{Outcome, Quirk, Reason};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::{event, normalise, nothing_lost::body};

/// Returns whether a body was taken as JSON without dropping a comma.
fn is_taken_as_it_is(body: &str) -> bool {
    match normalise(body) {
        Outcome::Event(event) => event.quirks.iter().all(|seen| seen.quirk != Quirk::TrailingComma),
        Outcome::DeadLetter(letter) => letter.reason != Reason::InvalidJson,
    }
}

const PIECES: [&str; 26] = [
    ",", ":", "{", "}", "[", "]", "\"", "\\", "\\u00", "\\u0041", "\\x", "0", "-", ".5", "e3", "1.", "true",
    "nul", " ", "\n", "\u{1}", "\u{a0}", "/**/", "'", "NaN", "é",
];

proptest! {
    #[test]
    fn a_body_spoilt_anywhere_is_json_if_serde_json_says_so(
        body in body(),
        at: proptest::sample::Index,
        remove in 0_usize..3,
        piece in proptest::sample::select(&PIECES[..]),
    ) {
        let mut chars: Vec<char> = body.to_string().chars().collect();
        let at = at.index(chars.len());
        let end = (at + remove).min(chars.len());
        chars.splice(at..end, piece.chars());
        let spoilt: String = chars.into_iter().collect();
        let want = match serde_json::from_str::<Json>(&spoilt) {
            Ok(_) => true,
            // JSON by its grammar; only a number that serde_json can't hold.
            Err(error) => error.to_string().starts_with("number out of range"),
        };
        prop_assert_eq!(is_taken_as_it_is(&spoilt), want, "{}", spoilt);
    }

    #[test]
    fn a_comma_behind_any_last_value_changes_nothing_but_the_quirk(body in body(), nth: proptest::sample::Index) {
        let text = body.to_string();
        let bytes = text.as_bytes();
        let closers: Vec<usize> = (1..bytes.len())
            .filter(|at| matches!(bytes[*at], b'}' | b']') && !matches!(bytes[at - 1], b'{' | b'['))
            .collect();
        let mut spoilt = text.clone();
        spoilt.insert(closers[nth.index(closers.len())], ',');
        let (plain, repaired) = (event(&text), event(&spoilt));
        prop_assert!(repaired.quirks.iter().any(|seen| seen.quirk == Quirk::TrailingComma), "{}", spoilt);
        prop_assert_eq!(repaired.fingerprint, plain.fingerprint);
        prop_assert_eq!((repaired.record, repaired.key()), (plain.record, plain.key()));
    }
}

#[test]
fn commas_that_stand_behind_no_value_stay_an_error() {
    for spoilt in [
        "{,}",
        "[,]",
        "[1,,]",
        "[,1]",
        "{\"a\":,}",
        "{\"a\",}",
        "[1 2]",
        "{\"a\":1,,\"b\":2}",
        ",",
        "[1],",
        "{} ,",
    ] {
        let body = format!("{{\"eventId\":\"e\",\"eventType\":\"Test\",\"eventDetails\":{spoilt}}}");
        let letter = normalise(&body);
        let is_invalid =
            matches!(&letter, Outcome::DeadLetter(letter) if letter.reason == Reason::InvalidJson);
        // `[1],` and `{} ,` end the details' own object, whose last comma is behind a value.
        assert_eq!(is_invalid, !matches!(spoilt, "[1]," | "{} ,"), "{spoilt}");
    }
}

#[test]
fn a_number_of_any_size_and_precision_is_kept_as_it_was_sent() {
    let body = r#"{"eventId":"e","eventType":"Subscribe","eventDetails":{"accountId":1e999,"x":0.10000000000000000000001}}"#;
    let extra: Vec<String> =
        event(body).values().filter_map(|value| value.as_text().map(str::to_owned)).collect();
    assert!(extra.contains(&"1e999".to_owned()));
    assert!(extra.contains(&r#"{"/eventDetails/x":0.10000000000000000000001}"#.to_owned()));
}
