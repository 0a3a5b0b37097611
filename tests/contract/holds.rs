//! Every hold can be found on the page that says how to end it.

use std::fs;

use super::{hints::joined, sources::root, sources::rust_files};

const PAGE: &str = "docs/tasks/end-a-hold.md";

/// What begins a hold whose words stand right there.
const MAKERS: [&str; 3] = ["Failure::hold(", "Trouble::hold(", "Self::hold("];

/// Words of holds whose message is made elsewhere than where they are made holds, by the file that makes them.
const ELSEWHERE: [(&str, &[&str]); 12] = [
    ("delivery/src/sink_loop.rs", &["refused ("]),
    ("delivery/src/sink_loop/source.rs", &["events through journal position", "are no longer kept"]),
    (
        "sink-kafka/src/client/last_error.rs",
        &["check sasl.mechanism", "certificate verify failed", "grant this user"],
    ),
    ("sink-kafka/src/producer/verdict.rs", &["refuses records"]),
    (
        "sink-kafka/src/registry/ids.rs",
        &["the schema registry doesn't answer", "refuses the credentials", "doesn't take the schema"],
    ),
    (
        "sink-kafka/src/sink.rs",
        &["deletes what is old, and with it the position of a sink", "that was not announced"],
    ),
    ("sink-kafka/src/topics.rs", &["no such topic", "creating failed", "no right to topic"]),
    ("sink-postgres/src/trouble.rs", &["SQLSTATE"]),
    (
        "sink-http/src/answer.rs",
        &[
            "redirects, which is not followed",
            "does not take the token",
            "wants to be paid",
            "does not let the request in",
            "does not allow it",
            "has nothing that takes this request",
            "wants a proxy's credentials",
            "is gone and wants no more",
            "does not know this request",
            "answers what is not known here",
            "is not trusted",
            "is a link-local address",
        ],
    ),
    ("sink-http/src/answer/failed.rs", &["accounts for"]),
    ("sink-http/src/store/memory.rs", &["is in use by another process", "can't be used"]),
    (
        "sink-files/src/error.rs",
        &[
            "is in use by another process",
            "so it is unknown what has been delivered",
            "shows that files have been published",
            "exists already and is never overwritten",
            "can't be a folder",
            "this is a bug in kalends",
            "let kalends' user write there",
            "mount it writable",
            "something else has that name",
            "all topic folders must be on the file system of the sink's directory",
            "shorten the topic's or the directory's name",
        ],
    ),
];

/// The sources that make holds, each with its path below `crates` and without tests and comments.
fn sources() -> Vec<(String, String)> {
    let crates = root().join("crates");
    let read = |file: std::path::PathBuf| {
        let name = file.strip_prefix(&crates).ok()?.to_str()?.to_owned();
        let is_meant = (name.starts_with("delivery/src/") || name.starts_with("sink"))
            && name.contains("/src/")
            && !name.contains("/tests")
            && !name.contains("conformance");
        let text = fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        is_meant.then(|| (name, joined(&lines.collect::<Vec<_>>().join("\n"))))
    };
    rust_files().into_iter().filter_map(read).collect()
}

/// What stands between the parentheses, of which the first is passed.
fn arguments(text: &str) -> &str {
    let (mut depth, mut is_text, mut is_escaped) = (1, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text && depth == 1 => return &text[..at],
            ')' if !is_text => depth -= 1,
            _ => {}
        }
    }
    text
}

/// The first words of a text that are always the same: three at least, for fewer can't be searched for.
fn first_words(text: &str) -> Option<&str> {
    let parts =
        text.split(['{', '}', '`', ':', ';']).map(|part| part.trim_matches([' ', ',', '.', '(', ')']));
    parts.into_iter().find(|part| part.split_whitespace().count() >= 3)
}

#[test]
fn every_hold_is_found_on_its_page_by_its_first_words() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap().replace('\n', " ");
    let sources = sources();
    let mut seen = 0;
    for (file, text) in &sources {
        let makers = MAKERS.iter().flat_map(|maker| text.match_indices(maker));
        for (at, maker) in makers.filter(|(at, _)| !text[..*at].ends_with("fn ")) {
            let arguments = arguments(&text[at + maker.len()..]);
            let words: Vec<_> = arguments.split('"').skip(1).step_by(2).filter_map(first_words).collect();
            seen += 1;
            assert!(
                !words.is_empty() || ELSEWHERE.iter().any(|(known, _)| known == file),
                "{file}: the words of this hold are not known here: {arguments}"
            );
            for words in words {
                assert!(page.contains(words), "{PAGE} has no section with the words `{words}` ({file})");
            }
        }
    }
    assert!(seen > 30, "only {seen} were found");
    for (file, words) in ELSEWHERE {
        assert!(sources.iter().any(|(name, _)| name == file), "{file} is gone");
        for words in words {
            assert!(page.contains(words), "{PAGE} has no section with the words `{words}` ({file})");
            let is_said = sources.iter().any(|(_, text)| text.contains(words));
            assert!(is_said, "nothing says `{words}` any more ({file})");
        }
    }
}
