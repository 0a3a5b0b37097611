use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Response, StatusCode};

use crate::{
    answer::{Kind, answer, page, wrong_method},
    json,
    probe::{Daemon, Stuck},
};

/// Answers one request.
pub(crate) async fn route(method: &Method, path: &str, daemon: &Daemon) -> Response<Full<Bytes>> {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    match path {
        "/" | "/healthz" | "/metrics" | "/readyz" | "/status" if !reads => wrong_method(),
        "/" => page(),
        "/healthz" => answer(StatusCode::OK, Kind::Text, "ok\n"),
        "/metrics" => metrics(daemon).await,
        "/readyz" => readiness(daemon).await,
        "/status" => status(daemon).await,
        _ => answer(
            StatusCode::NOT_FOUND,
            Kind::Text,
            "not here; try /, /healthz, /metrics, /readyz or /status\n",
        ),
    }
}

async fn metrics(daemon: &Daemon) -> Response<Full<Bytes>> {
    match daemon.metrics().await {
        Ok(Ok(text)) => answer(StatusCode::OK, Kind::Metrics, text),
        Ok(Err(error)) => {
            tracing::error!(%error, "metrics can't be written as text; please report this as a bug");
            answer(StatusCode::INTERNAL_SERVER_ERROR, Kind::Text, "the metrics can't be written as text\n")
        }
        Err(Stuck) => stuck(),
    }
}

async fn readiness(daemon: &Daemon) -> Response<Full<Bytes>> {
    match daemon.ready().await {
        Ok(Ok(())) => answer(StatusCode::OK, Kind::Text, "ready\n"),
        Ok(Err(reason)) => answer(StatusCode::SERVICE_UNAVAILABLE, Kind::Text, format!("{reason}\n")),
        Err(Stuck) => stuck(),
    }
}

async fn status(daemon: &Daemon) -> Response<Full<Bytes>> {
    match daemon.status().await {
        Ok(status) => answer(StatusCode::OK, Kind::Json, json::text(&status)),
        Err(Stuck) => stuck(),
    }
}

fn stuck() -> Response<Full<Bytes>> {
    answer(StatusCode::SERVICE_UNAVAILABLE, Kind::Text, "the daemon does not answer; see its log\n")
}
