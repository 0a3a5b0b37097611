use kalends_normalise::RecordType;
use kalends_settings::schema_catalogue::Catalogue;
use serde_json::json;

use super::table::aligned;
use crate::output::exit::Failure;

const BUILT_IN: &str = "built-in";

pub(super) fn list(catalogue: &Catalogue, as_json: bool) -> Result<(), Failure> {
    let records = catalogue.plan.records();
    let file = |record: &RecordType| catalogue.origin(&record.name).map(|path| path.display().to_string());
    if as_json {
        return super::print(records.iter().map(|record| {
            json!({
                "name": record.name,
                "full_name": record.full_name,
                "topic_suffix": record.topic_suffix,
                "event_types": record.event_types(),
                "fields": record.fields.len(),
                "fingerprint": fingerprint(record),
                "file": file(record),
            })
            .to_string()
        }));
    }
    let head = ["RECORD", "TOPIC SUFFIX", "FIELDS", "FINGERPRINT", "FILE"].map(str::to_owned);
    let rows = records.iter().map(|record| {
        let file = file(record).unwrap_or_else(|| BUILT_IN.to_owned());
        let fields = record.fields.len().to_string();
        [record.full_name.clone(), record.topic_suffix.clone(), fields, fingerprint(record), file]
    });
    super::print(aligned(std::iter::once(head).chain(rows).collect()))
}

/// CRC-64-AVRO as its hexadecimal digits.
fn fingerprint(record: &RecordType) -> String {
    format!("{:016x}", record.fingerprint)
}
