use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

/// What somebody can do about an error, where that is known.
pub(crate) const fn remedy(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Authentication | Code::SaslAuthenticationFailed => {
            "check sasl.mechanism, sasl.username and sasl.password (or sasl.oauthbearer.*) under `properties`"
        }
        Code::UnsupportedSASLMechanism => "set a sasl.mechanism under `properties` that the cluster offers",
        Code::IllegalSASLState | Code::SecurityDisabled => {
            "set the security.protocol under `properties` that this port of the cluster speaks"
        }
        Code::SSL => {
            "check ssl.ca.location (who signed the brokers' certificates) under `properties`, and where the cluster wants \
             one the client's own: ssl.certificate.location and ssl.key.location"
        }
        Code::TopicAuthorizationFailed => {
            "grant this user Describe and Write on the topic (and Create, if kalends is to create it; and Read, on the \
             checkpoint topic)"
        }
        Code::TransactionalIdAuthorizationFailed => {
            "grant this user Describe and Write on all transactional ids that begin with the sink's \
             `transactional_id_prefix`, or set `delivery: at-least-once`"
        }
        Code::ClusterAuthorizationFailed => {
            "grant this user Create on the cluster, or create the topics yourself; brokers before 2.8 want IdempotentWrite \
             on the cluster, too"
        }
        Code::InvalidTransactionTimeout => {
            "the cluster allows shorter transactions only: raise its transaction.max.timeout.ms to a minute"
        }
        Code::InvalidReplicationFactor => "set a `replication` of no more than the cluster has brokers",
        Code::InvalidPartitions => "set `partitions` to a number that the cluster allows",
        Code::PolicyViolation => {
            "the cluster has a rule against it: create the topics as it wants them, and set `create_topics: false`"
        }
        Code::InvalidTimestamp => {
            "raise message.timestamp.before.max.ms of the topic: a record's time is when its webhook was received"
        }
        Code::UnsupportedCompressionType => {
            "set a compression.type under `properties` that the cluster knows"
        }
        Code::UnsupportedVersion | Code::UnsupportedForMessageFormat => {
            "the brokers are too old: version 2.5 is the oldest that has what is needed"
        }
        _ => return None,
    })
}

/// What went wrong and, where that is known, what to do about it.
pub(crate) fn advise(error: &KafkaError) -> String {
    let code = match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    with_remedy(error.to_string(), code)
}

/// `message`, and what to do about an error of this code.
pub(crate) fn with_remedy(message: String, code: Option<Code>) -> String {
    match code.and_then(remedy) {
        None => message,
        Some(remedy) => format!("{message}; {remedy}"),
    }
}
