use kalends_ingress::{BindError, RouteError, Token};

use super::{NAME_RULE, is_name};
use kalends_value::{Misfit, Path, Secret, Text};

use crate::{Endpoint, Settings};

pub(super) fn check(settings: &Settings, misfits: &mut Vec<Misfit>) {
    misfits.extend(routes(settings));
    for (name, endpoint) in &settings.endpoints {
        let at = Path::keys(&["endpoints", name]);
        if !is_name(name) {
            misfits.push((at.clone(), NAME_RULE.into()));
        }
        if let Some(message) = path_fault(&endpoint.path) {
            misfits.push((at.key("path"), message));
        }
        for (index, token) in endpoint.tokens.iter().map(Secret::expose).enumerate() {
            // One that could not be read was reported before.
            if let Some(error) = Token::new(token).err().filter(|_| !token.is_empty()) {
                misfits.push((at.key("tokens").item(index), error.to_string()));
            }
        }
        if is_open(settings, endpoint) {
            let message = format!(
                "anybody who reaches {} could post here; add `tokens: [{{ env: NAME }}]`, or `allow_anonymous: true` \
                 if something in front keeps strangers out",
                settings.listen.address
            );
            misfits.push((at, message));
        }
    }
}

/// Faults that keep the listener from bringing requests to the endpoints, without those of paths that no request has.
fn routes(settings: &Settings) -> Vec<Misfit> {
    let at = Path::keys(&["endpoints"]);
    let faults = kalends_ingress::settings_faults(&settings.for_listener_without_tokens()).into_iter();
    let told = faults.filter_map(|fault| match fault {
        BindError::Routes(RouteError::None) => Some((
            at.clone(),
            "there is no endpoint to post to; add one, such as `main: { path: /webhooks/rokt }`".to_owned(),
        )),
        BindError::Routes(RouteError::Same { first, second }) => Some((
            at.key(&second).key("path"),
            format!("endpoint `{first}` has this path already; each needs its own"),
        )),
        // What is wrong with a path is told more exactly.
        BindError::Routes(RouteError::Path { .. }) | BindError::Memory { .. } | BindError::Listen { .. } => {
            None
        }
    });
    told.collect()
}

fn is_open(settings: &Settings, endpoint: &Endpoint) -> bool {
    let listen = &settings.listen;
    let knows_clients = listen.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    !listen.address.ip().to_canonical().is_loopback()
        && !knows_clients
        && !endpoint.has_credential()
        && !endpoint.allow_anonymous
}

/// The fault of the path; a secret one is not repeated, and one that could not be read was reported before.
fn path_fault(path: &Text) -> Option<String> {
    let text = path.expose();
    let is_unread = matches!(path, Text::Secret(_)) && text.is_empty();
    if !is_unread && !text.starts_with('/') {
        return Some("a path begins with a slash, such as /webhooks/rokt".into());
    }
    let is_dotted = text.split('/').any(|segment| matches!(segment, "." | ".."));
    if is_dotted {
        return Some("clients take `.` and `..` out of a path; write it without them".into());
    }
    (!is_written(text.as_bytes())).then(|| {
        "a path consists of letters, digits and -._~!$&'()*+,;=:@ between slashes; write every other character, and none of these, \
         percent-encoded, and no ? or #"
            .into()
    })
}

/// Returns whether clients send the path as it is: they encode what has to be encoded, and nothing else.
fn is_written(path: &[u8]) -> bool {
    let mut bytes = path.iter().copied();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    while let Some(byte) = bytes.next() {
        let is_fine = if byte == b'%' {
            let code = digit(bytes.next()).zip(digit(bytes.next())).map(|(high, low)| high * 16 + low);
            code.and_then(|code| u8::try_from(code).ok()).is_some_and(|byte| !is_unreserved(byte))
        } else {
            is_unreserved(byte) || b"!$&'()*+,;=:@/".contains(&byte)
        };
        if !is_fine {
            return false;
        }
    }
    true
}

const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
