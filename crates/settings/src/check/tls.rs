use kalends_value::{Misfit, Path};

use crate::{Settings, server_tls};

/// Holds that each listener can speak TLS with the files that it is given.
pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let listeners = [
        ("listen", &settings.listen.tls, server_tls::PUBLIC),
        ("admin", &settings.admin.tls, server_tls::ADMIN),
    ];
    for (listener, tls, protocols) in listeners {
        // A key that could not be read was reported before.
        let Some(tls) = tls.as_ref().filter(|tls| !tls.key.expose().is_empty()) else { continue };
        if let Err(fault) = server_tls::server(tls, protocols) {
            misfits.push((Path::keys(&[listener, "tls", fault.key]), fault.message));
        }
    }
}
