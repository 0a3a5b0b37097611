//! Schemas to come against those of every released version, which `tests/released` keeps.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use apache_avro::{
    Schema,
    schema_compatibility::{Compatibility, SchemaCompatibility},
};
use kalends_normalise::Source;
use serde_json::{Value as Json, json};

use crate::plan;

/// Each version's folder.
fn releases() -> Vec<PathBuf> {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/released");
    if let Some(version) = env::var_os("KALENDS_KEEP_RELEASE") {
        keep(&kept.join(version));
    }
    let entries = fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

fn keep(folder: &Path) {
    if folder.is_dir() {
        return;
    }
    fs::create_dir(folder).unwrap();
    for record in plan().records() {
        fs::write(folder.join(&record.name).with_extension("avsc"), format!("{}\n", record.schema_text))
            .unwrap();
    }
}

/// Reason why one of the schemas breaks readers of the other, if it does or may.
fn break_between(old: &str, new: &str) -> Option<String> {
    let names = |schema: &str| -> Vec<String> {
        let schema: Json = serde_json::from_str(schema).unwrap();
        let fields = schema["fields"].as_array().unwrap();
        fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()).collect()
    };
    let present = names(new);
    // For Avro a field that is gone reads as its default; for a table it is a column that stays empty from now on.
    if let Some(gone) = names(old).iter().find(|name| !present.contains(name)) {
        return Some(format!("field {gone} is gone"));
    }
    let (old, new) = (Schema::parse_str(old).unwrap(), Schema::parse_str(new).unwrap());
    [("new readers of old records", &old, &new), ("old readers of new records", &new, &old)]
        .into_iter()
        .find_map(|(who, writer, reader)| match SchemaCompatibility::can_read(writer, reader) {
            Ok(Compatibility::Full) => None,
            // A union's branch that one side lacks: it depends on the value, and some value breaks it.
            Ok(Compatibility::Partial) => Some(format!("{who}: not every value can be read")),
            Err(error) => Some(format!("{who}: {error}")),
        })
}

#[test]
fn every_schema_is_compatible_with_those_of_all_released_versions() {
    let releases = releases();
    assert!(!releases.is_empty(), "no release is kept");
    for release in releases {
        let mut count = 0;
        for file in fs::read_dir(&release).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let plan = plan();
            let record = plan
                .record(name)
                .unwrap_or_else(|| panic!("record {name} is gone since {}", release.display()));
            let record = &plan.records()[record];
            let broken = break_between(&fs::read_to_string(&file).unwrap(), &record.schema_json);
            assert_eq!(broken, None, "{name} since {}", release.display());
            count += 1;
        }
        assert!(count >= 10, "{} is not whole", release.display());
    }
}

/// The comparison itself: what must be told is told.
#[test]
fn a_schema_that_breaks_readers_of_a_released_one_is_found() {
    let [subscribe, ..] = Source::BUILT_IN;
    let broken = |change: &dyn Fn(&mut Vec<Json>)| {
        let mut schema: Json = serde_json::from_str(subscribe.text).unwrap();
        change(schema["fields"].as_array_mut().unwrap());
        break_between(subscribe.text, &schema.to_string())
    };
    let field = |default: Option<Json>| {
        let mut field = json!({ "name": "new", "type": ["null", "string"] });
        if let Some(default) = default {
            field["default"] = default;
        }
        field
    };
    assert_eq!(broken(&|_| {}), None);
    assert_eq!(broken(&|fields| fields.push(field(Some(Json::Null)))), None);
    assert!(broken(&|fields| fields.push(field(None))).is_some());
    assert!(broken(&|fields| fields[2]["name"] = json!("renamed")).is_some());
    assert!(broken(&|fields| drop(fields.remove(0))).is_some());
    assert!(broken(&|fields| fields[2] = json!({ "name": "action_type", "type": "string" })).is_some());
    assert!(broken(&|fields| fields[2]["type"] = json!(["null", "long"])).is_some());
    assert!(broken(&|fields| fields[2]["type"] = json!(["null", "string", "long"])).is_some());
}
