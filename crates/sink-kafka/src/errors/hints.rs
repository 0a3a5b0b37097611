use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::creation;

const PROTOCOL: &str = "check that the brokers run, and set the security.protocol under `properties` that this port of theirs speaks \
                        (plaintext, ssl, sasl_plaintext or sasl_ssl)";

const STRANGER: &str = "no Kafka answers there, or it speaks TLS: check the port in `brokers`, and security.protocol under `properties`";

const ADVERTISED: &str = "check that this broker runs; the cluster names this address for it (its advertised.listeners), and this machine \
                          must reach it";

/// Words of the client that say more than its codes: a part of them, and what somebody can do about it.
const BY_WORDS: [(&str, &str); 16] = [
    (
        "certificate verify failed",
        "check ssl.ca.location under `properties`, the authorities that signed the brokers' certificates, and that `brokers` and the \
         cluster's advertised.listeners call each broker as its certificate does, and that this is not out of date",
    ),
    ("wrong version number", PROTOCOL),
    ("PLAINTEXT broker listener", PROTOCOL),
    (
        "current SASL state",
        "this port of the brokers' has no SASL: set security.protocol under `properties` to plaintext or ssl",
    ),
    (
        "alert handshake failure",
        "client and broker have no cipher in common: check ssl.cipher.suites under `properties`",
    ),
    (
        "alert protocol version",
        "client and broker have no version of TLS in common: allow the brokers TLS 1.2 or 1.3",
    ),
    (
        TLS_ALERT,
        "the brokers want a client's certificate that they trust: check ssl.certificate.location and ssl.key.location under \
         `properties`",
    ),
    (
        "OAUTHBEARER token",
        "check sasl.oauthbearer.* under `properties`, and that the network leads to the token endpoint",
    ),
    ("Invalid response size", STRANGER),
    ("ApiVersionRequest failed", STRANGER),
    ("Disconnected", PROTOCOL),
    ("Connection reset", PROTOCOL),
    ("Broken pipe", PROTOCOL),
    ("Failed to resolve", "check the name in `brokers`, and this machine's DNS"),
    (
        "Connection refused",
        "nothing listens there: check that the brokers run, and host and port in `brokers`",
    ),
    (
        "Connection setup timed out",
        "the network leads nowhere: check the addresses in `brokers`, routes and firewalls",
    ),
];

/// OpenSSL's words when the other side has refused something.
pub(crate) const TLS_ALERT: &str = "SSL alert number";

/// Advice where nothing is known except that nobody answers.
pub(crate) const UNREACHABLE: &str = "check that the brokers run, that `brokers` and the network (listeners, firewalls) lead to them, and that \
                                      security.protocol under `properties` is what this port of theirs speaks";

/// Advice where calls time out and nothing is known of any connection.
pub(crate) const SLOW: &str = "check that the brokers run and are not overloaded, and that all of them (the cluster's controller, too) can be \
                               reached from here";

/// Advice where a topic refuses the time of a record that was just received.
pub(crate) const CLOCK_AHEAD: &str = "this machine's clock is ahead of the brokers' by more than the topic allows \
                                      (message.timestamp.after.max.ms): set the clock of this machine, or of the brokers, right (NTP). \
                                      A record's time is when its webhook was received: records of the wrong time are taken once it has \
                                      come, or when message.timestamp.after.max.ms of the topic is raised";

/// Advice where a topic refuses the time of a record that was received long ago.
const TOO_OLD: &str =
    "raise message.timestamp.before.max.ms of the topic: a record's time is when its webhook was received";

/// A record that is younger than this, in milliseconds, is never refused for its age.
const RECENT_MS: i64 = 10 * 60 * 1000;

/// End of a connection's name as long as its address is one of `brokers`.
const BOOTSTRAP: &str = "/bootstrap:";

/// The client's words when it came to no connection at all.
const UNCONNECTED: [&str; 3] = ["Connect to ", "Failed to resolve", "Connection setup timed out"];

/// Advice about the client's words on a connection.
pub(crate) fn connection_hint(said: &str) -> Option<&'static str> {
    let is_given = !said.contains(BOOTSTRAP) && UNCONNECTED.iter().any(|part| said.contains(part));
    if is_given { Some(ADVERTISED) } else { by_words(said) }
}

/// Advice about the client's words.
fn by_words(said: &str) -> Option<&'static str> {
    BY_WORDS.iter().find(|(part, _)| said.contains(part)).map(|(_, hint)| *hint)
}

/// Advice about an error, where there is any.
const fn hint(code: Code) -> Option<&'static str> {
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
        Code::UnsupportedCompressionType => {
            "set a compression.type under `properties` that the cluster knows"
        }
        Code::UnsupportedVersion | Code::UnsupportedForMessageFormat => {
            "the brokers are too old: version 2.5 is the oldest that has what is needed"
        }
        _ => return None,
    })
}

/// Advice where a time between these was refused. All times are milliseconds since the Unix epoch.
pub(crate) fn about_times((oldest, newest): (i64, i64), now: i64) -> String {
    let is_old = |time: i64| now.saturating_sub(time) > RECENT_MS;
    match (is_old(oldest), is_old(newest)) {
        (false, _) => CLOCK_AHEAD.to_owned(),
        (true, true) => TOO_OLD.to_owned(),
        (true, false) => format!("if the record is of today: {CLOCK_AHEAD}; if it is old: {TOO_OLD}"),
    }
}

/// The error in words and, where there is any, advice.
pub(crate) fn advise(error: &KafkaError) -> String {
    match error {
        KafkaError::AdminOp(code) => with_hint(error.to_string(), Some(*code)),
        KafkaError::ClientCreation(said) => and(said.clone(), creation::lesson(said)),
        other => with_hint(other.to_string(), other.rdkafka_error_code()),
    }
}

/// `message`, and what to do about an error of this code.
pub(crate) fn with_hint(message: String, code: Option<Code>) -> String {
    let hint = by_words(&message).or_else(|| code.and_then(hint));
    and(message, hint)
}

/// `message`, and what to do.
pub(crate) fn and(message: String, hint: Option<&str>) -> String {
    match hint {
        None => message,
        Some(hint) => format!("{message}; {hint}"),
    }
}

/// Message about a topic that takes no record at all.
pub(crate) fn refused(topic: &str, message: &str) -> String {
    format!("topic {topic:?} refuses records: {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_goes_while_the_sink_is_away_is_told_with_what_it_must_be() {
        let told = advise(&KafkaError::ClientCreation("ssl.ca.location failed: error:05880020".into()));
        assert!(told.contains("ssl.ca.location failed") && told.contains("certificates, in PEM"), "{told}");
    }
}
