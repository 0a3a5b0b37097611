use std::path::Path;

use kalends_normalise::TimeUnit;
use kalends_settings::{
    Settings,
    schema_catalogue::{Catalogue, Fault},
};
use serde_json::{Value, json};

use super::registries::{self, Registered, Row};
use crate::output::exit::{Exit, Failure};

/// Compiles the schemas in a directory.
pub(super) fn check(directory: Option<&Path>, as_json: bool) -> Result<(), Failure> {
    let catalogue = compile(directory, TimeUnit::default(), as_json)?;
    if as_json {
        let object = json!({ "sound": true, "problems": [], "notes": faults(&catalogue.notes()) });
        return super::print([object.to_string()]);
    }
    super::print(sound(directory, &catalogue))
}

/// The same, and asks the registry of every sink that has one.
pub(super) fn check_with_registries(settings: &Settings, as_json: bool) -> Result<(), Failure> {
    let directory = settings.schemas.directory.as_deref();
    let catalogue = compile(directory, settings.timestamps.into(), as_json)?;
    let sinks = registries::of(settings, &catalogue.plan)?;
    let rows = sinks.iter().map(Registered::inspect).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<Row> = rows.into_iter().flatten().collect();
    let taken = registries::all_taken(&rows);
    if as_json {
        let subjects: Vec<_> = rows.iter().map(Row::json).collect();
        let notes = faults(&catalogue.notes());
        let object = json!({ "sound": taken.is_ok(), "problems": [], "notes": notes, "subjects": subjects });
        super::print([object.to_string()])?;
    } else {
        super::print(sound(directory, &catalogue).into_iter().chain(registries::lines(&rows)))?;
    }
    taken
}

fn compile(directory: Option<&Path>, unit: TimeUnit, as_json: bool) -> Result<Catalogue, Failure> {
    let read = Catalogue::read(directory, unit);
    if let (Err(all), true) = (&read, as_json) {
        let problems = faults(&all.0);
        super::print([json!({ "sound": false, "problems": problems }).to_string()])?;
    }
    read.map_err(|faults| Failure::new(Exit::Configuration, faults))
}

/// Faults or notes for programs.
fn faults(faults: &[Fault]) -> Vec<Value> {
    let fault = |fault: &Fault| json!({ "path": fault.path.display().to_string(), "message": fault.message });
    faults.iter().map(fault).collect()
}

/// That the schemas can be used, and what is worth knowing of them.
fn sound(directory: Option<&Path>, catalogue: &Catalogue) -> Vec<String> {
    let place =
        directory.map_or_else(|| "the built-in schemas".to_owned(), |path| path.display().to_string());
    let (files, records) = (catalogue.file_count(), catalogue.plan.records().len());
    let of_files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
    let mut lines = vec![format!("{place}: sound ({of_files}, {records} record types)")];
    lines.extend(catalogue.notes().into_iter().map(|note| note.message));
    lines
}
