//! Sends what no topic takes, to hear why.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use kalends_sink::Failure;
use rdkafka::{
    ClientContext,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::KafkaError,
    message::DeliveryResult,
    producer::{BaseRecord, ProducerContext, ThreadedProducer},
};

use crate::{
    Settings, config,
    errors::hints::{SLOW, and},
};

/// A broker's answer to one record.
type Answer = Result<(), KafkaError>;

#[derive(Clone, Default)]
struct FirstAnswer(Arc<Mutex<Option<Answer>>>);

impl ClientContext for FirstAnswer {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, "{reason}");
    }
}

impl ProducerContext for FirstAnswer {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let result = result.as_ref().map(drop).map_err(|(error, _)| error.clone());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(result);
    }
}

/// Sends records in one batch and returns what the cluster says of the first one that it answers.
///
/// # Errors
/// [`Failure::Retry`] when no answer comes; `tried` says what was tried.
pub(super) fn send<const N: usize>(
    settings: &Settings,
    tried: &str,
    records: [BaseRecord<'_, [u8], [u8]>; N],
) -> Result<Answer, Failure> {
    let explain = |error: &KafkaError| Failure::retry(format!("{tried}: {error}"));
    let answer = FirstAnswer::default();
    let producer: ThreadedProducer<FirstAnswer> =
        ThreadedProducer::from_config_and_context(&config::probe(settings), answer.clone())
            .map_err(|error| explain(&error))?;
    for record in records {
        producer.send(record).map_err(|(error, _)| explain(&error))?;
    }
    let began = Instant::now();
    loop {
        let told = answer.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match told {
            Some(answer) => return Ok(answer),
            None if began.elapsed() > settings.request_timeout * 2 => {
                return Err(Failure::retry(and(format!("{tried}: no answer in time"), Some(SLOW))));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}
