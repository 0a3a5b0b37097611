//! A real Kafka Connect worker for the length of a test binary.

use std::{net::SocketAddr, process};

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    http::Connection,
    kafka::Broker,
    registry::Registry,
    service::{self, Guard},
    wait::{PATIENCE, wait_until},
};

/// A worker with Debezium's JDBC sink and a converter that reads what stands in the registry's wire format.
#[derive(Debug)]
pub struct Connect {
    address: SocketAddr,
    _guard: Guard,
}

impl Connect {
    /// Starts a worker of this cluster and registry; `None`, after one line on stderr, where it can't be fetched.
    ///
    /// # Errors
    /// It doesn't start, or it can't be had under `CI=true`.
    pub fn start(purpose: &str, broker: &Broker, registry: &Registry) -> anyhow::Result<Option<Self>> {
        if let Err(missing) = service::fetch(17, "connect") {
            return service::skip("Kafka Connect", &missing).map(|()| None);
        }
        let name = format!("{purpose}.connect-{}", process::id());
        let guard = Guard::new("connect-down.sh", &name)?;
        let arguments = ["--name", &name, "--bootstrap", broker.bootstrap(), "--registry", registry.url()];
        let url = service::run("connect-up.sh", &arguments)?;
        let address = url.strip_prefix("http://").context("an address of http")?.parse()?;
        Ok(Some(Self { address, _guard: guard }))
    }

    /// The address of the worker's interface.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a connector's tasks run.
    ///
    /// # Errors
    /// A task fails; the error has what was said.
    pub fn wait_until_it_runs(&self, connector: &str) -> anyhow::Result<()> {
        wait_until("the connector's tasks to run", PATIENCE * 2, || {
            let status = self.status(connector)?;
            let tasks = status.get("tasks").and_then(Value::as_array).context("no tasks")?;
            let runs = |task: &Value| task.get("state").is_some_and(|state| state == "RUNNING");
            ensure!(!tasks.is_empty() && tasks.iter().all(runs), "{status}");
            Ok(Some(()))
        })
    }

    /// What the worker says about a connector and its tasks.
    ///
    /// # Errors
    /// The worker doesn't answer, or has no such connector.
    pub fn status(&self, connector: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.request("GET", &format!("/connectors/{connector}/status"), b"")?)?)
    }

    fn request(&self, method: &str, path: &str, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let headers = [("content-type", "application/json")];
        let answer = Connection::open(self.address)?.request(method, path, &headers, body)?;
        ensure!((200..300).contains(&answer.status), "{path} answers {}: {}", answer.status, answer.text());
        Ok(answer.body)
    }
}
