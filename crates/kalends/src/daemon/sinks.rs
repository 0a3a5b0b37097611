use kalends_delivery::SinkSettings;
use kalends_normalise::Plan;
use kalends_settings::{Settings, altered_fields};
use kalends_sink::{Context, SharedMetrics};

use super::Error;
use crate::sink_streams;

/// Makes every configured sink; none reaches for its destination yet.
pub(crate) fn build(
    settings: &Settings,
    plan: &Plan,
    metrics: &SharedMetrics,
) -> Result<Vec<SinkSettings>, Error> {
    let notes = settings.journal.directory.join("sinks");
    let build = |(name, sink): (&String, &kalends_settings::Sink)| {
        let altered = altered_fields(plan, sink);
        let context = Context {
            notes: Some(&notes),
            now: super::now(),
            max_body: settings.listen.max_body.bytes(),
            altered: &altered,
            ..Context::new(name, metrics)
        };
        let built = sink.own.build(&context).map_err(|source| Error::Sink { sink: name.clone(), source })?;
        Ok(sink_streams::delivery(name.clone(), sink, plan, built))
    };
    settings.sinks.iter().map(build).collect()
}
