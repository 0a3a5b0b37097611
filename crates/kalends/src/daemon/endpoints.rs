use std::sync::Arc;

use kalends_ingress::rustls::ServerConfig;
use kalends_settings::{Secret, Settings, Text, Tls, server_tls};

use kalends_trace::Tracer;

use super::Error;

/// Tokens with fewer characters are warned of.
const SHORT: usize = 16;

/// What the public listener is told.
pub(crate) fn listener(settings: &Settings, tracer: Tracer) -> Result<kalends_ingress::Settings, Error> {
    warn_of_short_tokens(settings);
    let tls = tls(settings.listen.tls.as_ref(), server_tls::PUBLIC, "listen")?;
    Ok(kalends_ingress::Settings { tls, tracer, ..settings.for_listener()? })
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
