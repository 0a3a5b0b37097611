//! Every command in README and docs does what it says, run as its reader would run it.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use clap::Parser;
use kalends::cli::Cli;
use kalends_tests::{
    Daemon, Installation, config,
    documents::{self, Kind, tested_by},
    event, program,
    tree::files_under,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs lines of a shell in `folder` as somebody who has kalends on the path.
fn shell(script: &str, folder: &Path) -> Command {
    let programs = program().unwrap().parent().unwrap().display().to_string();
    let path = format!("{programs}:{}", env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder).stdin(Stdio::null());
    command
        .env("PATH", path)
        .env("HOME", folder)
        .env("KALENDS_CONFIG", folder.join("kalends.yaml"))
        .env("KEY", "one");
    command
}

fn succeeds(output: &Output, what: &str) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{what}\n{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// A daemon that has delivered a dead letter and an event, and the configuration that finds it.
struct Running {
    installation: Installation,
    daemon: Daemon,
}

impl Running {
    fn start() -> Self {
        let configuration = config::files();
        let installation = Installation::new(&configuration).unwrap();
        let daemon = installation.start().unwrap();
        daemon.post("no event").unwrap();
        daemon.post(event::webhook("a", 1)).unwrap();
        daemon.wait_until_delivered(&["files"]).unwrap();
        let place = installation.directory().display();
        let found = configuration
            .replace(
                "listen: { address: 127.0.0.1:0 }",
                &format!("listen: {{ address: {} }}", daemon.public()),
            )
            .replace("admin: { address: 127.0.0.1:0 }", &format!("admin: {{ address: {} }}", daemon.admin()))
            .replace("./", &format!("{place}/"));
        installation.configure(&found).unwrap();
        Self { installation, daemon }
    }

    /// A new folder with what the pages take for granted.
    fn folder(&self, page: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(self.installation.path("kalends.yaml"), folder.path().join("kalends.yaml")).unwrap();
        fs::write(folder.path().join("webhook.json"), event::webhook("a", 1)).unwrap();
        if page == "docs/run/own-schemas.md" {
            fs::create_dir(folder.path().join("schemas")).unwrap();
            let schema = root().join("crates/normalise/schemas/Subscribe.avsc");
            fs::copy(schema, folder.path().join("schemas/subscribe.avsc")).unwrap();
            let example = documents::json_blocks(&root(), page).unwrap().swap_remove(0);
            fs::write(folder.path().join("schemas/SubscriptionPaused.avsc"), example).unwrap();
            let configuration = fs::read_to_string(folder.path().join("kalends.yaml")).unwrap();
            let configuration = format!("{configuration}schemas: {{ directory: ./schemas }}\n");
            fs::write(folder.path().join("kalends.yaml"), configuration).unwrap();
        }
        folder
    }

    /// A command with something in the place of its placeholders.
    fn filled(&self, command: &str) -> String {
        let files = files_under(&self.installation.path("events")).unwrap();
        let avro = files.iter().find(|file| file.extension().is_some_and(|ending| ending == "avro")).unwrap();
        let name = if command.contains("schemas show") { "Subscribe" } else { "files" };
        let word = |word: &str| match word {
            "FILE" => "kalends.yaml".to_owned(),
            "FILE.avro" => avro.display().to_string(),
            "NAME" => name.to_owned(),
            "POSITION" => "1".to_owned(),
            "WHERE" => "latest".to_owned(),
            "COMMAND" => "run".to_owned(),
            "DIR" => self.installation.path("journal").display().to_string(),
            other => other.to_owned(),
        };
        let mut filled = command.split(' ').map(word).collect::<Vec<_>>().join(" ");
        if filled.starts_with("kalends send") {
            // Fewer events say the same of the command.
            filled = filled.replace("--count 6000", "--count 16");
            filled = format!("{filled} --url http://{}{}", self.daemon.public(), config::PATH);
        }
        filled
    }
}

/// What a sentence says is a command with all that it needs, or no more than a command's name.
fn of_sentence(command: &str) -> String {
    let is_whole = !command.starts_with("kalends ") || Cli::try_parse_from(command.split(' ')).is_ok();
    // What changes something only tells, and ends with 64, until it has `--yes`.
    let tells = ["kalends sinks seek", "kalends journal adopt"].iter().any(|name| command.starts_with(name));
    if tells && is_whole && !command.contains("--yes") && !command.contains("--cancel") {
        return format!("{command} || [ $? = 64 ]");
    }
    if is_whole || command.ends_with("--help") { command.to_owned() } else { format!("{command} --help") }
}

#[test]
fn every_command_of_readme_and_docs_runs() {
    let running = Running::start();
    let commands = documents::commands(&root()).unwrap();
    let mut here: Vec<_> = commands.iter().filter(|command| tested_by(command).is_none()).collect();
    // `task_pages` runs those, from the state that each is for.
    here.retain(|command| !command.page.starts_with("docs/tasks/"));
    assert!(here.len() > 30, "{here:?}");
    here.retain(|command| is_there(command.text.contains("openssl"), "openssl"));
    // What a sentence says again and again is run once.
    let mut seen = std::collections::BTreeSet::new();
    here.retain(|command| command.kind == Kind::Shell || seen.insert(command.text.clone()));
    for block in here.chunk_by(|one, other| {
        one.kind == Kind::Shell && (&one.page, one.block) == (&other.page, other.block)
    }) {
        let (page, line) = (&block[0].page, block[0].line);
        let script: Vec<_> = block
            .iter()
            .map(|command| match command.kind {
                Kind::Shell => running.filled(&command.text),
                Kind::Sentence | Kind::Code => of_sentence(&running.filled(&command.text)),
            })
            .collect();
        let script = script.join("\n");
        let folder = running.folder(page);
        let output = shell(&script, folder.path()).output().unwrap();
        let said = succeeds(&output, &format!("{page}:{line}: {script}"));
        assert!(
            !script.contains("dgst")
                || said.contains("51e781d45919978d595f689b9d5a0fd7cfd82901f220aa9b131bd0fcacf8bb46"),
            "{script}: {said}"
        );
    }
}

/// Whether a program is there, where it is needed.
fn is_there(is_needed: bool, program: &str) -> bool {
    let is_there = !is_needed || Command::new(program).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("no {program} here: what documents do with it is left out");
    }
    is_there
}

/// The first block of README that is a configuration, on paths and ports of this test.
fn readmes_configuration(place: &Path) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().skip_while(|line| !line.starts_with("    listen:"));
    let block: Vec<_> = lines.take_while(|line| line.starts_with("    ")).map(|line| &line[4..]).collect();
    block.join("\n").replace("/var/lib/kalends", &place.display().to_string())
}

#[test]
fn the_readmes_tour_receives_and_delivers() {
    if !is_there(true, "openssl") {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("kalends.yaml"), readmes_configuration(place.path())).unwrap();
    let commands = documents::commands(&root()).unwrap();
    let tour = commands.iter().find(|command| command.text.starts_with("export ROKT_TOKEN")).unwrap();
    let tour = commands.iter().filter(|command| command.page == "README.md" && command.block == tour.block);
    let [export, check, run] = tour.map(|command| command.text.as_str()).collect::<Vec<_>>()[..] else {
        panic!("three commands")
    };
    let script = format!("{export}\n{check}\necho -n $ROKT_TOKEN > token\nexec {run}");
    let mut command = shell(&script, place.path());
    for (key, value) in [
        ("LISTEN__ADDRESS", "127.0.0.1:0"),
        ("ADMIN__ADDRESS", "127.0.0.1:0"),
        ("LOG__FORMAT", "json"),
        ("SINKS__FILES__ROLL_EVERY", "1s"),
        ("STOP_TIMEOUT", "1s"),
    ] {
        command.env(format!("KALENDS__{key}"), value);
    }
    let mut daemon = Daemon::spawn(command.stdout(Stdio::null()), place.path().join("log")).unwrap();
    daemon.wait_until_ready().unwrap();
    let token = fs::read_to_string(place.path().join("token")).unwrap();
    assert_eq!(token.len(), 64);
    let body = event::webhook("a", 1);
    let sent = |path: &str| daemon.send("POST", path, &[], body.as_bytes()).unwrap().status;
    assert_eq!(sent(config::PATH), 401);
    assert_eq!(sent(&format!("{}?token={token}", config::PATH)), 200);
    daemon.wait_until_delivered(&["files"]).unwrap();
    let status: Value = daemon.status().unwrap();
    assert_eq!(status["sinks"].as_array().unwrap().len(), 2, "{status}");
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

#[test]
fn the_senders_sample_is_taken_once_as_its_page_says() {
    if !is_there(true, "curl") {
        return;
    }
    let guarded = "path: /webhooks/rokt, tokens: [{ file: ./token }]";
    let installation = Installation::new(&config::files().replace("path: /webhooks/rokt", guarded)).unwrap();
    fs::write(installation.path("token"), "correct-horse").unwrap();
    let daemon = installation.start().unwrap();
    let commands = documents::commands(&root()).unwrap();
    let mut of_page = commands.iter().filter(|command| command.page == "docs/run/sender.md");
    let post = of_page.find(|command| command.text.starts_with("curl -i")).unwrap();
    let post = post.text.replace("127.0.0.1:8080", &daemon.public().to_string());
    let said = |token: &str| succeeds(&shell(&post.replace('…', token), &root()).output().unwrap(), &post);
    assert!(said("wrong").starts_with("HTTP/1.1 401 "));
    for _ in 0..2 {
        let said = said("correct-horse");
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("\r\n\r\n"), "{said}");
        assert!(said.contains("content-length: 0\r\n"), "{said}");
    }
    daemon.wait_until_delivered(&["files"]).unwrap();
    let records = installation.records().unwrap();
    assert_eq!(records.len(), 1, "the second is a duplicate");
    assert!(installation.path("events/rokt.calendar.subscribe").is_dir());
}

#[test]
fn the_demo_stays_until_it_is_interrupted() {
    let installation = Installation::new("").unwrap();
    let mut demo = installation.command(["demo"]).unwrap();
    let mut demo = demo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut talk = BufReader::new(demo.stderr.take().unwrap()).lines();
    assert!(talk.any(|line| line.unwrap().starts_with("still running: ")), "it ended");
    let pid = Pid::from_raw(i32::try_from(demo.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(talk.any(|line| line.unwrap().starts_with("stopped: ")), "it says nothing of its files");
    let said = succeeds(&demo.wait_with_output().unwrap(), "demo");
    assert!(said.contains("rokt.calendar.subscribe"), "{said}");
}
