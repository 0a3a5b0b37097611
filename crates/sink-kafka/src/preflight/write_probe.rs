//! Whether a topic may be written, found out without writing: brokers look at rights first, then at the size, and a record
//! of one byte more than the topic takes is refused for the one or the other.

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
    errors::{Class, advise, classify, hints::refused},
};

/// Largest limit of a topic up to which this is done: what is sent must be larger still.
pub(crate) const MAX_LIMIT: u64 = 16 << 20;

#[derive(Clone, Default)]
struct Answer(Arc<Mutex<Option<Result<(), KafkaError>>>>);

impl ClientContext for Answer {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, "{reason}");
    }
}

impl ProducerContext for Answer {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let result = result.as_ref().map(drop).map_err(|(error, _)| error.clone());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
}

/// Why the topic, which takes messages of at most `limit` bytes, may not be written; `None` when it may.
pub(crate) fn refusal(settings: &Settings, topic: &str, limit: u64) -> Result<Option<String>, Failure> {
    let explain = |error: &KafkaError| Failure::retry(format!("trying to write topic {topic:?}: {error}"));
    let answer = Answer::default();
    let config = config::probe(settings);
    let producer: ThreadedProducer<Answer> =
        ThreadedProducer::from_config_and_context(&config, answer.clone())
            .map_err(|error| explain(&error))?;
    let value = vec![0_u8; usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1)];
    producer.send(BaseRecord::<(), _>::to(topic).payload(&value)).map_err(|(error, _)| explain(&error))?;
    let began = Instant::now();
    loop {
        let told = answer.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match told {
            Some(Err(error)) => return judge(topic, &error, explain),
            Some(Ok(())) => {
                return Ok(Some(format!(
                    "topic {topic:?} takes more than its max.message.bytes says: mend that"
                )));
            }
            None if began.elapsed() > settings.request_timeout * 2 => {
                return Err(Failure::retry(format!("trying to write topic {topic:?}: no answer in time")));
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn judge(
    topic: &str,
    error: &KafkaError,
    explain: impl Fn(&KafkaError) -> Failure,
) -> Result<Option<String>, Failure> {
    match classify(error) {
        Class::TooLarge => Ok(None),
        Class::Refused | Class::MissingTopic | Class::Rejected => Ok(Some(refused(topic, &advise(error)))),
        _ => Err(explain(error)),
    }
}
