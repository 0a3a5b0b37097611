use kalends_ingress::BindError;
use kalends_journal::{SizeFault, check_sizes};
use kalends_value::{Misfit, Path, Size};

use crate::Settings;

/// The rules of the public listener, and what it must not share with the operator's.
pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    let listen = &settings.listen;
    let mut wrong = |key: &str, message: String| misfits.push((Path::keys(&["listen", key]), message));
    if listen.max_body.bytes() == 0 {
        wrong("max_body", "nothing could be received; write at least 1B".into());
    }
    for fault in kalends_ingress::settings_faults(&settings.for_listener_without_tokens()) {
        if matches!(fault, BindError::Memory { .. }) {
            let body = listen.max_body;
            wrong(
                "max_in_flight",
                format!("no body of max_body ({body}) and its 4 KiB envelope fit; write more"),
            );
        }
    }
    let sizes = check_sizes(listen.largest_receipt(), settings.journal.max_size.bytes());
    if let Err(SizeFault::Payload { most, .. }) = sizes {
        // In whole MiB, of which one is more than the envelope.
        let most = Size::new(((most >> 20) - 1) << 20);
        wrong("max_body", format!("the journal stores no such body; write at most {most}"));
    }
    if listen.max_body > settings.journal.segment_size {
        let size = settings.journal.segment_size;
        wrong(
            "max_body",
            format!("more than a segment of the journal (journal.segment_size is {size}); write less"),
        );
    }
    if listen.max_connections == 0 {
        wrong("max_connections", "nobody could connect; write at least 1".into());
    }
    let timeouts = [
        ("header_timeout", listen.header_timeout),
        ("body_timeout", listen.body_timeout),
        ("idle_timeout", listen.idle_timeout),
        ("append_timeout", listen.append_timeout),
    ];
    for (key, timeout) in timeouts {
        if timeout.is_zero() {
            wrong(key, "no request could ever be in time; write more than 0".into());
        }
    }
    for (index, proxy) in listen.trusted_proxies.iter().enumerate() {
        if proxy.is_everybody() {
            let at = Path::keys(&["listen", "trusted_proxies"]).item(index);
            let message = "whoever posts could say whose address counts; name your proxies alone";
            misfits.push((at, message.to_owned()));
        }
    }
    let (public, admin) = (listen.address, settings.admin.address);
    let [public_ip, admin_ip] = [public, admin].map(|address| address.ip().to_canonical());
    let is_everywhere = public_ip.is_unspecified() || admin_ip.is_unspecified();
    if public.port() == admin.port() && public.port() != 0 && (public_ip == admin_ip || is_everywhere) {
        let message = format!("{public} is listen.address already; write another port");
        misfits.push((Path::keys(&["admin", "address"]), message));
    }
}
