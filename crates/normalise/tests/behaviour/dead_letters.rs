//! Nothing that arrives stops the normaliser, and a dead letter tells no secret.

use kalends_normalise::{Event, Outcome, Reason};
use proptest::prelude::*;

use crate::{event, normalise};

fn reason(body: impl AsRef<[u8]>) -> Option<Reason> {
    match normalise(body) {
        Outcome::Event(_) => None,
        Outcome::DeadLetter(letter) => Some(letter.reason),
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        drop(normalise(&bytes));
        let mut details = b"{\"eventId\":\"e\",\"eventType\":\"Test\",\"eventDetails\":".to_vec();
        details.extend_from_slice(&bytes);
        drop(normalise(&details));
        details.push(b'}');
        drop(normalise(&details));
    }

    #[test]
    fn no_text_of_json_marks_makes_it_panic(text in "[\\[\\]{}\",:\\\\u dD8e0-9tfn\n.-]{0,60}") {
        drop(normalise(&text));
    }

    #[test]
    fn a_message_holds_no_value_of_the_body(secret in "[a-z]{12}", cut in 0_usize..80) {
        let body = format!("{{\"eventId\":[\"{secret}\"],\"eventType\":\"{secret}\",\"{secret}\":{{\"x\":\"{secret}\"}}}}");
        for body in [body.as_str(), body.get(..cut).unwrap_or_default()] {
            if let Outcome::DeadLetter(letter) = normalise(body) {
                prop_assert!(!letter.message.contains(&secret));
                let debug = format!("{letter:?}");
                prop_assert!(!debug.contains(&secret), "{debug}");
            }
        }
    }
}

#[test]
fn a_body_of_nothing_but_depth_is_refused_without_recursion_trouble() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        assert_eq!(reason(deep(200_000)), Some(Reason::TooDeep));
        assert_eq!(reason(deep(129)), Some(Reason::TooDeep));
        assert_eq!(reason(deep(128)), Some(Reason::NotAnEvent));
        assert_eq!(reason(open.repeat(200_000)), Some(Reason::InvalidJson));
    }
}

#[test]
fn a_dead_letter_for_depth_says_what_is_known_and_where() {
    let nested = format!("{}{}", "[".repeat(128), "]".repeat(128));
    let body = format!("{{\"eventId\":\"e1\",\"eventType\":\"Subscribe\",\n\"eventDetails\":{nested}}}");
    let Outcome::DeadLetter(letter) = normalise(body) else { panic!() };
    assert_eq!(letter.message, "the body nests deeper than 128 levels at line 2 column 143");
    assert_eq!((letter.event_id.as_deref(), letter.event_type.as_deref()), (Some("e1"), Some("Subscribe")));
}

#[test]
fn a_body_of_nothing_but_oddities_reports_a_bounded_number() {
    let odd = "\"new\":1,".repeat(20_000);
    let body = format!(
        "{{\"eventId\":\"e\",\"eventType\":\"Subscribe\",\"eventDetails\":{{\"subscription\":{{{odd}}}}}}}"
    );
    let event = event(body);
    assert_eq!(event.quirks.len(), Event::MAX_QUIRKS);
}

#[test]
fn a_body_of_nothing_but_duplicates_is_read_in_time() {
    let tags = "{\"tagId\":\"t\"},".repeat(20_000);
    let twins = "\"accountId\":1,".repeat(20_000);
    let arrays = "\"calendarTags\":[{}],".repeat(10_000);
    let body = format!(
        "{{\"eventId\":\"e\",\"eventType\":\"Subscribe\",\"eventDetails\":{{\"subscription\":{{\"calendarTags\":[{tags}]}},{twins}\"subscription\":{{{arrays}}}}}}}"
    );
    assert_eq!(event(body).event_type(), "Subscribe");
}

#[test]
fn debug_output_of_an_event_shows_nobodys_data() {
    let event = event(include_bytes!("../../../../tests/fixtures/samples/subscribe.json"));
    assert!(!format!("{event:?}").contains("john.smith"));
}
