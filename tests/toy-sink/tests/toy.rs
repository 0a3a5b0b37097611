//! A kind of sink that kalends does not know is one to it by a line in a list.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Longest wait for what must come.
const TIMEOUT: Duration = Duration::from_mins(1);

struct Installation {
    folder: tempfile::TempDir,
    daemon: Option<Child>,
    port: u16,
    admin: u16,
}

impl Installation {
    fn new() -> Self {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder: tempfile::tempdir().unwrap(), daemon: None, port: free(), admin: free() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a configuration with these sinks.
    fn configure(&self, sinks: &str) {
        let (folder, port, admin) = (self.folder.path().display(), self.port, self.admin);
        let text = format!(
            "listen: {{ address: 127.0.0.1:{port} }}\nadmin: {{ address: 127.0.0.1:{admin} }}\n\
             endpoints: {{ main: {{}} }}\njournal: {{ directory: {folder}/journal }}\nsinks:\n{sinks}"
        );
        fs::write(self.path("kalends.yaml"), text.replace("FOLDER", &folder.to_string())).unwrap();
    }

    fn command(words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kalends-with-toy"));
        command.args(words).env("SEAL", "hunter2");
        command
    }

    /// The exit code, standard output and standard error of a command on this configuration.
    fn run(&self, words: &[&str]) -> (i32, String, String) {
        let file = self.path("kalends.yaml");
        let output = Self::command(words).arg("-c").arg(file).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn start(&mut self) {
        let log = fs::File::create(self.path("log")).unwrap();
        let file = self.path("kalends.yaml");
        self.daemon = Some(Self::command(&["run"]).arg("-c").arg(file).stderr(log).spawn().unwrap());
        wait(|| self.run(&["status", "--ready"]).0 == 0);
    }

    fn send(&self, count: &str) {
        let url = format!("http://127.0.0.1:{}/webhooks/rokt", self.port);
        let sent = Self::command(&["send", "--count", count, "--url", &url]).output().unwrap();
        assert!(sent.status.success(), "{sent:?}");
    }

    fn signal(&self, name: &str) {
        let id = self.daemon.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            daemon.kill().ok();
            daemon.wait().ok();
        }
    }
}

fn wait(mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < TIMEOUT, "waited in vain");
        sleep(Duration::from_millis(50));
    }
}

/// What a file of the toy has: its seal, and each record's stream.
fn kept(file: &Path) -> (String, Vec<String>) {
    let text = fs::read_to_string(file).unwrap_or_default();
    let kept: Value = serde_json::from_str(&text).unwrap_or_default();
    let streams = kept["records"].as_array().into_iter().flatten();
    let streams = streams.map(|record| record[1].as_str().unwrap().to_owned()).collect();
    (kept["seal"].as_str().unwrap_or_default().to_owned(), streams)
}

#[test]
fn faults_of_a_kind_are_told_all_at_once_with_line_column_and_suggestion() {
    let installation = Installation::new();
    installation.configure(
        "  a: { kind: toy, fil: x }\n  b: { kind: toy, file: f, strip_nul: true }\n  \
         c: { kind: toy, file: f, batch: 1.5, refuse: Subscrib }\n  d: { kind: tov }\n  e: { kind: toy, file: g, seal: hunter2 }\n  \
         f: {}\n  g: { kind: toy, file: h, batch: 0, only: [Tset] }\n",
    );
    let (code, _, told) = installation.run(&["check"]);
    let told = told.replace(&format!("{}/", installation.folder.path().display()), "");
    let expected = [
        "kalends.yaml:6:3: sinks.a: the key `file` is missing; add it",
        "kalends.yaml:6:19: sinks.a.fil: unknown key `fil`; did you mean `file`?",
        "kalends.yaml:7:28: sinks.b.strip_nul: unknown key `strip_nul`; known here: file, seal, batch, refuse, start, required, only, kind",
        "kalends.yaml:8:19: sinks.c.file: sink `b` writes to `f`, too, where each event would stand twice; write the path of another file",
        "kalends.yaml:8:28: sinks.c.batch: expected a whole number, found a fraction",
        "kalends.yaml:8:40: sinks.c.refuse: unknown event type `Subscrib`; did you mean `Subscribe`?",
        "kalends.yaml:9:8: sinks.d.kind: unknown kind of sink `tov`; did you mean `toy`?",
        "kalends.yaml:10:28: sinks.e.seal: a secret is never written in the configuration; write { env: NAME } or { file: PATH }",
        "kalends.yaml:11:3: sinks.f: a sink needs a kind; add `kind: files` or `kind: toy`",
        "kalends.yaml:12:28: sinks.g.batch: nothing could be committed; write at least 1",
        "kalends.yaml:12:45: sinks.g.only[0]: unknown event type `Tset`; did you mean `Test`?",
    ];
    assert_eq!((code, told.lines().collect::<Vec<_>>()), (78, expected.to_vec()));
}

#[test]
fn schema_and_configuration_in_effect_have_the_keys_of_a_kind() {
    let installation = Installation::new();
    installation.configure("  t: { kind: toy, file: FOLDER/kept, seal: { env: SEAL }, only: [test] }\n");
    let (code, shown, _) = installation.run(&["config", "--json"]);
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let sink = &shown["sinks"]["t"];
    assert_eq!((code, &sink["kind"], &sink["required"]), (0, &"toy".into(), &false.into()));
    assert_eq!((&sink["seal"]["env"], &sink["only"][0]), (&"SEAL".into(), &"Test".into()));
    assert!(sink.get("strip_nul").is_none(), "a key that the kind does not take: {sink}");
    let schema: Value = serde_json::from_str(&installation.run(&["config", "--schema"]).1).unwrap();
    let toy = schema["$defs"]["Sink"]["oneOf"].as_array().unwrap().last().unwrap();
    let keys: Vec<&String> = toy["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["batch", "file", "kind", "only", "refuse", "required", "seal", "start"]);
    assert_eq!(
        (&toy["required"], &toy["properties"]["required"]["default"]),
        (&serde_json::json!(["kind", "file"]), &false.into())
    );
}

#[test]
fn kind_is_tried_delivered_to_explained_shown_reloaded_and_replayed() {
    let mut installation = Installation::new();
    installation.configure("  t: { kind: toy, file: FOLDER/missing/kept }\n");
    let (code, _, told) = installation.run(&["check", "--connect"]);
    assert!(code == 78 && told.contains("missing is no folder: make it"), "{told}");

    installation
        .configure("  t: { kind: toy, file: FOLDER/kept, seal: { env: SEAL }, refuse: unsubscribe }\n");
    let (code, told, _) = installation.run(&["check", "--connect"]);
    assert!(code == 0 && told.contains("sink t: 10 streams of t into"), "{told}");
    installation.start();
    installation.send("8");
    let first = installation.path("kept");
    wait(|| kept(&first).1.len() == 8);
    let (seal, streams) = kept(&first);
    assert_eq!(seal, "hunter2");
    assert!(
        streams.contains(&"subscribe".to_owned()) && streams.contains(&"deadletter".to_owned()),
        "{streams:?}"
    );
    assert!(
        !streams.contains(&"unsubscribe".to_owned()),
        "what the sink refuses is a dead letter: {streams:?}"
    );

    let (_, status, _) = installation.run(&["status", "--json"]);
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["sinks"][0]["kind"], &status["sinks"][0]["name"]), (&"toy".into(), &"t".into()));
    let body = installation.path("body");
    fs::write(&body, r#"{"eventId":"e","eventType":"Test"}"#).unwrap();
    let (_, told, _) = installation.run(&["explain", body.to_str().unwrap()]);
    assert!(told.contains("toy: t ") && told.contains("(sink t)"), "{told}");
    let (_, told, _) = installation.run(&["explain", "--sink", "t", body.to_str().unwrap()]);
    assert!(told.contains(&format!("file         {}", first.display())), "{told}");
    let (code, _, told) = installation.run(&["schemas", "register"]);
    assert!(code == 78 && told.contains("no sink has a schema registry"), "{told}");

    installation.configure("  u: { kind: toy, file: FOLDER/other }\n");
    installation.signal("-HUP");
    let other = installation.path("other");
    wait(|| kept(&other).1.len() == 8);
    assert!(kept(&other).1.contains(&"unsubscribe".to_owned()));

    let (code, _, told) = installation.run(&["replay", "--sink", "u", "--id", "again"]);
    assert_eq!((code, kept(&installation.path("other.again")).1.len()), (0, 8), "{told}");
}
