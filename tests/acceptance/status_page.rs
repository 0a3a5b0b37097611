//! The page for people, in a real browser.

use std::{collections::BTreeMap, fs};

use kalends_tests::{
    Daemon, Installation, browser::Browser, config, event, service, wait::PATIENCE, wait_until,
};
use serde_json::{Value, json};

/// The page has been filled, and asks no more.
const FILLED: &str = r#"(() => {
    if (document.getElementById("told").hidden) return false;
    if (document.getElementById("pause").ariaPressed !== "true") document.getElementById("pause").click();
    return true;
})()"#;

/// What the page shows, number by number.
const SHOWN: &str = r##"refresh().then(() => {
    const all = (path, within = document) => [...within.querySelectorAll(path)];
    const text = (path, within = document) => within.querySelector(path).textContent;
    const number = text => Number(text.replaceAll(",", ""));
    const cells = path => Object.fromEntries(all(path).map(row => [text("th", row), number(text("td:last-child", row))]));
    const entries = list => Object.fromEntries(all("dt", list).map(term => [term.textContent, term.nextElementSibling.textContent]));
    return {
        title: text("#verdict-title"),
        total: number(text("#intake-total")),
        repeated: number(text("#legend-repeated")),
        dead: number(text("#legend-dead")),
        types: cells("#types tbody tr"),
        minutes: all("#minutes tbody tr").flatMap(row => all("td", row)).map(cell => number(cell.textContent)).reduce((a, b) => a + b, 0),
        columns: (document.querySelector("#chart .first").getAttribute("d").match(/M/g) ?? []).length,
        refused: cells("#refused tbody tr"),
        sinks: all("#sinks > li").map(sink => ({
            name: text("h3", sink), state: text(".state", sink).trim(), error: text(".said", sink),
            lag: number(entries(sink)["Webhooks behind"]), position: number(entries(sink)["At position"]),
        })),
        letters: all("#letters li").map(letter => text("p:nth-child(1)", letter) + ": " + text("p:nth-child(3)", letter)),
        room: text("#journal-room"),
        kept: entries(document.querySelector("#journal"))["Positions kept"],
    };
})"##;

/// What it has to show, said by the daemon itself.
fn expected(status: &Value) -> Value {
    let sum = |counts: &Value| counts.as_array().unwrap().iter().filter_map(Value::as_u64).sum::<u64>();
    let intake = &status["intake"];
    let types: BTreeMap<_, _> = intake["events"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, counts)| (name.as_str(), sum(counts)))
        .collect();
    let (repeated, dead) = (sum(&intake["repeated"]), sum(&intake["dead_letters"]));
    let state = |sink: &Value| match sink["state"].as_str() {
        Some("running") => "delivering",
        Some("retry") => "retrying",
        other => panic!("{other:?} is not expected here"),
    };
    let sinks = status["sinks"].as_array().unwrap().iter().map(|sink| {
        let error = sink["last_error"].as_str().unwrap_or_default();
        json!({ "name": sink["name"], "state": state(sink), "error": error, "lag": sink["lag_events"], "position": sink["position"] })
    });
    let letters = status["dead_letters"].as_array().unwrap().iter();
    let letters =
        letters.map(|l| format!("{}: {}", l["reason"].as_str().unwrap(), l["message"].as_str().unwrap()));
    let total = types.values().sum::<u64>() + dead;
    let mebibytes = status["journal"]["room_bytes"].as_f64().unwrap() / f64::from(1 << 20);
    json!({
        "title": "Retrying: kafka",
        "total": total,
        "repeated": repeated,
        "dead": dead,
        "types": types,
        "minutes": total,
        "columns": minutes_with_first(intake),
        "refused": { "no endpoint has its path": status["requests"]["refused"]["unknown-path"] },
        "sinks": sinks.collect::<Vec<_>>(),
        "letters": letters.collect::<Vec<_>>(),
        "room": format!("{mebibytes:.0} MiB"),
        "kept": format!("{} to {}", status["journal"]["first_position"], status["journal"]["last_position"]),
    })
}

/// In how many minutes there was an event for the first time.
fn minutes_with_first(intake: &Value) -> usize {
    let at = |counts: &Value, minute: usize| counts[minute].as_u64().unwrap();
    let events = |minute| intake["events"].as_object().unwrap().values().map(|c| at(c, minute)).sum::<u64>();
    (0..60).filter(|minute| events(*minute) > at(&intake["repeated"], *minute)).count()
}

/// A daemon that has received something of everything, with a sink that can't deliver it.
fn busy(installation: &Installation) -> Daemon {
    let daemon = installation.start().unwrap();
    for number in 0..5 {
        daemon.post(event::webhook(&format!("planted-{number}"), number)).unwrap();
    }
    daemon.post(event::webhook("planted-0", 0)).unwrap();
    daemon.post(r#"{"eventId":"u","eventType":"Unsubscribe","eventDetails":{}}"#).unwrap();
    daemon.post(r#"{"eventId":"planted-5","eventType":"#).unwrap();
    daemon.post(r#"{"emailAddress":"planted-6"}"#).unwrap();
    assert_eq!(daemon.send("POST", "/planted-7", &[], b"{}").unwrap().status, 404);
    daemon.wait_until_delivered(&["files"]).unwrap();
    wait_until("the other sink to have failed", PATIENCE, || {
        Ok((daemon.status()?["sinks"][1]["state"] == "retry").then_some(()))
    })
    .unwrap();
    daemon
}

fn configuration() -> String {
    config::files_and_kafka("127.0.0.1:9")
        .replace("directory: ./journal", "directory: ./journal, max_size: 512MiB")
}

#[test]
fn the_page_shows_what_status_says_and_asks_nobody_else() {
    let Some(mut browser) = Browser::start().unwrap() else { return };
    let installation = Installation::new(&configuration()).unwrap();
    let daemon = busy(&installation);
    let url = format!("http://{}/", daemon.admin());
    browser.open(&url, FILLED).unwrap();
    wait_until("the page to show what the daemon says", PATIENCE, || {
        // A minute may pass, or a sink try again, between the two.
        let (shown, told) = (browser.value(SHOWN)?, expected(&daemon.status()?));
        anyhow::ensure!(shown == told, "{shown:#} is shown, {told:#} is told");
        Ok(Some(()))
    })
    .unwrap();
    let page = browser.value("document.documentElement.outerHTML").unwrap().to_string();
    assert!(page.contains("invalid-json") && !page.contains("planted"), "{page}");
    let requested = browser.requested();
    let elsewhere: Vec<_> =
        requested.iter().filter(|to| !to.starts_with(&url) && !to.starts_with("data:")).collect();
    assert!(requested.len() > 1 && elsewhere.is_empty(), "{elsewhere:?}");
    assert_eq!(browser.console(), [""; 0]);

    daemon.terminate().unwrap();
    browser.value("refresh()").unwrap();
    assert_eq!(browser.value("document.getElementById('verdict-title').textContent").unwrap(), "No answer");
}

#[test]
fn the_page_can_be_used_by_everybody_on_every_screen() {
    let Some(mut browser) = Browser::start().unwrap() else { return };
    let axe = service::axe().unwrap().map(|path| fs::read_to_string(path).unwrap());
    let installation = Installation::new(&configuration()).unwrap();
    let quiet = Installation::new(&config::files()).unwrap();
    let daemons = [("busy", busy(&installation)), ("quiet", quiet.start().unwrap())];
    for ((name, daemon), (width, colours)) in daemons.iter().flat_map(|daemon| {
        [(1200, "light"), (1200, "dark"), (390, "light"), (320, "dark")].map(|look| (daemon, look))
    }) {
        browser.show_as(width, colours).unwrap();
        browser.open(&format!("http://{}/", daemon.admin()), FILLED).unwrap();
        browser.picture(&format!("{name}-{width}-{colours}")).unwrap();
        let over = browser.value("document.documentElement.scrollWidth - window.innerWidth").unwrap();
        assert!(over.as_i64().unwrap() <= 0, "{name}: {over} pixels wider than {width}");
        let Some(axe) = &axe else { continue };
        browser.value(&format!("{axe}; 0")).unwrap();
        let faults = "axe.run().then(r => r.violations.map(v => [v.id, ...v.nodes.map(n => n.failureSummary + n.html)]))";
        assert_eq!(browser.value(faults).unwrap(), json!([]), "{name}, {width}, {colours}");
    }
}

#[test]
fn updates_can_be_halted_from_the_keyboard() {
    let Some(mut browser) = Browser::start().unwrap() else { return };
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    browser.open(&format!("http://{}/", daemon.admin()), "!document.getElementById('told').hidden").unwrap();
    browser.press("Tab").unwrap();
    assert_eq!(browser.value("document.activeElement.id").unwrap(), "pause");
    browser.press("Enter").unwrap();
    assert_eq!(browser.value("document.activeElement.ariaPressed").unwrap(), "true");
}
