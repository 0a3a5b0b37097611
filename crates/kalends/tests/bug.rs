//! A bug ends the process with 70, whichever thread it is in: a daemon with a dead thread would look alive and do nothing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{env, process::Command, thread};

use kalends::{commands, output::logging};
use kalends_settings::{Log, LogFormat, LogLevel};

/// Says to this test, run again as a process of its own, whose bug it is to have.
const BUG: &str = "KALENDS_TEST_BUG_OF";

#[test]
fn a_bug_ends_the_process_with_70() {
    match env::var(BUG).as_deref() {
        Ok("daemon") => {
            logging::start(Log { level: LogLevel::Warn, format: LogFormat::Text });
            logging::exit_on_panic();
        }
        Ok(_) => commands::exit_on_panic(),
        Err(_) => return in_processes_of_their_own(),
    }
    thread::spawn(|| panic!("a planted fault")).join().unwrap();
}

fn in_processes_of_their_own() {
    for whose in ["daemon", "command"] {
        let mut again = Command::new(env::current_exe().unwrap());
        let output = again
            .args(["--exact", "a_bug_ends_the_process_with_70", "--nocapture"])
            .env(BUG, whose)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(70), "{whose}: {said}");
        for part in ["this is a bug of kalends, please report it", "a planted fault", "tests/bug.rs"] {
            assert!(said.contains(part), "{whose}: {said}");
        }
    }
}
