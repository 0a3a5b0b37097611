use std::sync::{Mutex, PoisonError};

use kalends_sink::Failure;
use rdkafka::error::KafkaError;

use crate::error_class::{Class, classify};

/// The last thing that went wrong between client and brokers.
///
/// Calls that wait only ever say that they timed out; why (nobody answers, wrong password, unknown certificate) is
/// reported on the side, and kept here.
#[derive(Debug, Default)]
pub(crate) struct Trouble(Mutex<Option<(Class, String)>>);

impl Trouble {
    /// Keeps a report. A refusal is not covered up by the lost connections that follow from it.
    pub(crate) fn note(&self, error: &KafkaError, reason: &str) {
        let class = classify(error);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if class == Class::Refused || last.as_ref().is_none_or(|(kept, _)| *kept != Class::Refused) {
            *last = Some((class, reason.to_owned()));
        }
    }

    /// Whether waiting any longer is in vain.
    pub(crate) fn is_refusal(&self) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().is_some_and(|(class, _)| *class == Class::Refused)
    }

    /// The failure that `error` amounts to; `what` says what was tried.
    pub(crate) fn explain(&self, what: &str, error: &KafkaError) -> Failure {
        let class = classify(error);
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (class, last) {
            (Class::Refused | Class::MissingTopic | Class::TooLarge | Class::Rejected, _) => {
                Failure::hold(format!("{what}: {error}"))
            }
            (_, Some((Class::Refused, reason))) => Failure::hold(format!("{what}: {reason}")),
            (_, Some((_, reason))) => Failure::retry(format!("{what}: {error} (last reported: {reason})")),
            (_, None) => Failure::retry(format!("{what}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::error::RDKafkaErrorCode as Code;

    use super::*;

    const TIMED_OUT: KafkaError = KafkaError::Global(Code::OperationTimedOut);

    #[test]
    fn a_time_out_behind_which_a_refusal_stands_is_a_hold_that_says_why() {
        let trouble = Trouble::default();
        trouble.note(&KafkaError::Global(Code::Authentication), "wrong password");
        trouble.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        assert!(trouble.is_refusal());
        let failure = trouble.explain("connecting", &TIMED_OUT);
        assert!(matches!(&failure, Failure::Hold { message } if message == "connecting: wrong password"));
    }

    #[test]
    fn a_time_out_behind_which_nobody_answers_is_tried_again() {
        let trouble = Trouble::default();
        trouble.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        let failure = trouble.explain("connecting", &TIMED_OUT);
        assert!(matches!(&failure, Failure::Retry { message } if message.contains("1/1 brokers are down")));
    }
}
