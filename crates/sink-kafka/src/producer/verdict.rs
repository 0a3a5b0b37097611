//! Meaning of a session's end: rules in order, of which the first that applies decides.

use std::time::Duration;

use jiff::Timestamp;
use kalends_sink::Failure;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::{
    client::{LastError, Losses, Undelivered},
    errors::{
        Class, classify,
        hints::{about_times, and, refused},
        of_code, with_hint,
    },
};

/// Reason why a session can't go on.
#[derive(Debug)]
pub(crate) enum Interruption {
    /// The client refused a call.
    Client(KafkaError),
    /// Records were not delivered.
    Undelivered,
    /// No broker acknowledged anything for so long.
    Stalled(Duration),
    /// Known already.
    Known(Failure),
}

/// Meaning of an interruption.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A failure as it is.
    Failure(Failure),
    /// Another producer of this identity was seen, or the cluster ended the transaction for its age.
    Fenced,
    /// The record was refused, or it is one of so many that were refused together.
    Refused(Undelivered, usize),
}

/// Everything that is known when a session ends.
pub(super) struct Ending<'a> {
    /// The client's error after which it can do nothing more.
    pub(super) fatal: Option<(RDKafkaErrorCode, String)>,
    /// The call that failed.
    pub(super) interruption: Interruption,
    /// The records that did not arrive.
    pub(super) losses: Losses,
    /// Reason why the client gave the transaction up.
    pub(super) reason: Option<KafkaError>,
    /// The oldest and the newest time of the records, in milliseconds since the Unix epoch.
    pub(super) times: Option<(i64, i64)>,
    /// Reports on the side.
    pub(super) last_error: &'a LastError,
}

impl Ending<'_> {
    pub(super) fn verdict(self) -> Verdict {
        let rules: [fn(&Self) -> Option<Verdict>; 9] = [
            Self::fenced_client,
            Self::refused_client,
            Self::known_failure,
            Self::refused_records,
            Self::refused_topic,
            Self::refused_transaction,
            Self::broken_client,
            Self::lost_record,
            Self::aborted_transaction,
        ];
        rules.iter().find_map(|rule| rule(&self)).unwrap_or_else(|| self.failed_call())
    }

    /// The client knows of a newer producer.
    fn fenced_client(&self) -> Option<Verdict> {
        let (code, _) = self.fatal.as_ref()?;
        (of_code(*code) == Class::Fenced).then_some(Verdict::Fenced)
    }

    /// The client is at its end because the cluster refuses it.
    fn refused_client(&self) -> Option<Verdict> {
        let (code, said) = self.fatal.as_ref()?;
        let failure = || Failure::hold(with_hint(said.clone(), Some(*code)));
        (of_code(*code) == Class::Refused).then(|| Verdict::Failure(failure()))
    }

    /// The failure was known before the session ended.
    fn known_failure(&self) -> Option<Verdict> {
        match &self.interruption {
            Interruption::Known(failure) => Some(Verdict::Failure(failure.clone())),
            _ => None,
        }
    }

    /// Records were refused for what they are.
    fn refused_records(&self) -> Option<Verdict> {
        self.worst().filter(|_| self.losses.suspects > 0).map(|lost| self.lost(lost))
    }

    /// A topic refuses every record. The record's own report names the topic, which the transaction's error does not.
    fn refused_topic(&self) -> Option<Verdict> {
        self.worst().filter(|lost| is_refusal(lost.class)).map(|lost| self.lost(lost))
    }

    /// The cluster refuses the transaction.
    fn refused_transaction(&self) -> Option<Verdict> {
        self.reason.as_ref().filter(|error| is_refusal(classify(error))).map(|error| self.given_up(error))
    }

    /// The client is at its end for anything else: that follows from what was looked at before, or from nothing that is known.
    fn broken_client(&self) -> Option<Verdict> {
        self.fatal.as_ref().map(|(_, said)| Verdict::Failure(Failure::retry(said.clone())))
    }

    /// A record did not arrive, and not for another record's sake.
    fn lost_record(&self) -> Option<Verdict> {
        self.worst().filter(|lost| lost.class != Class::Consequence).map(|lost| self.lost(lost))
    }

    /// The client gave the transaction up.
    fn aborted_transaction(&self) -> Option<Verdict> {
        self.reason.as_ref().map(|error| self.given_up(error))
    }

    /// Nothing else explains the call that failed.
    fn failed_call(&self) -> Verdict {
        match &self.interruption {
            Interruption::Known(failure) => Verdict::Failure(failure.clone()),
            Interruption::Client(error) if classify(error) == Class::Fenced => Verdict::Fenced,
            Interruption::Client(error) => {
                Verdict::Failure(self.last_error.explain("talking to the cluster", error))
            }
            Interruption::Stalled(timeout) => Verdict::Failure(Failure::retry(format!(
                "no broker acknowledged a record for {} s",
                timeout.as_secs()
            ))),
            Interruption::Undelivered => {
                Verdict::Failure(Failure::retry("the transaction was given up before its records arrived"))
            }
        }
    }

    fn worst(&self) -> Option<&Undelivered> {
        self.losses.worst.as_ref()
    }

    /// Meaning of this record's loss.
    fn lost(&self, lost: &Undelivered) -> Verdict {
        let Undelivered { topic, class, is_about_time, message, .. } = lost;
        match class {
            Class::Fenced => Verdict::Fenced,
            Class::TooLarge | Class::Rejected => Verdict::Refused(lost.clone(), self.losses.suspects),
            Class::MissingTopic | Class::Refused => {
                let times = self.times.filter(|_| *is_about_time);
                let hint = times.map(|times| about_times(times, Timestamp::now().as_millisecond()));
                Verdict::Failure(Failure::hold(and(refused(topic, message), hint.as_deref())))
            }
            _ => Verdict::Failure(Failure::retry(format!("topic {topic:?}: {message}"))),
        }
    }

    fn given_up(&self, error: &KafkaError) -> Verdict {
        if classify(error) == Class::Fenced {
            return Verdict::Fenced;
        }
        let partition = self.last_error.partition();
        let what = partition.map_or_else(String::new, |line| format!(" ({line})"));
        Verdict::Failure(self.last_error.explain(&format!("the transaction failed{what}"), error))
    }
}

const fn is_refusal(class: Class) -> bool {
    matches!(class, Class::Refused | Class::MissingTopic)
}

#[cfg(test)]
mod tests;
