use std::{
    collections::BTreeSet,
    io::Write,
    process::{Output, Stdio},
};

use kalends_tests::{Daemon, Installation, config, sample, tree::files_under};
use serde_json::Value;

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn explain_shows_topic_key_and_record_without_a_daemon() {
    let installation = Installation::new(&config::files()).unwrap();
    for sample in sample::seven().unwrap() {
        let file = installation.path("webhook.json");
        std::fs::write(&file, &sample.body).unwrap();
        let output = installation.run(["explain", "webhook.json"]).unwrap();
        assert!(output.status.success(), "{}: {}", sample.name, String::from_utf8_lossy(&output.stderr));
        let said = said(&output);
        let key = match sample.name {
            "unsubscribe" => "7ae10174-37fb-4448-8f61-2f86f167009e",
            "subscription-event-updated" | "subscription-event-deleted" => "391756",
            _ => "0f1d5918-052d-4915-89a7-8cc9c4d33492",
        };
        for part in [sample.topic().as_str(), key, "account_code"] {
            assert!(said.contains(part), "{}: no {part} in\n{said}", sample.name);
        }
        let mended = said.contains("trailing-comma");
        assert_eq!(mended, sample.name.starts_with("subscription-event-"), "{}:\n{said}", sample.name);
    }
}

#[test]
fn commands_of_whoever_is_on_call_need_no_secret() {
    let token = "/webhooks/rokt, tokens: [{ env: TOKEN_OF_THE_TEST }]";
    let key = "roll_every: 1s, privacy: { classes: { email: hash }, key: { env: KEY_OF_THE_TEST } }";
    let configuration = config::files().replace("/webhooks/rokt", token).replace("roll_every: 1s", key);
    let installation = Installation::new(&configuration).unwrap();
    let mut run = installation.command(["run", "--config", "kalends.yaml"]).unwrap();
    run.envs([
        ("TOKEN_OF_THE_TEST", "a-token-that-is-long-enough"),
        ("KEY_OF_THE_TEST", "a-key-that-is-long-enough"),
    ]);
    let mut daemon = Daemon::spawn(run.stdout(Stdio::null()), installation.path("log")).unwrap();
    daemon.wait_until_ready().unwrap();
    for command in [
        "status",
        "status --ready",
        "sinks list",
        "sinks resume files",
        "sinks seek files --to earliest --yes",
        "dead-letters list",
        "journal stat",
        "journal verify",
        "journal cat",
        "config",
        "schemas list",
    ] {
        let mut kalends = installation.command(command.split(' ')).unwrap();
        kalends.args(["-c", "kalends.yaml"]).env("KALENDS__ADMIN__ADDRESS", daemon.admin().to_string());
        let output = kalends.output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn explain_reads_standard_input_and_says_why_a_body_is_a_dead_letter() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut command = installation.command(["explain", "-"]).unwrap();
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"eventId\": }").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = said(&output);
    assert!(said.contains("invalid-json") && said.contains("rokt.calendar.dead-letter"), "{said}");
}

#[test]
fn send_posts_all_eight_types_and_names_what_was_answered() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    let url = format!("http://{}{}", daemon.public(), config::PATH);
    let output = installation
        .run(["send", "--url", &url, "--count", "24", "--connections", "3", "--out", "ids.txt"])
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    daemon.wait_until_delivered(&["files"]).unwrap();

    let records = installation.records().unwrap();
    let topics: BTreeSet<_> = records.iter().map(|record| record.topic.as_str()).collect();
    assert_eq!((records.len(), topics.len()), (24, 8), "{topics:?}");
    let answered = std::fs::read_to_string(installation.path("ids.txt")).unwrap();
    let answered: BTreeSet<_> = answered.lines().collect();
    let landed: BTreeSet<_> = records.iter().filter_map(|record| record.text("event_id")).collect();
    assert_eq!(answered, landed);
}

#[test]
fn cat_prints_each_record_as_a_line_of_json() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    for sample in sample::seven().unwrap() {
        daemon.post(&sample.body).unwrap();
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    daemon.terminate().unwrap();

    let files = files_under(&installation.path("events")).unwrap();
    let files: Vec<_> =
        files.into_iter().filter(|file| file.extension().is_some_and(|e| e == "avro")).collect();
    let arguments = std::iter::once("cat".into()).chain(files.iter().map(|file| file.as_os_str().to_owned()));
    let output = installation.run(arguments).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let records: Vec<Value> = said(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 7);
    let subscribe = records.iter().find(|record| record["event_type"] == "Subscribe").unwrap();
    assert_eq!(subscribe["email_address"], "john.smith@gmail.com");
    assert_eq!(subscribe["created_date_time_utc"], "2017-03-15T03:48:24.822Z");
    assert_eq!(subscribe["calendar_tag_texts"][0], "Team G");
}
