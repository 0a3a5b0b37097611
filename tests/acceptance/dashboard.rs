//! The dashboard and the alerts, over what a real Prometheus scrapes from a daemon at work.

use std::{fs, path::Path, process::Command};

use kalends_tests::{
    Installation, config, event,
    load::Load,
    postgres::Postgres,
    prometheus::{self, Prometheus},
    wait::PATIENCE,
    wait_until,
};
use serde_json::Value;

/// A query of a panel, as Grafana sends it, and the labels that its legend names.
struct Query {
    title: String,
    expression: String,
    labels: Vec<String>,
}

fn deploy(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(path)).unwrap()
}

fn queries() -> Vec<Query> {
    let dashboard: Value = serde_json::from_str(&deploy("grafana/kalends.json")).unwrap();
    let of_panel = |panel: &Value| {
        let targets = panel["targets"].as_array().unwrap().clone();
        let title = panel["title"].as_str().unwrap().to_owned();
        targets.into_iter().map(move |target| query(&title, &target))
    };
    let queries: Vec<_> = dashboard["panels"].as_array().unwrap().iter().flat_map(of_panel).collect();
    assert!(queries.len() >= 15, "the dashboard has panels");
    queries
}

fn query(title: &str, target: &Value) -> Query {
    let expression = target["expr"].as_str().unwrap();
    // Grafana's own: every instance, and four times the time between two scrapes.
    let expression = expression.replace("$instance", ".*").replace("$__rate_interval", "15s");
    assert!(!expression.contains('$'), "{title} has a variable that nobody sets: {expression}");
    let legend = target["legendFormat"].as_str().unwrap_or_default();
    let labels =
        legend.split("{{").skip(1).filter_map(|part| Some(part.split_once("}}")?.0.trim().to_owned()));
    Query { title: title.to_owned(), expression, labels: labels.collect() }
}

/// Every panel's query gives numbers, of series that have what its legend names.
fn every_panel_has_data(prometheus: &Prometheus, queries: &[Query]) -> anyhow::Result<()> {
    for Query { title, expression, labels } in queries {
        let series = prometheus.query(expression)?;
        anyhow::ensure!(!series.is_empty(), "{title} is empty: {expression}");
        for one in &series {
            let missing = labels.iter().find(|label| one["metric"].get(label.as_str()).is_none());
            anyhow::ensure!(missing.is_none(), "{title} names {missing:?} in its legend, and gets {one}");
        }
        let is_number = |one: &Value| one["value"][1].as_str().is_some_and(|value| value != "NaN");
        anyhow::ensure!(series.iter().any(is_number), "{title} is no number: {series:?}");
    }
    Ok(())
}

/// Every alert is loaded and has been evaluated without a fault.
fn every_alert_is_watched(prometheus: &Prometheus) -> anyhow::Result<()> {
    let groups = prometheus.get("/api/v1/rules")?;
    let rules: Vec<_> = groups["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|g| g["rules"].as_array().unwrap())
        .collect();
    let text = deploy("prometheus/alerts.yml");
    let named: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let loaded: Vec<_> = rules.iter().filter_map(|rule| rule["name"].as_str()).collect();
    anyhow::ensure!(!named.is_empty() && loaded == named, "{loaded:?} are loaded, not {named:?}");
    let unwell = rules.iter().find(|rule| rule["health"] != "ok");
    anyhow::ensure!(unwell.is_none(), "{unwell:?}");
    Ok(())
}

#[test]
fn every_panel_shows_something_of_a_daemon_at_work() {
    let Some(server) = Postgres::start("panels").unwrap() else { return };
    let database = config::postgres_sink("database", server.place(), "");
    let installation = Installation::new(&(config::files_and_kafka("127.0.0.1:9") + &database)).unwrap();
    let daemon = installation.start().unwrap();
    let configuration = prometheus::shipped("prometheus.yml", "kalends:9464", daemon.admin()).unwrap();
    let Some(prometheus) = Prometheus::start(&configuration).unwrap() else { return };
    let load = Load::steady("panel", daemon.public(), 1, std::time::Duration::from_millis(50));
    daemon.post("no event").unwrap();
    daemon.post(event::webhook("twice", 1)).unwrap();
    daemon.post(event::webhook("twice", 1)).unwrap();
    let queries = queries();
    wait_until("every panel to have data", PATIENCE * 2, || {
        every_panel_has_data(&prometheus, &queries)?;
        every_alert_is_watched(&prometheus)?;
        Ok(Some(()))
    })
    .unwrap();
    let instances =
        prometheus.get("/api/v1/label/instance/values?match%5B%5D=kalends_journal_bytes").unwrap();
    assert_eq!(
        instances,
        serde_json::json!([daemon.admin().to_string()]),
        "what the dashboard's variable offers"
    );
    let up = prometheus.query(r#"up{job="kalends"}"#).unwrap();
    assert_eq!(up[0]["value"][1], "1", "the alert on a daemon that is down looks at this job");
    load.stop().unwrap();
}

#[test]
fn the_pages_prometheus_scrapes_a_daemon() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    let configuration = prometheus::shipped("local.yml", "127.0.0.1:9464", daemon.admin()).unwrap();
    let Some(prometheus) = Prometheus::start(&configuration).unwrap() else { return };
    let page = deploy("../docs/run/dashboard.md");
    let question =
        page.lines().find(|line| line.trim().starts_with("curl -fsS 'http://127.0.0.1:9090")).unwrap();
    let question = question.replace("127.0.0.1:9090", &prometheus.address().to_string());
    wait_until("the page's question to be answered", PATIENCE, || {
        let answer = Command::new("bash").args(["-c", &question]).output()?;
        Ok(String::from_utf8(answer.stdout)?.contains(r#""1"]"#).then_some(()))
    })
    .unwrap();
}
