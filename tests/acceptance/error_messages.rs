//! What the command line complains of: each message says what is wrong, where, and what to do.

use std::{fs, net::TcpListener};

use kalends_tests::{Installation, config};

/// Runs `kalends`, which fails; what it says.
fn complaint(installation: &Installation, args: &str) -> String {
    let output = installation.run(args.split(' ')).unwrap();
    assert!(!output.status.success(), "{args}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn says(complaint: &str, parts: &[&str]) {
    for part in parts {
        assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
    }
}

#[test]
fn files_that_can_not_be_used_are_named_with_what_to_do() {
    let installation = Installation::new(&config::files()).unwrap();
    fs::write(installation.path("file"), "").unwrap();
    for (args, parts) in [
        ("run -c none.yaml", &["none.yaml: the configuration can't be read", "check the path"][..]),
        ("check -c .", &[".: the configuration can't be read", "name a file in it"]),
        ("explain none.json", &["none.json: ", "check the path"]),
        ("cat .", &[".: ", "name a file in it"]),
        ("cat file", &["file: its header", "name an Avro object container file"]),
        ("man --directory file/man1", &["file/man1: ", "move it away or write another path"]),
        ("journal stat --directory none", &["there is no journal in none", "--directory", "-c"]),
    ] {
        says(&complaint(&installation, args), parts);
    }
}

#[test]
fn names_that_are_not_known_are_told_with_those_that_are() {
    let installation = Installation::new(&config::files()).unwrap();
    for (args, parts) in [
        ("sinks seek x --to earliest -c kalends.yaml", &["no sink `x`", "files"][..]),
        ("sinks resume x -c kalends.yaml", &["no sink `x`", "files"]),
        ("dead-letters list --sink x -c kalends.yaml", &["no sink `x`", "files"]),
        ("replay --sink x -c kalends.yaml", &["x", "the configuration has: files"]),
        ("replay --sink files --type x -c kalends.yaml", &["x", "Subscribe, Unsubscribe"]),
        ("schemas show x", &["no record type `x`", "Subscribe"]),
        ("completions x", &["'x'", "bash"]),
        ("man x", &["no command `x`", "journal"]),
        ("chek", &["'chek'", "'check'"]),
    ] {
        says(&complaint(&installation, args), parts);
    }
}

#[test]
fn what_stops_a_daemon_from_starting_is_told_with_what_to_do() {
    let files = config::files();
    let installation = Installation::new(&files).unwrap();
    fs::write(installation.path("file"), "").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (from, to, parts) in [
        (
            "main: {",
            "main: { tokens: [{ env: NOWHERE_SET }],",
            &["NOWHERE_SET is not set", "kalends.yaml:3:"][..],
        ),
        (
            "main: {",
            "main: { tokens: [{ file: ./none }],",
            &["./none can't be read", "check the path", "kalends.yaml:3:"],
        ),
        ("./journal", "./file/journal", &["./file/journal", "move it away or write another path"]),
        (
            "listen: { address: 127.0.0.1:0",
            &format!("listen: {{ address: \"{taken}\""),
            &[&taken, "another with listen.address"],
        ),
        (
            "admin: { address: 127.0.0.1:0",
            &format!("admin: {{ address: \"{taken}\""),
            &[&taken, "another with admin.address"],
        ),
        (
            "admin: { address: 127.0.0.1:0",
            "admin: { address: \"192.0.2.1:0\"",
            &["192.0.2.1", "no interface of this machine"],
        ),
        (
            "kind: files,",
            "kind: files, diretory: x,",
            &["kalends.yaml:8:", "unknown key `diretory`", "`directory`"],
        ),
    ] {
        assert!(files.contains(from), "{from}");
        installation.configure(&files.replacen(from, to, 1)).unwrap();
        says(&complaint(&installation, "run -c kalends.yaml"), parts);
    }
}

#[test]
fn a_journal_that_can_not_be_had_is_told_with_the_way_out() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    daemon.post("no event").unwrap();
    says(&complaint(&installation, "run -c kalends.yaml"), &["./journal is in use", "stop that one"]);
    daemon.terminate().unwrap();
    let segment = installation.path("journal/00000000000000000001.log");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[80] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let parts = [
        "00000000000000000001.log is damaged at byte ",
        "from a backup",
        "`kalends journal repair -c kalends.yaml`",
    ];
    says(&complaint(&installation, "run -c kalends.yaml"), &parts);
    says(
        &complaint(&installation, "journal verify -c kalends.yaml"),
        &["damaged", "`kalends journal repair -c kalends.yaml`"],
    );
    says(
        &complaint(&installation, "journal verify --directory journal"),
        &["`kalends journal repair --directory journal`"],
    );
}

#[test]
fn commands_in_messages_name_the_configuration_that_was_given() {
    let installation = Installation::new(&config::files()).unwrap();
    installation.start().unwrap().terminate().unwrap();
    let told = complaint(&installation, "sinks resume files --config ./kalends.yaml");
    says(&told, &["`kalends sinks list -c ./kalends.yaml`"]);
    fs::write(installation.path("events/.kalends/manifest.json"), "{").unwrap();
    let told = complaint(&installation, "check --connect -c kalends.yaml");
    says(&told, &["`kalends sinks seek files --to WHERE -c kalends.yaml`"]);
    let mut command = installation.command(["check", "--connect"]).unwrap();
    let output = command.env("KALENDS_CONFIG", "kalends.yaml").output().unwrap();
    says(
        &String::from_utf8_lossy(&output.stderr),
        &["`kalends sinks seek files --to WHERE -c kalends.yaml`"],
    );
    let daemon = installation.start().unwrap();
    let told = daemon.wait_until_on_hold("files").unwrap();
    says(&told, &["`kalends sinks seek files --to WHERE -c kalends.yaml`"]);
}

#[test]
fn an_answer_that_is_no_2xx_is_told_with_what_it_wants() {
    let configuration = config::files().replace("main: {", "main: { tokens: [{ file: ./token }],");
    let installation = Installation::new(&configuration).unwrap();
    fs::write(installation.path("token"), "a-token-of-this-test").unwrap();
    let daemon = installation.start().unwrap();
    let send = |path: &str| {
        complaint(&installation, &format!("send --count 1 --url http://{}{path}", daemon.public()))
    };
    says(&send(config::PATH), &["1 of 1 were not acknowledged", "--token"]);
    says(&send("/elsewhere"), &["check --url"]);
    says(
        &complaint(&installation, "send --count 1 --url http://127.0.0.1:1/"),
        &["is kalends running there"],
    );
    says(&complaint(&installation, "status --address 127.0.0.1:1"), &["127.0.0.1:1", "is kalends running"]);
}

#[test]
fn brokers_that_do_not_answer_are_told_with_what_to_look_at() {
    let installation = Installation::new(&config::kafka("127.0.0.1:1")).unwrap();
    let said = complaint(&installation, "check --connect -c kalends.yaml");
    says(&said, &["sink kafka: ", "127.0.0.1:1", "check that the brokers run"]);
}
