use std::{num::NonZeroU32, sync::Arc};

use kalends_ingress::{Endpoint, Rates, Token, rustls::ServerConfig};
use kalends_settings::{Secret, Settings, Text, Tls, server_tls};

use kalends_trace::Tracer;

use super::Error;

/// Tokens with fewer characters are warned of.
const SHORT: usize = 16;

/// What the public listener is told.
pub(crate) fn listener(settings: &Settings, tracer: Tracer) -> Result<kalends_ingress::Settings, Error> {
    let listen = &settings.listen;
    let endpoints = settings.endpoints.iter().map(|(name, endpoint)| {
        let token = |source| Error::Token { endpoint: name.clone(), source };
        let tokens = endpoint.tokens.iter().map(|secret| Token::new(secret.expose()).map_err(token));
        let path = endpoint.path.expose().to_owned();
        let allow = endpoint.allow.iter().copied().map(Into::into).collect();
        Ok(Endpoint { name: name.clone(), path, tokens: tokens.collect::<Result<_, _>>()?, allow })
    });
    let endpoints = endpoints.collect::<Result<_, Error>>()?;
    warn_of_short_tokens(settings);
    Ok(kalends_ingress::Settings {
        tls: tls(listen.tls.as_ref(), server_tls::PUBLIC, "listen")?,
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
        drain_timeout: settings.stop_timeout / 2,
        max_connections: usize::try_from(listen.max_connections).unwrap_or(usize::MAX),
        max_in_flight_bytes: bytes(listen.max_in_flight.bytes()),
        tracer,
        ..kalends_ingress::Settings::new(listen.address, endpoints)
    })
}

/// A short token is guessed in time, even at the rate that strangers have.
fn warn_of_short_tokens(settings: &Settings) {
    for (endpoint, kalends_settings::Endpoint { path, tokens, .. }) in &settings.endpoints {
        let is_short = |secret: &Secret| secret.expose().len() < SHORT;
        if matches!(&path, Text::Secret(path) if is_short(path)) && tokens.is_empty() {
            tracing::warn!(endpoint, "a secret path of fewer than {SHORT} characters can be guessed");
        }
        if tokens.iter().any(is_short) {
            tracing::warn!(
                endpoint,
                "a token of fewer than {SHORT} characters can be guessed; make one with `openssl rand -hex 32`"
            );
        }
    }
}

/// What the operator's listener is to speak.
pub(crate) fn admin_tls(settings: &Settings) -> Result<Option<Arc<ServerConfig>>, Error> {
    tls(settings.admin.tls.as_ref(), server_tls::ADMIN, "admin")
}

fn tls(
    tls: Option<&Tls>,
    protocols: &[&[u8]],
    listener: &'static str,
) -> Result<Option<Arc<ServerConfig>>, Error> {
    let config = tls.map(|tls| server_tls::server(tls, protocols)).transpose();
    config.map_err(|source| Error::Tls { listener, source })
}

/// The largest receipt that the listener can make.
pub(super) fn largest_receipt(settings: &Settings) -> usize {
    bytes(settings.listen.largest_receipt())
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
