use kalends_settings::Settings;
use serde_json::Value;

/// What a new configuration changes.
pub(super) struct Change {
    /// What is in effect afterwards: the new settings, with the old values of what has to wait for a restart.
    pub(super) settings: Settings,
    /// Keys that take effect at once.
    pub(super) live: Vec<String>,
    /// Keys that take effect at the next start.
    pub(super) waiting: Vec<String>,
    /// Whether the sinks have to begin anew.
    pub(super) sinks: bool,
}

/// Keys that nothing can change while the daemon runs: who holds an address, a directory or a format holds it to the end.
const FIXED: [&str; 9] = [
    "listen.address",
    "listen.max_body",
    "listen.max_in_flight",
    "journal",
    "deduplicate",
    "schemas",
    "timestamps",
    "admin.address",
    "log.format",
];

impl Change {
    pub(super) fn between(old: &Settings, new: Settings) -> Self {
        let mut paths = Vec::new();
        let tree = |settings: &Settings| serde_json::to_value(settings).unwrap_or_default();
        compare(&tree(old), &tree(&new), "", &mut paths);
        let is_fixed = |path: &String| {
            FIXED.iter().any(|key| {
                path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let (waiting, mut live): (Vec<String>, Vec<String>) = paths.into_iter().partition(is_fixed);
        let settings = keep_fixed(old, new);
        if live.is_empty() && settings != *old {
            live.push("the values of secrets".to_owned());
        }
        let sinks = settings.sinks != old.sinks;
        Self { settings, live, waiting, sinks }
    }
}

fn keep_fixed(old: &Settings, mut new: Settings) -> Settings {
    new.listen.address = old.listen.address;
    new.listen.max_body = old.listen.max_body;
    new.listen.max_in_flight = old.listen.max_in_flight;
    new.journal = old.journal.clone();
    new.deduplicate = old.deduplicate;
    new.schemas = old.schemas.clone();
    new.timestamps = old.timestamps;
    new.admin.address = old.admin.address;
    new.log.format = old.log.format;
    new
}

/// Lists the paths of the values that differ.
fn compare(old: &Value, new: &Value, at: &str, paths: &mut Vec<String>) {
    let (Value::Object(old_keys), Value::Object(new_keys)) = (old, new) else {
        if old != new {
            paths.push(at.to_owned());
        }
        return;
    };
    let added = new_keys.keys().filter(|key| !old_keys.contains_key(*key));
    for key in old_keys.keys().chain(added) {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        match (old_keys.get(key), new_keys.get(key)) {
            (Some(old), Some(new)) => compare(old, new, &path, paths),
            _ => paths.push(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use kalends_settings::{Common, LogLevel, Reference, Secret, Sink, Size};
    use kalends_sink::KindSettings;
    use kalends_sink_files::{Files, FilesSettings};

    fn files(common: Common) -> Sink {
        Sink { common, own: KindSettings::new::<Files>(FilesSettings::default()) }
    }

    #[test]
    fn what_changes_at_once_and_what_waits_are_told_apart() {
        let old = Settings::default();
        let mut new = old.clone();
        new.log.level = LogLevel::Debug;
        new.listen.max_connections = 7;
        new.journal.max_size = Size::mebibytes(99);
        new.listen.address = "127.0.0.1:1".parse().unwrap();
        new.sinks = BTreeMap::from([("files".to_owned(), files(Common::default()))]);
        let change = Change::between(&old, new.clone());
        assert_eq!(change.live, ["listen.max_connections", "log.level", "sinks.files"]);
        assert_eq!(change.waiting, ["journal.max_size", "listen.address"]);
        assert!(change.sinks);
        let expected =
            Settings { journal: old.journal.clone(), listen: change.settings.listen.clone(), ..new };
        assert_eq!(change.settings, expected);
        assert_eq!(change.settings.listen.address, old.listen.address);
    }

    #[test]
    fn nothing_new_changes_nothing() {
        let change = Change::between(&Settings::default(), Settings::default());
        assert!(change.live.is_empty() && change.waiting.is_empty() && !change.sinks);
    }

    #[test]
    fn a_new_value_behind_the_same_reference_is_a_change() {
        let with = |file: &str| {
            let mut common = Common::default();
            common.privacy.key = Some(Secret::new(Reference::Env(file.to_owned())));
            Settings { sinks: BTreeMap::from([("files".to_owned(), files(common))]), ..Settings::default() }
        };
        let change = Change::between(&with("OLD"), with("NEW"));
        assert_eq!(change.live, ["sinks.files.privacy.key.env"]);
        assert!(change.sinks);
    }
}
