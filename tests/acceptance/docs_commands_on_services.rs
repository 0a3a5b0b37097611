//! Commands and programs of the docs that need a real broker and a real registry.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

use kalends_tests::{
    Daemon, Installation, config,
    documents::{self, Kind},
    kafka::Broker,
    postgres::Postgres,
    program,
    python::Python,
    sample, service,
    wait::PATIENCE,
    wait_until,
};

use crate::schema_registry::services;

fn of_kafkas_page() -> Vec<documents::Command> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    documents::commands(&root)
        .unwrap()
        .into_iter()
        .filter(|command| command.page == "docs/consume/kafka.md")
        .collect()
}

fn shell(script: &str, folder: &Path) -> Command {
    let programs = program().unwrap().parent().unwrap().display().to_string();
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder);
    command.env("PATH", format!("{programs}:{}", env::var("PATH").unwrap_or_default()));
    command
}

#[test]
fn schemas_are_registered_as_the_page_says() {
    let Some((broker, registry)) = services() else { return };
    let topics = "topics: { prefix: documented. }";
    let configuration =
        config::kafka_with_registry(broker.bootstrap(), registry.url(), "auto_register: false", topics);
    let installation = Installation::new(&configuration).unwrap();
    let is_documented = |subjects: &str| subjects.contains("documented.subscribe-value");
    let commands = of_kafkas_page();
    let commands = commands
        .iter()
        .filter(|command| command.kind == Kind::Shell && command.text.starts_with("kalends schemas"));
    let commands: Vec<_> = commands.map(|command| command.text.as_str()).collect();
    assert_eq!(commands.len(), 3, "{commands:?}");
    for command in commands {
        let output = shell(command, installation.directory()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && is_documented(&said),
            "{command}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let registered = is_documented(&registry.get("/subjects").unwrap().to_string());
        assert_eq!(registered, !command.ends_with("--dry-run"), "{command}");
    }
}

/// Starts a program and adds the lines that it prints until there are so many different ones; then ends it.
fn lines_of(program: &mut Command, mut read: BTreeSet<String>, count: usize) -> BTreeSet<String> {
    let mut program = program.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let (tell, told) = mpsc::sync_channel(count);
    let reader = thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    while read.len() < count
        && let Ok(line) = told.recv_timeout(PATIENCE * 2)
    {
        read.insert(line);
    }
    drop(told);
    program.kill().unwrap();
    program.wait().unwrap();
    // What it wanted to say beyond that nobody wanted to hear.
    reader.join().unwrap().ok();
    read
}

#[test]
fn the_pages_consumer_reads_every_record() {
    let Some(python) = Python::with_confluent().unwrap() else { return };
    let Some(broker) = Broker::start("documents").unwrap() else { return };
    let configuration = format!("{}schemas: {{ directory: ./schemas }}\n", config::kafka(broker.bootstrap()));
    let installation = Installation::new(&configuration).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let [schema, of_own_type] =
        documents::json_blocks(&root, "docs/run/own-schemas.md").unwrap().try_into().unwrap();
    fs::create_dir(installation.path("schemas")).unwrap();
    fs::write(installation.path("schemas/SubscriptionPaused.avsc"), schema).unwrap();
    let daemon = installation.start().unwrap();
    for sample in sample::seven().unwrap() {
        assert_eq!(daemon.post(&sample.body).unwrap().status, 200);
    }
    assert_eq!(daemon.post(&of_own_type).unwrap().status, 200);
    daemon.wait_until_delivered(&["kafka"]).unwrap();

    let page = of_kafkas_page();
    let consumer = page.iter().find(|command| command.kind == Kind::Code).unwrap();
    let before: Vec<_> = page
        .iter()
        .filter(|command| command.text.starts_with("mkdir ") || command.text.starts_with("for "))
        .collect();
    let script: Vec<_> = before.iter().map(|command| command.text.as_str()).collect();
    assert!(shell(&script.join("\n"), installation.directory()).status().unwrap().success());
    assert_eq!(fs::read_dir(installation.path("readers")).unwrap().count(), 11);

    fs::write(installation.path("consumer.py"), &consumer.text).unwrap();
    let start = page.iter().find(|command| command.text.starts_with("python3 consumer.py")).unwrap();
    let start = start.text.replace("localhost:9092", broker.bootstrap());
    let own = installation.path("readers/rokt.calendar.SubscriptionPaused.avsc");
    let hidden = installation.path("hidden");
    fs::rename(&own, &hidden).unwrap();
    let mut consumer = shell(&format!("exec {start}"), installation.directory());
    python.lend(&mut consumer);
    let ended = consumer.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("rokt.calendar.subscription-paused: readers/ lacks urn:avro:"), "{said}");
    assert!(!said.contains("Traceback"), "{said}");

    fs::rename(&hidden, &own).unwrap();
    let mut consumer = shell(&format!("exec {start}"), installation.directory());
    python.lend(&mut consumer);
    let first = String::from_utf8_lossy(&ended.stdout).into_owned();
    // What was read and not committed before the end comes again.
    let read = lines_of(&mut consumer, first.lines().map(str::to_owned).collect(), 8);
    assert_eq!(read.len(), 8, "{read:?}");
    assert!(read.iter().any(|line| line.contains("'email_address': 'ada@example.com'")), "{read:?}");
    for sample in sample::seven().unwrap() {
        let topic = sample.topic();
        let line = read
            .iter()
            .find(|line| line.starts_with(&format!("{topic} 0:")))
            .unwrap_or_else(|| panic!("{topic}: {read:?}"));
        assert!(line.contains("'event_type': '"), "{line}");
    }
}

/// The command of README that begins like this.
fn of_readme(words: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let commands = documents::commands(&root).unwrap();
    let mut commands = commands.into_iter().filter(|command| command.page == "README.md");
    commands.find(|command| command.text.starts_with(words)).unwrap_or_else(|| panic!("no {words}")).text
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// From the broker to the first events, by README alone.
#[test]
fn the_readmes_first_events_land_in_kafka() {
    let Some(broker) = Broker::start("first").unwrap() else { return };
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("config")).unwrap();
    let file = place.path().join("config/kafka.yaml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/kafka.yaml");
    let on = |broker: &str, public: &str, admin: &str| {
        let text = fs::read_to_string(&shipped).unwrap().replace("127.0.0.1:9092", broker);
        fs::write(&file, text.replace("127.0.0.1:8080", public).replace("127.0.0.1:9464", admin)).unwrap();
    };
    on(broker.bootstrap(), "127.0.0.1:0", "127.0.0.1:0");
    said(&mut shell(&of_readme("kalends check -c config/kafka.yaml --connect"), place.path()));
    let run = format!("exec {}", of_readme("kalends run -c config/kafka.yaml"));
    let mut run = shell(&run, place.path());
    run.env("KALENDS__LOG__FORMAT", "json").env("KALENDS__SINKS__FILES__ROLL_EVERY", "1s");
    let mut daemon = Daemon::spawn(run.stdout(Stdio::null()), place.path().join("log")).unwrap();
    daemon.wait_until_ready().unwrap();
    let [public, admin] = [daemon.public(), daemon.admin()].map(|address| address.to_string());
    on(broker.bootstrap(), &public, &admin);
    let send = format!("{} --url http://{public}{}", of_readme("kalends send --count"), config::PATH);
    said(&mut shell(&send, place.path()));
    wait_until("both sinks to be 0 behind", PATIENCE * 2, || {
        let told = said(&mut shell(&of_readme("kalends status -c config/kafka.yaml"), place.path()));
        Ok((told.matches(", 0 positions behind").count() == 2).then_some(()))
    })
    .unwrap();
    if let Some(kcat) = service::kcat().unwrap() {
        let read = of_readme("kcat").replace("127.0.0.1:9092", broker.bootstrap());
        let read = read.replacen("kcat", &kcat.display().to_string(), 1);
        let read = said(&mut shell(&read, place.path()));
        let lines = read.lines().filter(|line| line.contains("ce_type=rokt.calendar.Subscribe"));
        assert_eq!(lines.count(), 2, "{read}");
    }
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}

/// From a clone to the first rows, by the page of PostgreSQL alone.
#[test]
fn postgres_page_leads_from_a_clone_to_the_first_rows() {
    let Some(postgres) = Postgres::start("first-rows").unwrap() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let commands = documents::commands(&root).unwrap();
    let of_page = |words: &str| {
        let found = commands
            .iter()
            .find(|command| command.page == "docs/consume/postgres.md" && command.text.starts_with(words));
        found.unwrap_or_else(|| panic!("no {words}")).text.replace("cargo run --release --", "kalends")
    };
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("config")).unwrap();
    let file = place.path().join("config/postgres.yaml");
    let text = fs::read_to_string(root.join("config/postgres.yaml")).unwrap();
    let text = text.replace("127.0.0.1:5432/kalends", postgres.place());
    fs::write(&file, text.replace("127.0.0.1:8080", "127.0.0.1:0").replace("127.0.0.1:9464", "127.0.0.1:0"))
        .unwrap();

    said(&mut shell(&of_page("kalends check"), place.path()));
    let statements = format!("{} -c config/postgres.yaml", of_page("kalends schemas ddl"));
    assert!(said(&mut shell(&statements, place.path())).contains("CREATE TABLE"));
    let run = of_page("cargo run --release -- run").replace(" &", "");
    let mut run = shell(&format!("exec {run}"), place.path());
    run.env("KALENDS__LOG__FORMAT", "json");
    let mut daemon = Daemon::spawn(run.stdout(Stdio::null()), place.path().join("log")).unwrap();
    daemon.wait_until_ready().unwrap();
    let send = of_page("cargo run --release -- send");
    said(&mut shell(&format!("{send} --url http://{}{}", daemon.public(), config::PATH), place.path()));
    let port = postgres.place().split([':', '/']).nth(1).unwrap();
    let ask = of_page("psql").replace("psql -h 127.0.0.1", &format!("psql -h 127.0.0.1 -p {port}"));
    wait_until("a subscriber to stand in the view", PATIENCE * 2, || {
        let output = shell(&ask, place.path()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).contains("subscribed").then_some(()))
    })
    .unwrap();
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
}
