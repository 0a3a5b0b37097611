//! Settings of the public listener, from the configuration.

use std::num::NonZeroU32;

use kalends_ingress::{Rates, Token, TokenError};
use kalends_value::Secret;

use crate::{Endpoint, Settings};

/// A token can't be used. The token itself is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("endpoint {endpoint}: {source}")]
pub struct TokenFault {
    /// The endpoint's name.
    pub endpoint: String,
    /// The fault of the token.
    pub source: TokenError,
}

impl Settings {
    /// Returns the settings of the public listener, without TLS and the way of spans.
    ///
    /// # Errors
    /// The first token that can't be used.
    pub fn for_listener(&self) -> Result<kalends_ingress::Settings, TokenFault> {
        let endpoints = self.endpoints.iter().map(|(name, endpoint)| {
            let fault = |source| TokenFault { endpoint: name.clone(), source };
            let tokens = endpoint.tokens.iter().map(Secret::expose);
            let tokens = tokens.map(|token| Token::new(token).map_err(fault)).collect::<Result<_, _>>()?;
            Ok(kalends_ingress::Endpoint { tokens, ..without_tokens(name, endpoint) })
        });
        Ok(self.listener(endpoints.collect::<Result<_, _>>()?))
    }

    /// The same as [`for_listener`](Self::for_listener), with endpoints that take no token.
    pub(crate) fn for_listener_without_tokens(&self) -> kalends_ingress::Settings {
        self.listener(self.endpoints.iter().map(|(name, endpoint)| without_tokens(name, endpoint)).collect())
    }

    fn listener(&self, endpoints: Vec<kalends_ingress::Endpoint>) -> kalends_ingress::Settings {
        let listen = &self.listen;
        kalends_ingress::Settings {
            trusted_proxies: listen.trusted_proxies.iter().copied().map(Into::into).collect(),
            rates: Rates {
                unauthorised: NonZeroU32::new(listen.rate.unauthorised),
                per_address: NonZeroU32::new(listen.rate.per_address),
                total: NonZeroU32::new(listen.rate.total),
            },
            max_body_bytes: bytes(listen.max_body.bytes()),
            header_timeout: listen.header_timeout,
            body_timeout: listen.body_timeout,
            idle_timeout: listen.idle_timeout,
            append_timeout: listen.append_timeout,
            drain_timeout: self.stop_timeout / 2,
            max_connections: usize::try_from(listen.max_connections).unwrap_or(usize::MAX),
            max_in_flight_bytes: bytes(listen.max_in_flight.bytes()),
            ..kalends_ingress::Settings::new(listen.address, endpoints)
        }
    }
}

fn without_tokens(name: &str, endpoint: &Endpoint) -> kalends_ingress::Endpoint {
    kalends_ingress::Endpoint {
        name: name.to_owned(),
        path: endpoint.path.expose().to_owned(),
        tokens: Vec::new(),
        allow: endpoint.allow.iter().copied().map(Into::into).collect(),
    }
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
