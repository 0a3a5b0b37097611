use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
};

use crate::answer::refusal::Refusal;

/// Pause that the sender is asked for, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// What a request gets: 200 and nothing, or the refusal's status and one line that says what to do. `closes` says that the
/// connection ends with the answer; HTTP/2 has no header for that.
pub(crate) fn answer(outcome: Result<(), Refusal>, closes: bool) -> Response<Full<Bytes>> {
    let Err(refusal) = outcome else {
        return Response::new(Full::default());
    };
    let mut response = Response::new(Full::from(line(refusal)));
    *response.status_mut() = status(refusal);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    match refusal {
        Refusal::Method => {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        Refusal::Credential => {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"kalends\""));
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"kalends\""));
        }
        Refusal::Rate { seconds } => {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        _ if status(refusal) == StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        _ => {}
    }
    if closes {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// The same as bytes on the wire, for a connection that no HTTP server looks after: HTTP/1.1, and to be closed.
pub(crate) fn raw(refusal: Refusal) -> Vec<u8> {
    let mut response = answer(Err(refusal), true);
    let body = line(refusal);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut out = format!("HTTP/1.1 {}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        out.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(&body);
    out
}

/// The status that a request gets.
pub(crate) fn status_of(outcome: Result<(), Refusal>) -> StatusCode {
    outcome.map_or_else(status, |()| StatusCode::OK)
}

/// The status of each refusal.
pub(crate) const fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::UnknownPath => StatusCode::NOT_FOUND,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Address => StatusCode::FORBIDDEN,
        Refusal::Credential => StatusCode::UNAUTHORIZED,
        Refusal::Rate { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::ContentEncoding | Refusal::TransferEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Empty | Refusal::Host | Refusal::Broken => StatusCode::BAD_REQUEST,
        Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
        Refusal::Connections
        | Refusal::Stopping
        | Refusal::Memory
        | Refusal::Full
        | Refusal::Busy
        | Refusal::Poisoned
        | Refusal::Closed
        | Refusal::AppendTimeout
        | Refusal::Unstorable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Whether the connection ends with this refusal in any case: the rest of the body is not worth reading, its framing can't be
/// trusted, or no further request is served.
pub(crate) const fn closes(refusal: Refusal) -> bool {
    matches!(
        refusal,
        Refusal::TransferEncoding
            | Refusal::TooLarge { .. }
            | Refusal::Host
            | Refusal::Slow
            | Refusal::Broken
            | Refusal::Connections
            | Refusal::Stopping
    )
}

fn line(refusal: Refusal) -> Bytes {
    Bytes::from_static(match refusal {
        Refusal::TooLarge { limit } => {
            let text = format!("body is larger than {limit} bytes; the receiver's limit can be raised in its configuration\n");
            return Bytes::from(text);
        }
        Refusal::UnknownPath => b"no endpoint has this path; check the webhook's URL\n",
        Refusal::Method => b"only POST is accepted here\n",
        Refusal::Address => b"this address may not post here; the receiver's configuration lists those that may\n",
        Refusal::Rate { .. } => b"too many requests; send this again later\n",
        Refusal::Credential => {
            b"no valid credential; send a token as query parameter \"token\", as bearer token or as the password of basic authentication\n"
        }
        Refusal::ContentEncoding => b"encoded bodies are not accepted; send the body without Content-Encoding\n",
        Refusal::TransferEncoding => {
            b"only chunks are accepted as a transfer coding; send Transfer-Encoding: chunked, or Content-Length\n"
        }
        Refusal::Empty => b"the body is empty; send the event as the request's body\n",
        Refusal::Host => b"an HTTP/1.1 request has exactly one Host header; send it\n",
        Refusal::Broken => b"the body ended early or its framing is broken; send it again\n",
        Refusal::Slow => b"the request arrived too slowly; send it again\n",
        Refusal::Connections => b"too many connections; send this again later\n",
        Refusal::Stopping => b"the receiver is stopping; send this again later\n",
        Refusal::Memory => b"too many bodies are being received at once; send this again later\n",
        Refusal::Full => b"the receiver's disk has no room; send this again later\n",
        Refusal::Busy | Refusal::AppendTimeout => b"the receiver's disk is too busy; send this again later\n",
        Refusal::Poisoned | Refusal::Closed | Refusal::Unstorable => {
            b"the receiver can't store this now; send it again later\n"
        }
    })
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use super::*;

    /// Rows of its table begin with the codes that they are about.
    #[test]
    fn the_page_for_setting_up_the_sender_explains_every_answer() {
        let page =
            fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/run/sender.md")).unwrap();
        let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
        let codes: BTreeSet<&str> = rows.flat_map(|codes| codes.split(", ")).collect();
        for refusal in Refusal::ALL {
            assert!(codes.contains(status(refusal).as_str()), "{refusal:?}");
        }
    }

    #[test]
    fn no_refusal_is_a_server_error_other_than_unavailable() {
        for refusal in Refusal::ALL {
            let response = answer(Err(refusal), false);
            let status = response.status();
            assert!(status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{refusal:?}");
            let comes_again = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
            assert_eq!(response.headers().contains_key(RETRY_AFTER), comes_again, "{refusal:?}");
        }
    }
}
