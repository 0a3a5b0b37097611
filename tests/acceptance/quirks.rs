use std::{collections::BTreeMap, fs, path::Path};

use kalends_tests::{Installation, config, wait::PATIENCE, wait_until};
use serde_json::Value;

/// The bodies that the project keeps, and how often each quirk and reason is met in them.
fn kept() -> (Vec<Vec<u8>>, BTreeMap<String, u32>) {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/events")).unwrap();
    let (mut bodies, mut met) = (Vec::new(), BTreeMap::new());
    for folder in folders.map(|folder| folder.unwrap().path()) {
        let body = fs::read(folder.join("body.json")).unwrap();
        // The listener takes no empty body.
        if body.is_empty() {
            continue;
        }
        bodies.push(body);
        let record: Value = serde_json::from_slice(&fs::read(folder.join("record.json")).unwrap()).unwrap();
        let quirks = record["quirks"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let quirks = quirks.filter_map(|seen| seen.split(' ').next());
        let quirks = quirks.map(|quirk| format!("kalends_quirks_total{{quirk=\"{quirk}\"}}"));
        let reason = record["reason"].as_str();
        let reason = reason.map(|reason| format!("kalends_dead_letters_total{{reason=\"{reason}\"}}"));
        for series in quirks.chain(reason) {
            *met.entry(series).or_default() += 1;
        }
    }
    (bodies, met)
}

#[test]
fn every_quirk_and_every_reason_is_counted_under_its_name() {
    let installation = Installation::new(&config::files()).unwrap();
    let daemon = installation.start().unwrap();
    let (bodies, met) = kept();
    assert_eq!(met.len(), 13 + 3, "{met:?}");
    for body in bodies {
        assert_eq!(daemon.post(&body).unwrap().status, 200);
    }
    wait_until("the metrics to tell", PATIENCE, || {
        let metrics = daemon.metrics()?;
        for (series, times) in &met {
            let told = metrics.value(series);
            anyhow::ensure!(told == Some(f64::from(*times)), "{series} is {told:?}, not {times}");
        }
        Ok(Some(()))
    })
    .unwrap();
}
