use std::sync::{Mutex, PoisonError};

use kalends_sink::Failure;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::errors::{
    Class, advise, classify,
    hints::{SLOW, TLS_ALERT, UNREACHABLE, and, connection_hint},
    of_code, with_hint,
};

/// The last thing that went wrong between client and brokers.
///
/// Calls that wait only ever say that they timed out; why (nobody answers, wrong password, unknown certificate) is
/// reported on the side, and kept here.
#[derive(Debug, Default)]
pub(crate) struct LastError {
    last: Mutex<Option<Report>>,
    /// The client's log about a connection: that it was closed is no error to the client.
    closed: Mutex<Option<String>>,
    /// The client's log about a single partition: its errors don't name any.
    partition: Mutex<Option<String>>,
}

#[derive(Debug, Clone)]
struct Report {
    class: Class,
    code: Option<Code>,
    reason: String,
}

impl LastError {
    /// Keeps a report. A refusal is not covered up by the lost connections that follow from it.
    pub(crate) fn note(&self, error: &KafkaError, reason: &str) {
        // A broker that refuses the client's certificate just hangs up; only the words say why.
        let code = if reason.contains(TLS_ALERT) { Some(Code::SSL) } else { error.rdkafka_error_code() };
        if code == Some(Code::AllBrokersDown) {
            // It follows from what was said before, and says less.
            self.closed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert_with(|| reason.to_owned());
            return;
        }
        let class = code.map_or_else(|| classify(error), of_code);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if class == Class::Refused || last.as_ref().is_none_or(|kept| kept.class != Class::Refused) {
            *last = Some(Report { class, code, reason: reason.to_owned() });
        }
    }

    /// Keeps what the log says about a connection.
    pub(crate) fn note_closed(&self, line: &str) {
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some(line.to_owned());
    }

    /// Keeps what the log says about a partition.
    pub(crate) fn note_partition(&self, line: &str) {
        *self.partition.lock().unwrap_or_else(PoisonError::into_inner) = Some(line.to_owned());
    }

    /// The log's last line about a partition.
    pub(crate) fn partition(&self) -> Option<String> {
        self.partition.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether waiting any longer is in vain.
    pub(crate) fn is_refusal(&self) -> bool {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().is_some_and(|report| report.class == Class::Refused)
    }

    /// The failure that `error` amounts to; `what` says what was tried.
    pub(crate) fn explain(&self, what: &str, error: &KafkaError) -> Failure {
        let class = classify(error);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (class, last) {
            (Class::Refused | Class::MissingTopic | Class::TooLarge | Class::Rejected, _) => {
                Failure::hold(format!("{what}: {}", advise(error)))
            }
            (_, Some(Report { class: Class::Refused, code, reason })) => {
                Failure::hold(format!("{what}: {}", with_hint(reason, code)))
            }
            (_, last) => Failure::retry(format!("{what}: {}", self.waiting(error, last))),
        }
    }

    /// The failure when a call got no answer in time; `what` says what was tried.
    pub(crate) fn no_answer(&self, what: &str) -> Failure {
        self.explain(what, &KafkaError::Global(Code::OperationTimedOut))
    }

    /// Message while it is tried again.
    fn waiting(&self, error: &KafkaError, last: Option<Report>) -> String {
        let closed = || self.closed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reason = last.map(|report| report.reason).or_else(closed);
        let hint = reason.as_deref().and_then(connection_hint);
        match (code_of(error), reason) {
            (Some(Code::BrokerTransportFailure | Code::AllBrokersDown | Code::Resolve), reason) => {
                let said = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
                and(format!("no answer{said}"), hint.or(Some(UNREACHABLE)))
            }
            (_, Some(reason)) => and(format!("{error} (last reported: {reason})"), hint),
            (Some(code), None) if is_timeout(code) => and(format!("no answer in time ({error})"), Some(SLOW)),
            (_, None) => error.to_string(),
        }
    }
}

fn code_of(error: &KafkaError) -> Option<Code> {
    if let KafkaError::AdminOp(code) = error { Some(*code) } else { error.rdkafka_error_code() }
}

const fn is_timeout(code: Code) -> bool {
    matches!(code, Code::OperationTimedOut | Code::RequestTimedOut | Code::TimedOutQueue)
}

#[cfg(test)]
mod tests {
    use rdkafka::error::RDKafkaErrorCode as Code;

    use super::*;

    const SILENCE: KafkaError = KafkaError::MetadataFetch(Code::BrokerTransportFailure);
    const TIMED_OUT: KafkaError = KafkaError::Global(Code::OperationTimedOut);

    #[test]
    fn a_time_out_behind_which_a_refusal_stands_is_a_hold_that_says_why() {
        let last_error = LastError::default();
        last_error.note(&KafkaError::Global(Code::Authentication), "wrong password");
        last_error.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        assert!(last_error.is_refusal());
        let failure = last_error.explain("connecting", &TIMED_OUT);
        assert!(
            matches!(&failure, Failure::Hold { message } if message.starts_with("connecting: wrong password; check sasl.mechanism"))
        );
    }

    #[test]
    fn a_connection_that_was_cut_over_a_certificate_is_a_hold() {
        let last_error = LastError::default();
        let cut = KafkaError::Global(Code::BrokerTransportFailure);
        last_error.note(&cut, "Receive failed: ssl/tls alert bad certificate: SSL alert number 42");
        assert!(matches!(last_error.explain("connecting", &TIMED_OUT), Failure::Hold { .. }));
    }

    #[test]
    fn time_out_of_the_admin_client_says_what_to_check() {
        let last_error = LastError::default();
        for failure in [
            last_error.no_answer("creating topics"),
            last_error.explain("creating topics", &KafkaError::AdminOp(Code::RequestTimedOut)),
        ] {
            let Failure::Retry { message } = failure else { panic!("{failure:?}") };
            assert!(message.starts_with("creating topics: no answer in time"), "{message}");
            assert!(message.contains("check that"), "{message}");
        }
    }

    fn told(reason: &str) -> String {
        let last_error = LastError::default();
        last_error.note(&KafkaError::Global(Code::BrokerTransportFailure), reason);
        let Failure::Retry { message } = last_error.explain("asking", &SILENCE) else { panic!("{reason}") };
        message
    }

    #[test]
    fn what_can_be_done_about_a_broker_that_does_not_answer_is_told_by_the_reason() {
        for (reason, hint) in [
            ("a:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: Connection refused", "nothing listens there"),
            (
                "a:1/bootstrap: Failed to resolve 'a:1': Name or service not known",
                "check the name in `brokers`",
            ),
            ("a:1/1: Connect to ipv4#10.0.0.1:1 failed: Connection refused", "advertised.listeners"),
            (
                "a:1/bootstrap: Receive failed: Invalid response size 1213486160 (0..100): increase receive.message.max.bytes",
                "no Kafka answers there",
            ),
            (
                "a:1/bootstrap: Disconnected: connection closed by peer",
                "security.protocol under `properties`",
            ),
            ("1/1 brokers are down", "check that the brokers run"),
        ] {
            let told = told(reason);
            assert!(told.contains(reason) && told.contains(hint), "{told}");
        }
    }

    #[test]
    fn a_connection_that_was_closed_is_told_where_no_error_is_known() {
        let last_error = LastError::default();
        last_error.note_closed("a:1/bootstrap: Disconnected: connection closed by peer");
        let failure = last_error.explain("asking", &SILENCE);
        assert!(
            matches!(&failure, Failure::Retry { message } if message.contains("closed by peer") && message.contains("sasl_ssl")),
            "{failure}"
        );
        last_error.note(&SILENCE, "a:1/bootstrap: Connect to ipv4#10.0.0.1:1 failed: Connection refused");
        last_error.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        let failure = last_error.explain("asking", &SILENCE).to_string();
        assert!(failure.contains("Connection refused") && !failure.contains("closed by peer"), "{failure}");
    }

    #[test]
    fn a_time_out_behind_which_nobody_answers_is_tried_again() {
        let last_error = LastError::default();
        last_error.note(&KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        let failure = last_error.explain("connecting", &TIMED_OUT);
        assert!(matches!(&failure, Failure::Retry { message } if message.contains("1/1 brokers are down")));
    }
}
