//! Finds out without writing whether a topic may be written: brokers look at rights first, then at the size, and a
//! record of one byte more than the topic takes is refused for the one or the other.

use kalends_sink::Failure;
use rdkafka::{error::KafkaError, producer::BaseRecord};

use super::probe::send;
use crate::{
    Settings,
    errors::{Class, advise, classify, hints::refused},
};

/// Largest limit of a topic up to which this is done: what is sent must be larger still.
pub(crate) const MAX_LIMIT: u64 = 16 << 20;

/// Reason why the topic, which takes messages of at most `limit` bytes, may not be written; `None` when it may.
pub(crate) fn refusal(settings: &Settings, topic: &str, limit: u64) -> Result<Option<String>, Failure> {
    let value = vec![0_u8; usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1)];
    let tried = format!("trying to write topic {topic:?}");
    match send(settings, &tried, [BaseRecord::to(topic).payload(&value)])? {
        Err(error) => judge(topic, &error, |error| Failure::retry(format!("{tried}: {error}"))),
        Ok(()) => {
            Ok(Some(format!("topic {topic:?} takes more than its max.message.bytes says: correct that")))
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
