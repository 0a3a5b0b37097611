use std::time::Duration;

use kalends_sink::Failure;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::{Ending, Interruption, Verdict};
use crate::{
    client::{LastError, Losses, Undelivered},
    errors::Class,
};

/// The fatal error, the lost record with how many are suspects, and why the transaction was given up.
type Known = (Option<Code>, Option<(Class, usize)>, Option<Code>);

fn lost(class: Class) -> Undelivered {
    Undelivered { position: 7, topic: "t".into(), class, is_about_time: false, message: "lost".into() }
}

fn verdict_of((fatal, worst, reason): Known, interruption: Interruption) -> Verdict {
    let losses =
        worst.map_or_else(Losses::default, |(class, suspects)| Losses { suspects, worst: Some(lost(class)) });
    let reason = reason.map(KafkaError::Global);
    let fatal = fatal.map(|code| (code, "fatal".to_owned()));
    Ending { fatal, interruption, losses, reason, times: None, last_error: &LastError::default() }.verdict()
}

fn verdict(known: Known) -> Verdict {
    verdict_of(known, Interruption::Undelivered)
}

#[track_caller]
fn assert_holds(verdict: &Verdict, part: &str) {
    let Verdict::Failure(Failure::Hold { message }) = verdict else { panic!("{verdict:?}") };
    assert!(message.contains(part), "{message}");
}

#[track_caller]
fn assert_retries(verdict: &Verdict, part: &str) {
    let Verdict::Failure(Failure::Retry { message }) = verdict else { panic!("{verdict:?}") };
    assert!(message.contains(part), "{message}");
}

const REFUSED: Code = Code::TopicAuthorizationFailed;

#[test]
fn fenced_client_outweighs_everything() {
    let known = (Some(Code::Fenced), Some((Class::TooLarge, 1)), Some(REFUSED));
    assert_eq!(verdict(known), Verdict::Fenced);
}

#[test]
fn refused_client_holds_whatever_was_lost() {
    assert_holds(&verdict((Some(REFUSED), Some((Class::TooLarge, 1)), None)), "grant this user");
}

#[test]
fn known_failure_stays_as_it_is() {
    let known = Interruption::Known(Failure::retry("known"));
    assert_retries(&verdict_of((None, Some((Class::TooLarge, 1)), Some(REFUSED)), known), "known");
}

#[test]
fn refused_records_outweigh_the_transactions_error() {
    let refused = Verdict::Refused(lost(Class::Rejected), 2);
    assert_eq!(verdict((Some(Code::Fatal), Some((Class::Rejected, 2)), Some(REFUSED))), refused);
}

#[test]
fn refused_topic_is_named_by_the_records_report() {
    assert_holds(
        &verdict((None, Some((Class::Refused, 0)), Some(REFUSED))),
        "topic \"t\" refuses records: lost",
    );
}

#[test]
fn refused_transaction_holds_where_records_were_lost_for_its_sake() {
    assert_holds(&verdict((None, Some((Class::Consequence, 0)), Some(REFUSED))), "the transaction failed");
}

#[test]
fn broken_client_is_a_retry() {
    assert_retries(&verdict((Some(Code::Fatal), Some((Class::Transient, 0)), None)), "fatal");
}

#[test]
fn lost_record_is_a_retry_that_names_its_topic() {
    assert_retries(&verdict((None, Some((Class::Transient, 0)), Some(Code::Retry))), "topic \"t\": lost");
    assert_eq!(verdict((None, Some((Class::Fenced, 0)), None)), Verdict::Fenced);
}

#[test]
fn aborted_transaction_is_a_retry_or_the_work_of_another_producer() {
    assert_retries(
        &verdict((None, Some((Class::Consequence, 0)), Some(Code::Retry))),
        "the transaction failed",
    );
    assert_eq!(verdict((None, None, Some(Code::ProducerFenced))), Verdict::Fenced);
}

#[test]
fn failed_call_is_told_where_nothing_else_is_known() {
    let nothing = (None, None, None);
    assert_retries(&verdict(nothing), "given up before its records arrived");
    let stalled = Interruption::Stalled(Duration::from_secs(5));
    assert_retries(&verdict_of(nothing, stalled), "for 5 s");
    let fenced = Interruption::Client(KafkaError::Global(Code::InvalidProducerEpoch));
    assert_eq!(verdict_of(nothing, fenced), Verdict::Fenced);
    let refused = Interruption::Client(KafkaError::Global(REFUSED));
    assert_holds(&verdict_of(nothing, refused), "talking to the cluster");
}
