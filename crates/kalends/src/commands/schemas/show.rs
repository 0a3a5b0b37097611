use kalends_normalise::RecordType;
use kalends_settings::schema_catalogue::Catalogue;

use crate::output::exit::{Exit, Failure};

/// Prints the schema as readers see it: every `doc`, and none of kalends' own attributes.
pub(super) fn show(catalogue: &Catalogue, name: &str, on_one_line: bool) -> Result<(), Failure> {
    let record = record(catalogue, name)?;
    super::print([if on_one_line { record.schema_json.clone() } else { record.schema_text.clone() }])
}

/// Prints the `.avsc` file that the record type comes from.
pub(super) fn source(catalogue: &Catalogue, name: &str) -> Result<(), Failure> {
    let record = record(catalogue, name)?;
    super::print(catalogue.source(&record.name).map(|text| text.trim_end().to_owned()))
}

fn record<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a RecordType, Failure> {
    let records = catalogue.plan.records();
    let is_meant = |record: &&RecordType| {
        record.name.eq_ignore_ascii_case(name) || record.full_name.eq_ignore_ascii_case(name)
    };
    records.iter().find(is_meant).ok_or_else(|| {
        let known: Vec<&str> = records.iter().map(|record| record.name.as_str()).collect();
        let message = format!("no record type `{name}`; there are: {}", known.join(", "));
        Failure::new(Exit::Usage, message)
    })
}
