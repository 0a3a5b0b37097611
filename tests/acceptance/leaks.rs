//! No secret and nothing that a sender writes is in what the program says: its log at every level and in both formats, its
//! metrics, its status, its answers, its commands.
//!
//! Values are planted in every secret and in everything that a sender or a stranger can write; then all of it is searched.

mod configurations;
mod requests;
mod search;

use std::{fs, io::Read as _, net::TcpListener, thread};

use kalends_tests::{Daemon, Installation, http::Connection, kafka::Broker, wait::PATIENCE, wait_until};
use rustix::process::Signal;

use self::search::{MARK, Said};

const TOKEN: &str = "zq7planted-token-0123456789abcdef";

/// Everything that can be secret is, and every sink but one fails in its own way.
fn configuration(format: &str, broker: Option<&Broker>, registry: &str) -> String {
    let refused = broker.map_or(String::new(), |broker| {
        let bootstrap = broker.bootstrap();
        format!(
            "  cluster: {{ kind: kafka, brokers: \"{bootstrap}\" }}
  unregistered: {{ kind: kafka, brokers: \"{bootstrap}\", topics: {{ prefix: u. }}, schema_registry: {{ url: \"{registry}\", token: {{ file: ./secret }} }} }}
  unknown: {{ kind: kafka, brokers: \"{bootstrap}\", topics: {{ prefix: v. }}, properties: {{ security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: {{ file: ./secret }}, sasl.password: {{ file: ./secret }} }} }}
"
        )
    });
    format!(
        "listen: {{ address: 127.0.0.1:0, max_body: 4KiB, header_timeout: 500ms, body_timeout: 500ms }}
endpoints:
  main: {{ path: /webhooks/rokt, tokens: [{{ file: ./token }}, {{ env: PLANTED }}] }}
  hidden: {{ path: {{ file: ./path }} }}
  elsewhere: {{ path: /elsewhere, allow: [192.0.2.0/24] }}
journal: {{ directory: ./journal }}
admin: {{ address: 127.0.0.1:0 }}
log: {{ level: trace, format: {format} }}
telemetry: {{ otlp: {{ endpoint: \"http://127.0.0.1:9\", headers: {{ authorization: {{ file: ./secret }} }} }} }}
sinks:
  files: {{ kind: files, directory: ./events, roll_every: 1s, privacy: {{ classes: {{ email: hash }}, key: {{ file: ./secret }} }} }}
  blocked: {{ kind: files, directory: ./token/events }}
  away:
    kind: kafka
    brokers: 127.0.0.1:9
    properties: {{ debug: all, security.protocol: sasl_plaintext, sasl.mechanism: PLAIN, sasl.username: {{ file: ./secret }}, sasl.password: {{ file: ./secret }} }}
    schema_registry: {{ url: \"http://127.0.0.1:9\", username: u, password: {{ file: ./secret }} }}
{refused}"
    )
}

fn plant(configuration: &str) -> Installation {
    let installation = Installation::new(configuration).unwrap();
    for (file, secret) in
        [("token", TOKEN), ("secret", "zq7planted-secret-0123456789abcdef"), ("path", "/zq7planted-path")]
    {
        fs::write(installation.path(file), secret).unwrap();
    }
    installation
}

/// A schema registry that turns everybody away; it stands until the test's process ends.
fn surly_registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                let answer = b"HTTP/1.1 401 No\r\ncontent-length: 41\r\nconnection: close\r\n\r\n{\"error_code\":401,\"message\":\"who are you\"}";
                std::io::Write::write_all(&mut stream, answer).ok();
            }
        }
    });
    url
}

/// Sends everything that can be sent, and keeps what is answered.
fn send_everything(daemon: &Daemon, said: &mut Said) {
    let bearer = format!("Bearer {TOKEN}");
    let state = format!("a={MARK}");
    let parent = format!("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-{MARK}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("tracestate", &state),
        ("traceparent", &parent),
        ("user-agent", MARK),
    ];
    for body in requests::bodies() {
        let answer = daemon.send("POST", "/webhooks/rokt", &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{body}");
        said.add("answer to a webhook", format!("{:?} {}", answer.headers, answer.text()));
    }
    let query = format!("/webhooks/rokt?token={TOKEN}&email={MARK}");
    assert_eq!(daemon.send("POST", &query, &[], MARK.as_bytes()).unwrap().status, 200);
    assert_eq!(daemon.send("POST", "/zq7planted-path", &[], MARK.as_bytes()).unwrap().status, 200);
    for (status, request) in requests::refused(TOKEN) {
        let answer = Connection::open(daemon.public()).unwrap().send(request.as_bytes()).unwrap();
        assert_eq!(answer.status, status, "{request}");
        said.add(format!("answer {status}"), format!("{:?} {}", answer.headers, answer.text()));
    }
    said.add("answers over HTTP/2", requests::over_http2(daemon.public(), TOKEN).unwrap());
    for path in ["/metrics", "/healthz", "/readyz", "/status", "/", "/zq7planted", "/status?zq7planted"] {
        let answer = daemon.get(path).unwrap();
        said.add(format!("admin {path}"), format!("{:?} {}", answer.headers, answer.text()));
    }
}

/// Reloads configurations that are wrong, then one that is right.
fn reload_everything(installation: &Installation, daemon: &mut Daemon, sound: &str) {
    let outcomes = |daemon: &Daemon| -> anyhow::Result<usize> {
        let log = daemon.log()?;
        Ok(log.matches("the old one stays in effect").count()
            + log.matches("a new configuration is in effect").count())
    };
    let wrong = configurations::wrong();
    for (before, configuration) in wrong.iter().map(String::as_str).chain([sound]).enumerate() {
        installation.configure(configuration).unwrap();
        daemon.signal(Signal::HUP).unwrap();
        wait_until("the reload", PATIENCE, || Ok((outcomes(daemon)? > before).then_some(()))).unwrap();
    }
}

fn says_nothing_planted(format: &str, purpose: &str) {
    let broker = Broker::start(purpose).unwrap();
    if let Some(broker) = &broker {
        broker.create_topic("rokt.calendar.subscribe", &[("max.message.bytes", "2000")]).unwrap();
    }
    let sound = configuration(format, broker.as_ref(), &surly_registry());
    let installation = plant(&sound);
    let mut daemon = installation.start_under("export PLANTED=zq7planted-variable-0123456789").unwrap();
    let mut said = Said::default();
    send_everything(&daemon, &mut said);
    let delivered: &[&str] = if broker.is_some() { &["files", "cluster"] } else { &["files"] };
    daemon.wait_until_delivered(delivered).unwrap();
    daemon.wait_until_on_hold("blocked").unwrap();
    reload_everything(&installation, &mut daemon, &sound.replace("roll_every: 1s", "roll_every: 2s"));
    let admin = daemon.admin().to_string();
    for arguments in [vec!["status", "--address", &admin], vec!["status", "--json", "--address", &admin]] {
        let output = installation.run(arguments).unwrap();
        said.add("kalends status", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
    }
    for path in ["/metrics", "/status", "/"] {
        said.add(format!("admin {path}"), daemon.get(path).unwrap().text());
    }
    let log = installation.path("log-001.jsonl");
    daemon.terminate().unwrap();
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("DEBUG") && log.contains("ureq::"), "the log tells what libraries do");
    said.add("log", log);
    said.assert_shows_nothing();
}

#[test]
fn nothing_planted_is_in_what_a_daemon_says_in_words() {
    says_nothing_planted("text", "planted-text");
}

#[test]
fn nothing_planted_is_in_what_a_daemon_says_as_json() {
    says_nothing_planted("json", "planted-json");
}

#[test]
fn nothing_planted_is_in_what_the_commands_say_of_a_configuration() {
    let mut said = Said::default();
    let sound = configuration("text", None, "http://127.0.0.1:9");
    for configuration in configurations::wrong().iter().chain([&sound]) {
        let installation = plant(configuration);
        for arguments in [&["check"][..], &["check", "--connect"], &["config"], &["status"], &["run"]] {
            let is_sound = configuration == &sound;
            if is_sound && arguments == ["run"] {
                continue;
            }
            let mut command =
                installation.command(arguments.iter().chain(&["--config", "kalends.yaml"])).unwrap();
            command.env("PLANTED", "zq7planted-variable-0123456789").env("RUST_BACKTRACE", "full");
            for (name, value) in configurations::VARIABLES.iter().filter(|_| !is_sound) {
                command.env(name, value);
            }
            let output = command.output().unwrap();
            let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(is_sound || output.status.code() == Some(78), "{arguments:?}: {text}\n{configuration}");
            said.add(format!("kalends {}", arguments.join(" ")), text);
        }
    }
    said.assert_shows_nothing();
}
