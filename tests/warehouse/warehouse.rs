use std::{collections::BTreeMap, fs, path::Path, process::Command, sync::OnceLock};

use anyhow::{Context as _, ensure};
use kalends_tests::{
    Installation, config, connect::Connect, documents, kafka::Broker, postgres::Postgres, registry::Registry,
    sample, wait::PATIENCE, wait_until,
};
use serde_json::{Value, json};

/// Id, address, campaign, tags, time, and consent to marketing.
type Subscription = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str, bool);

/// Subscriptions beside the documented one.
const SUBSCRIPTIONS: [Subscription; 4] = [
    ("ann", "ann@example.org", "Spring", &["Team G", "Team H"], "2017-03-15 03:50:00", true),
    ("bob", "bob@example.org", "Spring", &["Team H"], "2017-03-18 10:00:00", false),
    ("cat", "cat@example.org", "Spring", &["Team G"], "2017-03-15 03:59:59.999999", true),
    ("gone", "gone@example.org", "2017", &["Team G"], "2017-03-19 09:00:00", true),
];

/// Everything between the sender and the tables, started once for all tests.
pub(crate) struct Warehouse {
    pub(crate) postgres: Postgres,
    /// How many events were sent, by the table that they land in.
    pub(crate) sent: BTreeMap<String, usize>,
    _services: (Broker, Registry, Connect),
}

/// The warehouse once every event sent is a row in it; `None` where a service can't be had.
pub(crate) fn warehouse() -> Option<&'static Warehouse> {
    static WAREHOUSE: OnceLock<Option<Warehouse>> = OnceLock::new();
    WAREHOUSE.get_or_init(|| filled().unwrap()).as_ref()
}

fn filled() -> anyhow::Result<Option<Warehouse>> {
    let Some(postgres) = Postgres::start("warehouse")? else { return Ok(None) };
    let Some(broker) = Broker::start("warehouse")? else { return Ok(None) };
    let Some(registry) = Registry::start("warehouse")? else { return Ok(None) };
    let sent = send(&broker, &registry)?;
    let Some(connect) = Connect::start("warehouse", &broker, &registry)? else { return Ok(None) };
    make_connector(&connect, &configuration(&postgres))?;
    for (table, rows) in &sent {
        wait_until(&format!("{rows} rows in {table}"), PATIENCE * 2, || {
            let counted = postgres.rows(&format!("select count(*) as rows from {table}"));
            let counted =
                counted.map_err(|error| error.context(format!("{:?}", connect.status("warehouse"))))?;
            Ok((counted == [json!({ "rows": rows })]).then_some(()))
        })?;
    }
    Ok(Some(Warehouse { postgres, sent, _services: (broker, registry, connect) }))
}

/// Makes the connector with the page's own command.
fn make_connector(connect: &Connect, configuration: &Value) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let commands = documents::commands(&root)?;
    let command = commands.iter().find(|command| command.text.starts_with("curl -X PUT"));
    let command = command
        .context("the page has a command")?
        .text
        .replace("localhost:8083", &connect.address().to_string());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("deploy/connect/postgresql.json");
    fs::create_dir_all(file.parent().context("a folder")?)?;
    fs::write(file, configuration.to_string())?;
    let output = Command::new("bash")
        .args(["-c", &command.replace("curl ", "curl -fsS ")])
        .current_dir(&folder)
        .output()?;
    ensure!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    connect.wait_until_it_runs("warehouse")
}

/// The shipped configuration, with another database in it.
fn configuration(postgres: &Postgres) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/connect/postgresql.json");
    let mut configuration: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    configuration["connection.url"] = json!(format!("jdbc:postgresql://{}", postgres.place()));
    configuration["connection.password"] = json!("trusted");
    configuration
}

/// Sends every documented payload, some more subscriptions, a Test, an event of an unknown type and a body that is none.
fn send(broker: &Broker, registry: &Registry) -> anyhow::Result<BTreeMap<String, usize>> {
    let installation = Installation::new(&config::kafka_with_registry(
        broker.bootstrap(),
        registry.url(),
        "",
        "strip_nul: true",
    ))?;
    let registered = installation.run(["schemas", "register", "--config", "kalends.yaml"])?;
    assert!(registered.status.success(), "{}", String::from_utf8_lossy(&registered.stderr));
    let daemon = installation.start()?;
    let mut sent = BTreeMap::new();
    for (topic, body) in events()? {
        assert_eq!(daemon.post(body)?.status, 200);
        *sent.entry(topic.replace(['.', '-'], "_")).or_default() += 1;
    }
    daemon.wait_until_delivered(&["kafka"])?;
    Ok(sent)
}

fn events() -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut events: Vec<_> =
        sample::seven()?.into_iter().map(|sample| (sample.topic(), sample.body)).collect();
    let test = sample::test_event();
    events.push((test.topic(), test.body));
    events.push((
        "rokt.calendar.unknown".into(),
        br#"{"eventId":"u","eventType":"New","eventDetails":{}}"#.into(),
    ));
    events.push(("rokt.calendar.dead-letter".into(), b"\xFFno event".into()));
    for subscription in SUBSCRIPTIONS {
        events.push(("rokt.calendar.subscribe".into(), subscribe(subscription).to_string().into()));
    }
    let gone = json!({ "eventId": "g", "eventType": "Unsubscribe", "eventDetails": {
        "subscription": { "calendarSubscriptionId": "gone", "unsubscribeReasonText": "moved\u{0} away", "nobody's": "a\u{0}b" }
    }});
    events.push(("rokt.calendar.unsubscribe".into(), gone.to_string().into()));
    Ok(events)
}

fn subscribe((id, email, campaign, tags, created, marketing): Subscription) -> Value {
    let tags: Vec<_> = tags.iter().map(|text| json!({ "tagId": text, "tagText": text })).collect();
    json!({ "eventId": id, "eventType": "Subscribe", "eventDetails": { "subscription": {
        "calendarSubscriptionId": id, "calendarTitle": "My Sports Calendar", "calendarTags": tags,
        "emailAddress": email, "isMarketingAllowed": marketing, "enteredPostCode": "90210",
        "utmSource": "Facebook", "utmCampaign": campaign, "createdDateTimeUtc": created,
    }}})
}
