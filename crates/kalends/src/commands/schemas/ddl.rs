use kalends_settings::{Settings, altered_fields, schema_catalogue::Catalogue};
use kalends_sink::{Context, SharedMetrics};

use crate::{
    output::exit::{Exit, Failure},
    sink_streams,
};

/// Prints the statements of every sink whose kind has some.
pub(super) fn ddl(settings: &Settings, catalogue: &Catalogue, rebuild_state: bool) -> Result<(), Failure> {
    let metrics = SharedMetrics::default();
    let mut lines = Vec::new();
    for (name, sink) in &settings.sinks {
        let altered = altered_fields(&catalogue.plan, sink);
        let context = Context { altered: &altered, ..Context::new(name, &metrics) };
        let streams = sink_streams::of(sink, &catalogue.plan);
        let Some(statements) = sink.own.statements(&context, &streams, rebuild_state) else { continue };
        let statements = statements.map_err(|error| Failure::new(Exit::Configuration, error))?;
        lines.push(format!("-- sink {name}"));
        lines.extend(statements.into_iter().map(|statement| format!("{statement};")));
    }
    if lines.is_empty() {
        let message = "no sink has a database; add one of `kind: postgres`, and name the file with -c";
        return Err(Failure::new(Exit::Configuration, message));
    }
    super::print(lines)
}
