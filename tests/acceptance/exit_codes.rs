//! Each exit code that `--help` names for a command is what that command ends with in that case.

use std::{collections::BTreeSet, fs};

use clap::{Command, CommandFactory};
use kalends::cli::Cli;
use kalends_tests::{Installation, config, event, tree::files_under};

type Ends = BTreeSet<(String, u8)>;

/// What can't be brought about here, and where it is.
const ELSEWHERE: [(&str, u8, &str); 10] = [
    ("run", 69, "host_faults.rs"),
    ("run", 70, "crates/kalends/tests/bug.rs"),
    ("demo", 0, "demonstration.rs"),
    ("demo", 69, "demonstration.rs"),
    ("forget", 69, "forget.rs"),
    ("schemas check", 65, "on_registry.rs"),
    ("schemas check", 69, "on_registry.rs"),
    ("schemas register", 0, "on_registry.rs"),
    ("schemas register", 65, "on_registry.rs"),
    ("schemas register", 69, "on_registry.rs"),
];

/// What the lowest commands say of themselves.
fn claims() -> Ends {
    let mut kalends = Cli::command().disable_help_subcommand(true);
    kalends.build();
    let mut claims = Ends::new();
    gather(&kalends, "", &mut claims);
    claims
}

fn gather(command: &Command, name: &str, claims: &mut Ends) {
    for below in command.get_subcommands() {
        gather(below, format!("{name} {}", below.get_name()).trim(), claims);
    }
    if command.has_subcommands() {
        return;
    }
    let lesson = command.get_after_help().map(ToString::to_string).unwrap_or_default().replace('\n', " ");
    let (_, codes) = lesson.split_once("Exit codes: ").unwrap();
    let codes = codes.split("Examples:").next().unwrap();
    let codes = codes.split(", ").filter_map(|code| code.split(' ').next()?.parse().ok());
    claims.extend(codes.map(|code| (name.to_owned(), code)));
}

struct Tried<'a> {
    installation: &'a Installation,
    ends: Ends,
}

impl Tried<'_> {
    /// Runs a command line, whose first words are the command's name, and sees how it ends.
    fn ends(&mut self, name: &str, options: &str, code: u8) {
        let words = name.split(' ').chain(options.split_whitespace());
        let output = self.installation.run(words).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code.into()), "kalends {name} {options}: {said}");
        assert!(code == 0 || !said.trim().is_empty(), "kalends {name} {options} doesn't say why");
        self.ends.insert((name.to_owned(), code));
    }
}

/// A folder in which something has happened, and configurations of all sorts.
fn installation() -> Installation {
    let installation = Installation::new(&config::files()).unwrap();
    let write = |name: &str, text: &str| fs::write(installation.path(name), text).unwrap();
    write("bad.yaml", "lisen: {}\n");
    write("empty.yaml", &config::files().replace("./journal", "./nothing"));
    write("full.yaml", &config::files().replace("./journal }", "./journal, min_free: 1000000GiB }"));
    write("noted.yaml", &config::files().replace("./journal", "./noted"));
    write("database.yaml", &(config::files() + "  database: { kind: postgres, tls: off }\n"));
    let http = "  crm: { kind: http, preset: none, url: http://127.0.0.1:9/ }\n";
    write("doubts.yaml", &(config::files() + http));
    write("noted-doubts.yaml", &(config::files().replace("./journal", "./noted") + http));
    write("file", "no directory, and no Avro");
    write("webhook.json", "{}");
    installation
}

fn while_it_runs(tried: &mut Tried<'_>) {
    let daemon = tried.installation.start().unwrap();
    let url = format!("http://{}{}", daemon.public(), config::PATH);
    daemon.post("no event").unwrap();
    daemon.post(event::webhook("a", 1)).unwrap();
    tried.ends("send", &format!("--url {url}"), 0);
    daemon.wait_until_delivered(&["files"]).unwrap();
    tried.ends("status", &format!("--address {}", daemon.admin()), 0);
    tried.ends("sinks resume", "files -c kalends.yaml", 0);
    tried.ends("forget", "--email nobody@example.org --yes -c kalends.yaml", 0);
    tried.ends("tap", "--sink files --from 1 --limit 1 -c kalends.yaml", 0);
    // Its journal is taken.
    tried.ends("run", "-c kalends.yaml", 74);
    assert_eq!(daemon.terminate().unwrap().code(), Some(0));
    tried.ends.insert(("run".to_owned(), 0));
}

fn what_is_told_of_the_journal(tried: &mut Tried<'_>) {
    for command in
        ["journal stat", "journal verify", "journal repair", "journal cat", "dead-letters list", "sinks list"]
    {
        tried.ends(command, "-c kalends.yaml", 0);
    }
    for command in ["journal stat", "journal verify", "journal repair", "journal cat", "dead-letters list"] {
        tried.ends(command, "-c empty.yaml", 74);
    }
    tried.ends("journal cat", "--at 900 -c kalends.yaml", 65);
    tried.ends("dead-letters list", "--sink x -c kalends.yaml", 64);
    tried.ends("dead-letters show", "1 -c kalends.yaml", 0);
    tried.ends("dead-letters show", "2 -c kalends.yaml", 65);
    tried.ends("dead-letters show", "1 -c empty.yaml", 74);
    tried.ends("tap", "--sink files --from 900 -c kalends.yaml", 65);
    tried.ends("tap", "--sink nobody -c kalends.yaml", 64);
    tried.ends("tap", "--sink files -c empty.yaml", 74);
    tried.ends("forget", "--email nobody@example.org -c kalends.yaml", 64);
    tried.ends("forget", "--email nobody@example.org --yes -c kalends.yaml", 0);
    tried.ends("forget", "--email nobody@example.org -c empty.yaml", 74);
    tried.ends("journal adopt", "-c kalends.yaml", 64);
    tried.ends("journal adopt", "-c empty.yaml", 74);
    // In the place of a sink's note and of an order to it stands something else.
    for folder in ["noted/sinks/files.json", "noted/sinks/files.order.json", "noted/sinks/crm.doubts"] {
        fs::create_dir_all(tried.installation.path(folder)).unwrap();
    }
}

fn what_is_done_to_sinks(tried: &mut Tried<'_>) {
    tried.ends("sinks seek", "files --to latest -c kalends.yaml", 64);
    tried.ends("sinks seek", "files --to latest --yes -c kalends.yaml", 0);
    tried.ends("sinks seek", "nobody --to latest -c kalends.yaml", 64);
    tried.ends("sinks seek", "files --to 900 -c kalends.yaml", 65);
    tried.ends("sinks seek", "files --to latest -c empty.yaml", 74);
    fs::remove_file(tried.installation.path("journal/sinks/files.order.json")).unwrap();
    tried.ends("sinks skip", "files --cancel -c kalends.yaml", 0);
    tried.ends("sinks skip", "nobody --at 1 -c kalends.yaml", 64);
    tried.ends("sinks skip", "files --at 1 -c kalends.yaml", 65);
    tried.ends("sinks skip", "files --at 900 -c kalends.yaml", 65);
    tried.ends("sinks skip", "files --at 1 -c empty.yaml", 74);
    tried.ends("sinks doubts", "-c kalends.yaml", 0);
    let doubt = r#"{"at":1,"cause":"died","id":"j-0-7","position":7,"record":"Subscribe"}"#;
    fs::write(tried.installation.path("journal/sinks/crm.doubts"), format!("{doubt}\n")).unwrap();
    let listed = tried.installation.run(["sinks", "doubts", "crm", "-c", "doubts.yaml"]).unwrap();
    let line = "1970-01-01T00:00:00.000001Z  crm  position 7  Subscribe  j-0-7  died\n";
    assert_eq!(String::from_utf8_lossy(&listed.stdout), line);
    tried.ends("sinks doubts", "-c noted-doubts.yaml", 74);
    tried.ends("sinks doubts", "files -c kalends.yaml", 0);
    tried.ends("sinks doubts", "nobody -c kalends.yaml", 64);
    tried.ends("sinks resume", "nobody -c kalends.yaml", 64);
    tried.ends("sinks resume", "files -c kalends.yaml", 69);
    tried.ends("sinks resume", "files -c noted.yaml", 74);
    tried.ends("sinks list", "-c noted.yaml", 74);
    tried.ends("replay", "--sink files --id a -c kalends.yaml", 0);
    tried.ends("replay", "--sink nobody -c kalends.yaml", 64);
    tried.ends("replay", "--sink files -c empty.yaml", 74);
    // The replay's checkpoint is gone: where it was is not known any more.
    fs::remove_dir_all(tried.installation.path("events/replay=a/.kalends")).unwrap();
    tried.ends("replay", "--sink files --id a -c kalends.yaml", 69);
}

fn what_needs_no_journal(tried: &mut Tried<'_>) {
    let files = files_under(&tried.installation.path("events")).unwrap();
    let avro = files.iter().find(|file| file.extension().is_some_and(|ending| ending == "avro")).unwrap();
    tried.ends("journal adopt", "-c kalends.yaml --yes", 0);
    tried.ends("cat", &avro.display().to_string(), 0);
    tried.ends("cat", "file", 65);
    tried.ends("cat", "none.avro", 74);
    tried.ends("explain", "webhook.json", 0);
    tried.ends("explain", "none.json", 74);
    tried.ends("explain", "--sink nobody webhook.json", 64);
    tried.ends("explain", "--at 900 -c kalends.yaml", 65);
    tried.ends("check", "-c kalends.yaml --connect", 0);
    tried.ends("check", "-c full.yaml --connect", 69);
    tried.ends("config", "-c kalends.yaml", 0);
    tried.ends("schemas list", "", 0);
    tried.ends("schemas show", "Subscribe", 0);
    tried.ends("schemas show", "Nothing", 64);
    tried.ends("schemas check", "", 0);
    tried.ends("schemas ddl", "-c database.yaml", 0);
    tried.ends("send", "--url ftp://localhost/", 64);
    tried.ends("send", "--url http://127.0.0.1:1/ --count 1", 69);
    tried.ends("send", "--file none.json", 74);
    tried.ends("status", "--address 127.0.0.1:1", 69);
    tried.ends("completions", "bash", 0);
    tried.ends("completions", "cmd", 64);
    tried.ends("man", "", 0);
    tried.ends("man", "frob", 64);
    tried.ends("man", "--directory file", 74);
    fs::write(tried.installation.path("data"), "in the way").unwrap();
    tried.ends("demo", "--exit", 74);
}

/// What each command needs to be understood, before it reads a configuration that can't be used.
fn with_a_bad_configuration(tried: &mut Tried<'_>) {
    for (command, options) in [
        ("run", ""),
        ("check", ""),
        ("config", ""),
        ("status", ""),
        ("explain", "webhook.json"),
        ("schemas list", ""),
        ("schemas show", "Subscribe"),
        ("schemas check", ""),
        ("schemas register", ""),
        ("schemas ddl", ""),
        ("journal stat", ""),
        ("journal verify", ""),
        ("journal repair", ""),
        ("journal adopt", ""),
        ("journal cat", ""),
        ("dead-letters list", ""),
        ("dead-letters show", "1"),
        ("replay", "--sink files"),
        ("tap", ""),
        ("forget", "--email nobody@example.org"),
        ("sinks list", ""),
        ("sinks seek", "files --to latest"),
        ("sinks skip", "files --at 1"),
        ("sinks doubts", ""),
        ("sinks resume", "files"),
    ] {
        tried.ends(command, &format!("{options} -c bad.yaml"), 78);
    }
}

#[test]
fn each_command_ends_with_the_exit_codes_that_its_help_names() {
    let installation = installation();
    let mut tried = Tried { installation: &installation, ends: Ends::new() };
    while_it_runs(&mut tried);
    what_is_told_of_the_journal(&mut tried);
    what_is_done_to_sinks(&mut tried);
    what_needs_no_journal(&mut tried);
    with_a_bad_configuration(&mut tried);
    tried.ends.extend(ELSEWHERE.iter().map(|(command, code, _)| ((*command).to_owned(), *code)));
    let claims = claims();
    assert_eq!(
        claims.difference(&tried.ends).collect::<Vec<_>>(),
        Vec::<&(String, u8)>::new(),
        "claimed, never seen"
    );
    assert_eq!(
        tried.ends.difference(&claims).collect::<Vec<_>>(),
        Vec::<&(String, u8)>::new(),
        "seen, not in --help"
    );
}
