//! What people see on a terminal, and what programs are spared.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    fs::{self, File, OpenOptions},
    io::Read,
    path::Path,
    process::{Command, Stdio},
};

use bytes::Bytes;
use kalends_journal_local::{Journal, Metrics, Settings};
use kalends_receipt::Envelope;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// Runs `kalends` in `directory` with its standard error on a terminal; what the terminal was sent.
fn on_a_terminal(directory: &Path, args: &[&str], variables: &[(&str, &str)]) -> String {
    sent_to_a_terminal(directory, args, variables, |command, end| {
        command.stdout(Stdio::null()).stderr(Stdio::from(end));
    })
}

/// The same with its standard output on a terminal.
fn printed_on_a_terminal(directory: &Path, args: &[&str]) -> String {
    sent_to_a_terminal(directory, args, &[], |command, end| {
        command.stdout(Stdio::from(end)).stderr(Stdio::null());
    })
}

fn sent_to_a_terminal(
    directory: &Path,
    args: &[&str],
    variables: &[(&str, &str)],
    connect: impl FnOnce(&mut Command, File),
) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let end = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kalends"));
    command
        .args(args)
        .current_dir(directory)
        .env_clear()
        .env("TERM", "xterm")
        .envs(variables.iter().copied());
    connect(command.stdin(Stdio::null()), end);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut sent = Vec::new();
    let mut terminal = File::from(terminal);
    let mut chunk = [0; 4096];
    // A terminal that nobody holds any more ends with an error.
    while let Ok(count) = terminal.read(&mut chunk) {
        if count == 0 {
            break;
        }
        sent.extend_from_slice(&chunk[..count]);
    }
    child.wait().unwrap();
    String::from_utf8_lossy(&sent).into_owned()
}

/// A folder with a configuration, and a journal of a few receipts.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let configuration = "\
listen: { address: 127.0.0.1:0 }
admin: { address: 127.0.0.1:0 }
endpoints: { main: {} }
journal: { directory: ./journal }
sinks: { files: { kind: files, directory: ./events } }
";
    fs::write(folder.path().join("kalends.yaml"), configuration).unwrap();
    let journal = Journal::open(Settings::new(folder.path().join("journal")), Metrics::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for number in 1..=5 {
        let envelope =
            Envelope { endpoint: "main", received_at: number, traceparent: None, tracestate: None };
        let mut receipt = Vec::new();
        envelope.write_head(&mut receipt);
        // What a stranger's body holds for a terminal: a change of its title, and the clearing of its screen (C1).
        let body = format!(
            "{{\"eventId\":\"{number}\",\"eventType\":\"Test\",\n\"x\":\"\u{1b}]0;x\u{7}\u{9b}2J\"}}"
        );
        receipt.extend_from_slice(body.as_bytes());
        runtime.block_on(journal.appender().append(number, Bytes::from(receipt))).unwrap();
    }
    journal.close().unwrap();
    folder
}

#[test]
fn long_work_shows_how_far_it_is_on_a_terminal_alone() {
    let folder = folder();
    for (args, sign) in [
        (&["journal", "verify", "-c", "kalends.yaml"][..], "left"),
        (&["dead-letters", "list", "-c", "kalends.yaml"], "webhooks"),
        (&["replay", "-c", "kalends.yaml", "--sink", "files"], "webhooks"),
        (&["send", "--url", "http://127.0.0.1:1/", "--count", "3"], "events"),
    ] {
        let sent = on_a_terminal(folder.path(), args, &[]);
        assert!(sent.contains(sign), "{args:?}: {sent:?}");
        let mut piped = Command::new(env!("CARGO_BIN_EXE_kalends"));
        let piped =
            piped.args(args).current_dir(folder.path()).env_clear().env("TERM", "xterm").output().unwrap();
        let piped = String::from_utf8(piped.stderr).unwrap();
        assert!(!piped.contains(" left") && !piped.contains('\u{1b}'), "{args:?}: {piped:?}");
    }
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let folder = folder();
    // One speaks in lines of its log before it ends, the other is the command line's own complaint.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let variables = [("KALENDS__LISTEN__ADDRESS", address.as_str())];
    for args in [&["run", "-c", "kalends.yaml"][..], &["frob"]] {
        let plain = [variables.as_slice(), &[("NO_COLOR", "1")]].concat();
        assert!(on_a_terminal(folder.path(), args, &variables).contains("\u{1b}["), "{args:?}");
        assert!(!on_a_terminal(folder.path(), args, &plain).contains('\u{1b}'), "{args:?}");
    }
}

#[test]
fn body_takes_no_hold_of_the_terminal_and_goes_into_a_pipe_as_it_came() {
    let folder = folder();
    for args in [
        &["journal", "cat", "-c", "kalends.yaml", "--at", "1", "--body"][..],
        &["journal", "cat", "-c", "kalends.yaml", "--at", "1"],
        &["dead-letters", "show", "-c", "kalends.yaml", "1", "--body"],
    ] {
        let sent = printed_on_a_terminal(folder.path(), args);
        assert!(sent.contains("eventId") && sent.contains("u001b"), "{args:?}: {sent:?}");
        assert!(!sent.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{args:?}: {sent:?}");
    }
    let piped = Command::new(env!("CARGO_BIN_EXE_kalends"))
        .args(["journal", "cat", "-c", "kalends.yaml", "--at", "1", "--body"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(String::from_utf8(piped.stdout).unwrap().contains("\u{1b}]0;x\u{7}\u{9b}2J"));
}
