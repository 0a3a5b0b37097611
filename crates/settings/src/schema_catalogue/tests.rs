use std::path::Path;

use kalends_normalise::{Source, TimeUnit};
use serde_json::json;

use super::Catalogue;

fn paused(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let [subscribe, ..] = Source::BUILT_IN;
    let mut schema: serde_json::Value = serde_json::from_str(subscribe.text).unwrap();
    schema["name"] = json!("SubscriptionPaused");
    schema["kalends"] = json!({ "types": ["SubscriptionPaused"], "topic": "subscription-paused" });
    change(&mut schema);
    schema.to_string()
}

fn faults(directory: &Path) -> Vec<String> {
    let faults = Catalogue::read(Some(directory), TimeUnit::Millis).unwrap_err();
    let prefix = format!("{}/", directory.display());
    faults.0.iter().map(|fault| fault.message.replace(&prefix, "")).collect()
}

#[test]
fn files_of_the_directory_are_laid_over_the_built_in_schemas() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("paused.avsc"), paused(|_| {})).unwrap();
    // What editors and copying programs leave beside it.
    std::fs::write(directory.path().join("._paused.avsc"), [0, 5, 22, 7]).unwrap();
    std::os::unix::fs::symlink("nobody@nowhere.1:2", directory.path().join(".#paused.avsc")).unwrap();
    std::fs::write(directory.path().join("README.md"), "no schema").unwrap();
    let catalogue = Catalogue::read(Some(directory.path()), TimeUnit::Micros).unwrap();
    assert_eq!(catalogue.file_count(), 1);
    assert_eq!(catalogue.plan.records().len(), Source::BUILT_IN.len() + 1);
    let record = catalogue.plan.record("SubscriptionPaused").unwrap();
    assert_eq!(catalogue.plan.records()[record].full_name, "rokt.calendar.micros.SubscriptionPaused");
    assert_eq!(catalogue.origin("SubscriptionPaused"), Some(directory.path().join("paused.avsc").as_path()));
    assert_eq!(catalogue.origin("Subscribe"), None);
}

#[test]
fn every_file_that_can_not_be_used_is_told_with_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("a.avsc", "{");
    write("b.avsc", &paused(|schema| schema["kalends"]["topic"] = json!("subscribe")));
    write("c.avsc", &paused(|_| {}));
    write(
        "d.avsc",
        &paused(|schema| {
            schema["name"] = json!("Other");
            schema["fields"][0]["type"] = json!("float");
        }),
    );
    let faults = faults(directory.path());
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.starts_with("a.avsc: EOF")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.starts_with("d.avsc: field `event_id`")), "{faults:?}");
    // Of two files with one name, the later one is at fault; what is wrong with the earlier one shows, too.
    assert!(faults.iter().any(|fault| fault.starts_with("b.avsc: Subscribe.avsc has topic")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.starts_with("c.avsc: ")), "{faults:?}");
}

#[test]
fn what_can_not_be_read_is_told() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("folder.avsc")).unwrap();
    std::fs::write(directory.path().join("latin.avsc"), b"\xe9").unwrap();
    let told = faults(directory.path());
    assert_eq!(told[0], "folder.avsc: the schema can't be read: it is no file");
    assert!(told[1].starts_with("latin.avsc: the schema can't be read: "), "{told:?}");
    let gone = directory.path().join("gone");
    assert!(faults(&gone)[0].contains("the directory of schemas can't be read"));
}
