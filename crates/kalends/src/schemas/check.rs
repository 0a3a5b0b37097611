use std::path::Path;

use kalends_normalise::TimeUnit;
use serde_json::json;

use crate::{
    catalogue::Catalogue,
    exit::{Exit, Failure},
};

pub(super) fn check(directory: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let read = Catalogue::read(directory, TimeUnit::default());
    if as_json {
        let faults = read.as_ref().err().map(|faults| faults.0.as_slice()).unwrap_or_default();
        let problems: Vec<_> = faults
            .iter()
            .map(|fault| json!({ "path": fault.path.display().to_string(), "message": fault.message }))
            .collect();
        super::print([json!({ "sound": read.is_ok(), "problems": problems }).to_string()])?;
    }
    let catalogue = read.map_err(|faults| Failure::new(Exit::Configuration, faults))?;
    if as_json {
        return Ok(());
    }
    let place =
        directory.map_or_else(|| "the built-in schemas".to_owned(), |path| path.display().to_string());
    let (files, records) = (catalogue.file_count(), catalogue.plan.records().len());
    let of_files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    super::print([format!("{place}: sound ({of_files}, {records} record types)")])
}
