use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    header::{
        ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
    },
};

use crate::page::PAGE;

/// The content type of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Html,
    Json,
    Metrics,
}

impl Kind {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Metrics => prometheus::TEXT_FORMAT,
        }
    }
}

/// A response that no cache keeps, and that a browser takes for nothing but what it is.
pub(crate) fn answer(status: StatusCode, kind: Kind, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind.content_type()),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The page for people.
pub(crate) fn page() -> Response<Full<Bytes>> {
    let mut response = answer(StatusCode::OK, Kind::Html, PAGE.html.as_str());
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, PAGE.policy.clone());
    response
}

/// The refusal of every method but GET and HEAD.
pub(crate) fn wrong_method() -> Response<Full<Bytes>> {
    let mut response =
        answer(StatusCode::METHOD_NOT_ALLOWED, Kind::Text, "only GET and HEAD are answered here\n");
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}
