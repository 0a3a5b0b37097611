//! Faults of properties that are found without a network.

use rdkafka::{
    ClientConfig,
    config::FromClientConfig,
    consumer::BaseConsumer,
    error::{KafkaError, KafkaResult},
    producer::BaseProducer,
};

use super::{
    clients::{Batching, Isolation, consumer, producer},
    property_errors,
    reserved::RESERVED,
};
use crate::{Settings, errors::creation};

/// The settings can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A property that a promise rests on.
    #[error("property `{property}` can't be set: {reason}")]
    Reserved {
        /// The property's name.
        property: String,
        /// Reason, and what to use instead.
        reason: &'static str,
    },
    /// A property that librdkafka doesn't know, or a value that it doesn't take.
    #[error("property `{property}`: {message}")]
    Property {
        /// The property's name.
        property: String,
        /// The fault, and what it takes.
        message: String,
    },
    /// Properties that don't go together, or a file that can't be used.
    #[error("librdkafka can't work with these properties: {message}")]
    Together {
        /// The property at fault, where one can be named.
        property: Option<String>,
        /// The fault and its remedy.
        message: String,
    },
    /// The operating system gives no random numbers.
    #[error("can't make an instance's identity: {0}")]
    Random(#[from] getrandom::Error),
}

const NO_TOKEN: &str = "nobody would fetch a token: set sasl.oauthbearer.method to oidc, and sasl.oauthbearer.token.endpoint.url, \
                        sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret";
const NO_KEY: &str = "a certificate without its key is of no use: set ssl.key.location as well";

/// Checks everything that can be checked without a network. Returns every property that can't be used; with none of them,
/// whether all go together.
#[must_use]
pub fn check(settings: &Settings) -> Vec<SettingsError> {
    let faults: Vec<_> =
        settings.properties.iter().filter_map(|(property, value)| fault(property, value)).collect();
    if !faults.is_empty() {
        return faults;
    }
    let made = try_out::<BaseProducer>(producer(settings, "check", Batching::Normal))
        .and_then(|()| try_out::<BaseConsumer>(consumer(settings, Isolation::Committed)));
    let found = match made {
        Ok(()) => nowhere(settings),
        Err(KafkaError::ClientCreation(said)) => Some(creation::explain(settings, &said)),
        Err(error) => Some((None, error.to_string())),
    };
    found.map(|(property, message)| SettingsError::Together { property, message }).into_iter().collect()
}

fn fault(property: &str, value: &str) -> Option<SettingsError> {
    if let Some((_, reason)) = RESERVED.iter().find(|(reserved, _)| *reserved == property) {
        return Some(SettingsError::Reserved { property: property.to_owned(), reason });
    }
    let error = ClientConfig::new().set(property, value).create_native_config().err()?;
    let message = property_errors::explain(property, &error);
    Some(SettingsError::Property { property: property.to_owned(), message })
}

/// Properties that librdkafka makes a client of, and no broker would let in: the property, and what to do.
fn nowhere(settings: &Settings) -> Option<(Option<String>, String)> {
    let set = |name: &str| settings.properties.get(name).map(|value| value.to_ascii_lowercase());
    let protocol = set("security.protocol").unwrap_or_default();
    let is = |name: &str, value: &str| set(name).is_some_and(|set| set == value);
    let is_tokens = |name: &&str| protocol.starts_with("sasl") && is(name, "oauthbearer");
    let has_token =
        is("sasl.oauthbearer.method", "oidc") || set("enable.sasl.oauthbearer.unsecure.jwt").is_some();
    if let Some(mechanism) =
        ["sasl.mechanism", "sasl.mechanisms"].iter().find(|name| is_tokens(name) && !has_token)
    {
        return Some((Some((*mechanism).to_owned()), NO_TOKEN.to_owned()));
    }
    let certificate = "ssl.certificate.location";
    let has_key = set("ssl.key.location").or(set("ssl.key.pem")).is_some();
    (protocol.ends_with("ssl") && set(certificate).is_some() && !has_key)
        .then(|| (Some(certificate.to_owned()), NO_KEY.to_owned()))
}

/// Makes a client that knows no broker.
fn try_out<C: FromClientConfig>(mut config: ClientConfig) -> KafkaResult<()> {
    // One of a group would be waited for when it goes.
    config.remove("bootstrap.servers").remove("group.id");
    config.create::<C>().map(drop)
}

#[cfg(test)]
mod tests;
