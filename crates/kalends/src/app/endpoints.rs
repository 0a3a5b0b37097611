use kalends_ingress::{Endpoint, Token};

use super::Error;
use crate::settings::Settings;

/// Bytes of a receipt besides its body: endpoint name, time, trace context, and their tags.
const ENVELOPE: usize = 4096;

/// What the public listener is told.
pub(crate) fn listener(settings: &Settings) -> Result<kalends_ingress::Settings, Error> {
    let listen = &settings.listen;
    let endpoints = settings.endpoints.iter().map(|(name, endpoint)| {
        let token = |source| Error::Token { endpoint: name.clone(), source };
        let tokens = endpoint.tokens.iter().map(|secret| Token::new(secret.expose()).map_err(token));
        let path = endpoint.path.expose().to_owned();
        Ok(Endpoint { name: name.clone(), path, tokens: tokens.collect::<Result<_, _>>()? })
    });
    let endpoints = endpoints.collect::<Result<_, Error>>()?;
    Ok(kalends_ingress::Settings {
        max_body_bytes: bytes(listen.max_body.bytes()),
        header_timeout: listen.header_timeout,
        body_timeout: listen.body_timeout,
        append_timeout: listen.append_timeout,
        drain_timeout: settings.stop_timeout / 2,
        max_connections: usize::try_from(listen.max_connections).unwrap_or(usize::MAX),
        max_in_flight_bytes: bytes(listen.max_in_flight.bytes()),
        ..kalends_ingress::Settings::new(listen.address, endpoints)
    })
}

/// The largest receipt that the listener can make.
pub(crate) fn largest_receipt(settings: &Settings) -> usize {
    bytes(settings.listen.max_body.bytes()).saturating_add(ENVELOPE)
}

fn bytes(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}
