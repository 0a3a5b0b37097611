use kalends_tests::{Installation, config};

/// Exit code of a configuration that can't be used (`EX_CONFIG` of sysexits).
const CONFIGURATION: Option<i32> = Some(78);

/// What the line of a fault must show, and a configuration with that fault.
fn faults() -> Vec<(&'static str, String)> {
    let good = config::files();
    vec![
        ("roll_evry", good.replace("roll_every", "roll_evry")),
        ("sinks.files.roll_every", good.replace("roll_every: 1s", "roll_every: soon")),
        (
            "endpoints.main.tokens",
            good.replace(
                "path: /webhooks/rokt",
                "path: /webhooks/rokt, tokens: [{ env: KALENDS_TEST_NOT_SET }]",
            ),
        ),
        (
            "listen.address",
            good.replace("listen: { address: 127.0.0.1:0 }", "listen: { address: everywhere }"),
        ),
    ]
}

fn line_of(configuration: &str, key: &str) -> usize {
    let last = key.rsplit('.').next().unwrap();
    configuration.lines().position(|line| line.contains(last)).unwrap() + 1
}

#[test]
fn a_bad_configuration_ends_with_78_and_names_key_and_line() {
    for (key, configuration) in faults() {
        let installation = Installation::new(&configuration).unwrap();
        for command in ["check", "run"] {
            let output = installation.run([command, "--config", "kalends.yaml"]).unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), CONFIGURATION, "{command}, {key}: {said}");
            let line = line_of(&configuration, key);
            assert!(said.contains(key.rsplit('.').next().unwrap()), "{command} doesn't name {key}: {said}");
            assert!(
                said.contains(&format!("kalends.yaml:{line}")),
                "{command} doesn't name line {line}: {said}"
            );
            assert!(!installation.path("journal").exists(), "{command} has touched the disk");
        }
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let configuration = config::files()
        .replace("roll_every: 1s", "roll_every: soon")
        .replace("directory: ./journal", "directory: ./journal, retain: later");
    let installation = Installation::new(&configuration).unwrap();
    let output = installation.run(["check", "--config", "kalends.yaml"]).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("roll_every") && said.contains("retain"), "{said}");
}

#[test]
fn a_listener_for_everybody_without_a_credential_is_refused() {
    let everybody =
        config::files().replace("listen: { address: 127.0.0.1:0 }", "listen: { address: 0.0.0.0:0 }");
    let installation = Installation::new(&everybody).unwrap();
    let output = installation.run(["check", "--config", "kalends.yaml"]).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), CONFIGURATION, "{said}");
    assert!(said.contains("allow_anonymous"), "{said}");
}

#[test]
fn a_missing_file_is_a_bad_configuration() {
    let installation = Installation::new("").unwrap();
    let output = installation.run(["run", "--config", "nowhere.yaml"]).unwrap();
    assert_eq!(output.status.code(), CONFIGURATION, "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.yaml"));
}

#[test]
fn the_environment_overrides_the_file() {
    let installation = Installation::new(&config::files()).unwrap();
    let mut command = installation.command(["check", "--config", "kalends.yaml"]).unwrap();
    let output = command.env("KALENDS__SINKS__FILES__ROLL_EVERY", "never").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), CONFIGURATION, "{said}");
    assert!(said.contains("KALENDS__SINKS__FILES__ROLL_EVERY"), "{said}");
}

#[test]
fn a_wrong_command_line_ends_with_64() {
    let installation = Installation::new("").unwrap();
    let output = installation.run(["run", "--no-such-flag"]).unwrap();
    assert_eq!(output.status.code(), Some(64), "{}", String::from_utf8_lossy(&output.stderr));
}
