//! Tables, columns and views: what there should be, what there is, and the statements that add the difference. Nothing is
//! ever dropped or altered in type.

mod catalog;
mod migrate;
mod statement;
mod view;
mod wanted;

use kalends_sink::{RowSchemaError, Stream};

pub(crate) use catalog::{Catalog, key_of};
pub(crate) use migrate::{Migration, Step, left, missing};
pub(crate) use wanted::Wanted;

use crate::{Settings, state::Layout, table::Table};

/// Every statement that makes what a sink with these settings writes to, for somebody who makes it by hand.
///
/// # Errors
/// [`RowSchemaError`] when a schema has a field that no column can hold.
pub fn statements(settings: &Settings, streams: &[Stream]) -> Result<Vec<String>, RowSchemaError> {
    let tables = streams.iter().map(Table::new);
    let tables = tables.collect::<Result<Vec<_>, _>>()?;
    let layout = settings.subscriptions.then(|| Layout::new(&tables)).flatten();
    let wanted = Wanted::new(settings, &tables, layout.as_ref());
    Ok(missing(&wanted, &Catalog::default()).into_iter().flat_map(|step| step.statements).collect())
}
