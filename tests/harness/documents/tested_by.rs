use super::{Command, Kind};

/// What runs a command that the test of all documents' commands doesn't.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// A test, or what a test does first: its file below the root, and its function.
    Test(&'static str, &'static str),
    /// Nothing, and why.
    Nothing(&'static str),
}

const SERVICES: &str = "tests/acceptance/docs_commands_on_services.rs";
const FIRST_EVENTS: &str = "the_readmes_first_events_land_in_kafka";
const FIRST_ROWS: &str = "postgres_page_leads_from_a_clone_to_the_first_rows";
const COMMANDS: &str = "tests/contract/docs_tests.rs";
const ON_PAGE: &str = "commands_within_containers_are_command_lines_of_kalends";
const SCRAPED: &str = "the_pages_prometheus_scrapes_a_daemon";

/// Commands by how they begin (code by its page), and what runs each.
pub const TESTED_BY: &[(&str, By)] = &[
    ("apt install", By::Nothing("needs root and the distribution's archive")),
    ("cargo build", By::Nothing("the programs that the tests run come out of it")),
    ("cargo install", By::Nothing("compiles everything once more, for many minutes")),
    ("cargo xtask test", By::Nothing("it is what runs the tests")),
    ("cargo xtask soak", By::Nothing("takes hours; it is the tests of durability with larger numbers")),
    ("cargo xtask mutants", By::Nothing("takes hours; it takes the tests of faults to see them fail")),
    ("cargo xtask bench", By::Nothing("measures, for which it needs the machine for itself")),
    (".ci/deny", By::Nothing("continuous integration runs it")),
    ("cargo xtask sbom", By::Nothing("continuous integration runs it")),
    ("cargo xtask licences", By::Nothing("continuous integration runs it")),
    (
        "kalends explain --sink crm",
        By::Test(
            "crates/sink-http/tests/http/delivery.rs",
            "explain_shows_the_request_that_is_sent_and_no_secret",
        ),
    ),
    (
        "kalends tap",
        By::Test(
            "tests/acceptance/tap.rs",
            "tap_shows_what_a_sink_gets_after_privacy_and_without_repetitions",
        ),
    ),
    ("cargo run --example inserts", By::Nothing("measures, for which it needs the machine for itself")),
    ("cargo bench", By::Nothing("measures, for which it needs the machine for itself")),
    (
        "cargo run --release -- demo",
        By::Test("tests/acceptance/docs_commands.rs", "the_demo_stays_until_it_is_interrupted"),
    ),
    ("cargo run --release -- run -c config/postgres.yaml", By::Test(SERVICES, FIRST_ROWS)),
    ("cargo run --release -- send", By::Test(SERVICES, FIRST_ROWS)),
    ("psql -h 127.0.0.1 -U kalends", By::Test(SERVICES, FIRST_ROWS)),
    ("kalends check -c config/postgres.yaml", By::Test(SERVICES, FIRST_ROWS)),
    ("kalends schemas ddl", By::Test(SERVICES, FIRST_ROWS)),
    (
        "cargo test",
        By::Test("tests/contract/docs_tests.rs", "every_cargo_test_of_the_documents_runs_something"),
    ),
    (
        "export ROKT_TOKEN",
        By::Test("tests/acceptance/docs_commands.rs", "the_readmes_tour_receives_and_delivers"),
    ),
    (
        "docker run --detach --publish 9092:9092",
        By::Nothing("needs a container engine; the next line does the same without one"),
    ),
    ("alias kalends=", By::Nothing("needs systemd as the first process")),
    ("journalctl", By::Nothing("needs systemd as the first process")),
    (
        "docker compose config",
        By::Test(
            "tests/contract/deploy.rs",
            "the_linters_of_dockerfiles_manifests_and_compose_files_find_nothing",
        ),
    ),
    ("tests/services/kafka-up.sh", By::Test("tests/harness/kafka.rs", "start")),
    ("kalends check -c config/kafka.yaml", By::Test(SERVICES, FIRST_EVENTS)),
    ("kalends run -c config/kafka.yaml", By::Test(SERVICES, FIRST_EVENTS)),
    ("kalends status -c config/kafka.yaml", By::Test(SERVICES, FIRST_EVENTS)),
    ("kcat -b 127.0.0.1:9092", By::Test(SERVICES, FIRST_EVENTS)),
    (
        "curl -fsS http://127.0.0.1:9464/metrics",
        By::Test("tests/acceptance/admin_listener.rs", "the_operators_pages_answer"),
    ),
    ("prometheus --config.file", By::Test("tests/acceptance/dashboard.rs", SCRAPED)),
    ("curl -fsS 'http://127.0.0.1:9090", By::Test("tests/acceptance/dashboard.rs", SCRAPED)),
    (
        "kalends sinks skip",
        By::Test("tests/acceptance/task_pages/holds.rs", "a_destination_that_fails_on_one_record"),
    ),
    ("kalends run", By::Test("tests/acceptance/docs_commands.rs", "the_readmes_tour_receives_and_delivers")),
    ("systemctl", By::Nothing("the test of the page stops and starts the daemon itself")),
    ("kill -9", By::Test("tests/harness/daemon.rs", "kill")),
    (
        "promtool test rules",
        By::Test(
            "tests/contract/deploy.rs",
            "prometheus_takes_its_configuration_and_each_alert_fires_when_it_should",
        ),
    ),
    ("kcat", By::Test("tests/kafka/kafka_page_commands.rs", "the_commands_of_the_page_show_what_landed")),
    (
        "kafka-console-consumer.sh",
        By::Test("tests/kafka/kafka_page_commands.rs", "the_commands_of_the_page_show_what_landed"),
    ),
    (
        "kalends schemas register",
        By::Test("tests/acceptance/docs_commands_on_services.rs", "schemas_are_registered_as_the_page_says"),
    ),
    (
        "kalends schemas check --registry",
        By::Test("tests/acceptance/docs_commands_on_services.rs", "schemas_are_registered_as_the_page_says"),
    ),
    ("pip install", By::Test("tests/harness/python.rs", "fetch")),
    ("python3 -m venv", By::Nothing("the tests keep the libraries of all pages in one folder")),
    (". venv/bin/activate", By::Nothing("the tests keep the libraries of all pages in one folder")),
    (
        "curl -i --data-binary",
        By::Test("tests/acceptance/docs_commands.rs", "the_senders_sample_is_taken_once_as_its_page_says"),
    ),
    ("curl -X PUT", By::Test("tests/warehouse/warehouse.rs", "make_connector")),
    ("python3 consumer.py", By::Test(SERVICES, "the_pages_consumer_reads_every_record")),
    (
        "docs/consume/kafka.md",
        By::Test("tests/acceptance/docs_commands_on_services.rs", "the_pages_consumer_reads_every_record"),
    ),
    (
        "docs/consume/postgres.md",
        By::Test(
            "crates/sink-postgres/tests/postgres/page.rs",
            "the_questions_of_the_page_have_their_answers",
        ),
    ),
    (
        "docs/consume/recipes.md",
        By::Test("tests/acceptance/recipes.rs", "every_statement_of_the_recipes_answers_its_question"),
    ),
    (
        "docs/consume/warehouse.md",
        By::Test("tests/warehouse/queries.rs", "the_queries_of_the_page_answer_its_questions"),
    ),
    ("docker", By::Test(COMMANDS, ON_PAGE)),
    ("kubectl", By::Test(COMMANDS, ON_PAGE)),
];

/// What runs a command, where that is something else; and the words that it was found by.
#[must_use]
pub fn tested_by(command: &Command) -> Option<(&'static str, By)> {
    let is_meant = |words: &str| match command.kind {
        Kind::Code => command.page == words,
        Kind::Shell | Kind::Sentence => {
            let variables =
                command.text.split(' ').take_while(|word| word.starts_with("KALENDS_") && word.contains('='));
            let skipped: usize = variables.map(|word| word.len() + 1).sum();
            command.text.get(skipped..).is_some_and(|text| text.starts_with(words))
        }
    };
    TESTED_BY.iter().copied().find(|(words, _)| is_meant(words))
}
