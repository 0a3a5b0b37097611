//! Reaction to each error of librdkafka.

use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode as Code},
    types::RDKafkaRespErr,
};

use super::{class::Class, table::TABLE};

/// Classifies whatever the client returns.
pub(crate) fn classify(error: &KafkaError) -> Class {
    match error {
        KafkaError::PartitionEOF(_) => Class::End,
        KafkaError::AdminOp(code) => of_code(*code),
        KafkaError::ClientConfig(..)
        | KafkaError::ClientCreation(_)
        | KafkaError::AdminOpCreation(_)
        | KafkaError::Nul(_) => Class::Refused,
        other => other.rdkafka_error_code().map_or(Class::Transient, of_code),
    }
}

/// Classifies an error of one topic in the cluster's description of itself.
pub(crate) fn of_response(response: RDKafkaRespErr) -> Class {
    of_code(Code::from(response))
}

/// Classifies a code. One that is not listed, from a librdkafka to come, may pass by itself: a wrong retry costs time, a
/// wrong refusal costs a person.
pub(crate) fn of_code(code: Code) -> Class {
    let found = TABLE.iter().find(|(_, codes)| codes.contains(&code));
    found.map_or(Class::Transient, |(class, _)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code that librdkafka has.
    fn all() -> Vec<RDKafkaRespErr> {
        use RDKafkaRespErr::{RD_KAFKA_RESP_ERR__BEGIN, RD_KAFKA_RESP_ERR__END, RD_KAFKA_RESP_ERR_END_ALL};
        let bounds = [RD_KAFKA_RESP_ERR__BEGIN, RD_KAFKA_RESP_ERR__END, RD_KAFKA_RESP_ERR_END_ALL];
        let known = (-1000..10_000).filter_map(|number| RDKafkaRespErr::try_from(number).ok());
        known.filter(|code| !bounds.contains(code)).collect()
    }

    /// As librdkafka's documentation and other tools' logs have it.
    fn native_name(code: RDKafkaRespErr) -> String {
        format!("{code:?}").trim_start_matches("RD_KAFKA_RESP_ERR_").to_owned()
    }

    #[test]
    fn no_code_is_left_to_chance() {
        assert!(all().len() > 150);
        for code in all() {
            let classes = TABLE.iter().filter(|(_, codes)| codes.contains(&Code::from(code)));
            assert_eq!(classes.count(), 1, "{code:?} belongs into exactly one class");
        }
        assert_eq!(TABLE.iter().map(|(_, codes)| codes.len()).sum::<usize>(), all().len());
    }

    #[test]
    fn the_documented_table_is_this_one() {
        let page = include_str!("../../../../docs/consume/kafka.md");
        for (class, codes) in TABLE {
            let names: Vec<_> = all()
                .into_iter()
                .filter(|code| codes.contains(&Code::from(*code)))
                .map(|code| format!("`{}`", native_name(code)))
                .collect();
            let row = format!("| {} |", names.join(", "));
            assert!(page.contains(&row), "docs/consume/kafka.md lacks, for {class:?}: {row}");
        }
    }

    #[test]
    fn what_nobody_needs_to_mend_is_tried_again() {
        for code in [
            Code::BrokerTransportFailure,
            Code::AllBrokersDown,
            Code::OperationTimedOut,
            Code::MessageTimedOut,
            Code::NotEnoughReplicas,
            Code::NotCoordinator,
            Code::ConcurrentTransactions,
            Code::KafkaStorageError,
            Code::Unknown,
        ] {
            assert_eq!(of_code(code), Class::Transient, "{code:?}");
        }
    }

    #[test]
    fn only_what_concerns_one_record_concerns_one_record() {
        assert_eq!(of_code(Code::MessageSizeTooLarge), Class::TooLarge);
        assert_eq!(of_code(Code::InvalidRecord), Class::Rejected);
        assert_eq!(of_code(Code::InvalidDifferentRecord), Class::Consequence);
        assert_eq!(of_code(Code::InvalidTimestamp), Class::Refused);
    }

    #[test]
    fn wrong_credentials_and_missing_rights_are_refusals() {
        for code in [
            Code::Authentication,
            Code::SaslAuthenticationFailed,
            Code::TopicAuthorizationFailed,
            Code::TransactionalIdAuthorizationFailed,
        ] {
            assert_eq!(classify(&KafkaError::Global(code)), Class::Refused, "{code:?}");
        }
    }

    #[test]
    fn an_answer_of_the_admin_client_is_classified_too() {
        assert_eq!(classify(&KafkaError::AdminOp(Code::PolicyViolation)), Class::Refused);
        assert_eq!(classify(&KafkaError::AdminOp(Code::TopicAlreadyExists)), Class::AlreadyExists);
    }
}
