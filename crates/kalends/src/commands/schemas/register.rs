use super::registries::{self, Registered, Row};
use kalends_settings::{Settings, schema_catalogue::Catalogue};

use crate::output::exit::Failure;

/// Registers the schemas of every sink with a registry, or none when one of them would not be taken.
pub(super) fn register(
    settings: &Settings,
    catalogue: &Catalogue,
    dry_run: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let sinks = registries::of(settings, &catalogue.plan)?;
    let before = sinks.iter().map(Registered::inspect).collect::<Result<Vec<_>, _>>()?;
    let standing = before.iter().map(|rows| registries::all_taken(rows)).collect::<Result<Vec<()>, _>>();
    if dry_run || standing.is_err() {
        print(&before.into_iter().flatten().collect::<Vec<_>>(), as_json)?;
        return standing.map(drop);
    }
    let registered = sinks.iter().zip(&before).map(|(sink, before)| sink.register(before));
    let after = registered.collect::<Result<Vec<_>, _>>()?;
    print(&after.into_iter().flatten().collect::<Vec<_>>(), as_json)
}

fn print(rows: &[Row], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return super::print(rows.iter().map(|row| row.json().to_string()));
    }
    super::print(registries::lines(rows))
}
