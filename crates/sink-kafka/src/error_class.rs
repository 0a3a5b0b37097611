//! The one place that knows librdkafka's error codes.

use rdkafka::{
    error::{KafkaError, RDKafkaErrorCode as Code},
    types::RDKafkaRespErr,
};

/// What an error asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// May pass by itself: begin again from the checkpoint, for ever.
    Transient,
    /// Somebody has to act: credentials, rights, a setting of client or cluster.
    Refused,
    /// A topic doesn't exist.
    MissingTopic,
    /// A newer producer of the same identity is at work, or the cluster has ended our transaction for its age.
    Fenced,
    /// This record is larger than client, topic or cluster take.
    TooLarge,
    /// The cluster refuses this record for what it is.
    Rejected,
    /// A record failed because of another one, or because its transaction was given up: says nothing of its own.
    Consequence,
    /// The client's own queue is full: wait for room and go on.
    QueueFull,
    /// What was to be created is there.
    AlreadyExists,
    /// A consumer has read all that there is.
    End,
}

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

/// Classifies a code. What is not listed may pass by itself: a wrong retry costs time, a wrong refusal costs a person.
pub(crate) fn of_code(code: Code) -> Class {
    match code {
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge | Code::InvalidMessageSize => Class::TooLarge,
        Code::InvalidRecord => Class::Rejected,
        Code::InvalidDifferentRecord | Code::PurgeQueue | Code::PurgeInflight => Class::Consequence,
        Code::QueueFull => Class::QueueFull,
        Code::TopicAlreadyExists => Class::AlreadyExists,
        Code::PartitionEOF => Class::End,
        Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch => Class::Fenced,
        Code::UnknownTopic
        | Code::UnknownPartition
        | Code::UnknownTopicOrPartition
        | Code::UnknownTopicId => Class::MissingTopic,
        code if is_refusal(code) => Class::Refused,
        _ => Class::Transient,
    }
}

fn is_refusal(code: Code) -> bool {
    is_about_identity(code) || is_about_settings(code)
}

/// Wrong credentials or missing rights.
/// Not among them: rights on consumer groups. The checkpoint is read without one, whatever the client asks for on the side.
fn is_about_identity(code: Code) -> bool {
    matches!(
        code,
        Code::Authentication
            | Code::SSL
            | Code::SaslAuthenticationFailed
            | Code::UnsupportedSASLMechanism
            | Code::IllegalSASLState
            | Code::SecurityDisabled
            | Code::TopicAuthorizationFailed
            | Code::ClusterAuthorizationFailed
            | Code::TransactionalIdAuthorizationFailed
            | Code::DelegationTokenAuthDisabled
            | Code::DelegationTokenNotFound
            | Code::DelegationTokenOwnerMismatch
            | Code::DelegationTokenRequestNotAllowed
            | Code::DelegationTokenAuthorizationFailed
            | Code::DelegationTokenExpired
            | Code::InvalidPrincipalType
    )
}

/// Client and cluster don't fit, and neither will change by itself.
/// A refused time is among them: the topic's limits on times would refuse every record of that hour, dead letters too.
fn is_about_settings(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::NotImplemented
            | Code::NotConfigured
            | Code::UnsupportedFeature
            | Code::UnsupportedVersion
            | Code::UnsupportedForMessageFormat
            | Code::UnsupportedCompressionType
            | Code::InvalidRequiredAcks
            | Code::InvalidTimestamp
            | Code::InvalidTopic
            | Code::InvalidPartitions
            | Code::InvalidReplicationFactor
            | Code::InvalidReplicaAssignment
            | Code::InvalidConfig
            | Code::InvalidTransactionTimeout
            | Code::PolicyViolation
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
