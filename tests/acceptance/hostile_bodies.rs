//! Bodies that are made to cost much: the memory they take stays within a small multiple of their size.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use kalends_tests::{Installation, config};

/// The largest body that the listener takes by default.
const SIZE: usize = 1 << 20;

/// Most memory for such a body, from its bytes to the record as JSON text.
const MOST: u64 = 64 << 20;

/// `open`, then `piece` as often as the size allows, then `close`; `#` in a piece is its number.
fn body(open: &str, piece: &str, close: &str) -> String {
    let mut body = open.to_owned();
    for number in 0_u32.. {
        let piece = piece.replace('#', &format!("{number:x}"));
        if body.len() + piece.len() + close.len() > SIZE {
            break;
        }
        body.push_str(&piece);
    }
    body + close
}

fn hostile() -> Vec<(&'static str, String)> {
    let details =
        |inner: &str| format!(r#"{{"eventId":"e","eventType":"Subscribe","eventDetails":{{{inner}"#);
    let tags = details(r#""subscription":{"calendarTags":["#);
    let members = |piece: &str| body(&details(""), piece, r#""z":0}}"#);
    let elements = |piece: &str, last: &str| body(&tags, piece, &format!("{last}]}}}}}}"));
    vec![
        ("unknown fields", members(r##""#":1,"##)),
        ("one unknown field again and again", members(r#""a":1,"#)),
        ("one field again and again", members(r#""accountCode":1,"#)),
        ("one field in another case", members(r##""ACCOUNTCODE":"#","##)),
        ("names to be escaped", members(r#""~/~/~/#":1,"#)),
        ("tags without id and text", elements("{},", "{}")),
        ("tags that are no objects", elements("1,", "1")),
        ("tags of half", elements(r#"{"tagId":1},"#, "{}")),
        ("tags with unknown fields", elements(r#"{"a":1},"#, "{}")),
        ("commas too many", body(&details(r#""a":["#), "[1,],", "1]}}")),
        ("halves of surrogates", body(&details(r#""accountName":""#), r"\ud800", r#""}}"#)),
        ("depth", "[".repeat(SIZE)),
        ("a long number as id", format!(r#"{{"eventId":{}}}"#, "1".repeat(SIZE - 20))),
        (
            "quotes in a test",
            body(r#"{"eventId":"e","eventType":"Test","eventDetails":{"a":""#, r#"\""#, r#""}}"#),
        ),
    ]
}

/// The most memory that a process has had at once, in bytes.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn no_body_takes_more_memory_than_a_small_multiple_of_its_size() {
    let installation = Installation::new(&config::files()).unwrap();
    for (what, body) in hostile() {
        let mut command = installation.command(["explain", "--json", "--lines", "-"]).unwrap();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // Once it has answered, it waits for the next line and can be looked at.
        let mut after = |line: &str| {
            input.write_all(line.as_bytes()).unwrap();
            input.write_all(b"\n").unwrap();
            let mut answer = Vec::new();
            output.read_until(b'\n', &mut answer).unwrap();
            assert!(!answer.is_empty(), "{what}: it has ended");
            peak(child.id())
        };
        let before = after("{}");
        let more = after(&body) - before;
        drop(input);
        assert!(child.wait().unwrap().success(), "{what}");
        assert!(more <= MOST, "{what}: {} KiB for a body of {} KiB", more / 1024, body.len() / 1024);
    }
}
