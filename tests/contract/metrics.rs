use std::{collections::BTreeSet, fs};

use kalends_tests::{Installation, config};

/// The metrics in the tables of docs/reference/metrics.md: rows of a name, perhaps with labels, and a type.
fn documented() -> BTreeSet<String> {
    let page = fs::read_to_string(super::sources::root().join("docs/reference/metrics.md")).unwrap();
    let name = |line: &str| {
        let mut columns = line.split('|').map(str::trim).skip(1);
        let (name, kind) = (columns.next()?, columns.next()?);
        let name = name.strip_prefix('`')?.split(['`', '{']).next()?;
        ["counter", "gauge", "histogram"].contains(&kind).then(|| name.to_owned())
    };
    page.lines().filter_map(name).collect()
}

/// Nobody listens at port 9 of a test machine: what the sinks of Kafka, PostgreSQL and HTTP count must be there all the same.
#[test]
fn the_metrics_page_names_exactly_what_a_daemon_exposes() {
    let database =
        "  database: { kind: postgres, url: \"postgres://kalends@127.0.0.1:9/kalends\", tls: off }\n";
    let crm = "  crm: { kind: http, preset: none, url: \"http://127.0.0.1:9/\", events: { Test: tested } }\n";
    let configuration = config::files_and_kafka("127.0.0.1:9") + database + crm;
    let installation = Installation::new(&configuration).unwrap();
    let daemon = installation.start().unwrap();
    let exposed = daemon.metrics().unwrap().names();
    let documented = documented();
    let missing: Vec<_> = exposed.difference(&documented).collect();
    let invented: Vec<_> = documented.difference(&exposed).collect();
    assert!(missing.is_empty(), "not in docs/reference/metrics.md: {missing:?}");
    assert!(invented.is_empty(), "in docs/reference/metrics.md, but not exposed: {invented:?}");
}

#[test]
fn every_metric_is_named_by_the_conventions() {
    for name in documented() {
        let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(plain, "{name}: lower case, digits and underscores only");
        let odd =
            ["_milliseconds", "_microseconds", "_kilobytes", "_count"].iter().find(|u| name.ends_with(*u));
        assert_eq!(odd, None, "{name}: base units only, and a counter ends in _total");
    }
}
