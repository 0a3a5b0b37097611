//! A real schema registry that speaks Confluent's API, for the length of a test binary.

use std::process;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::{
    http::{Answer, Connection},
    service::{self, Guard},
};

/// A registry of its own on loopback, wiped when the process that started it ends, however it ends.
#[derive(Debug)]
pub struct Registry {
    name: String,
    url: String,
    _guard: Guard,
}

impl Registry {
    /// Starts a registry that refuses what its subject's older schemas can't be read with; `None`, after one line on stderr,
    /// where there is no Java or no way to fetch it.
    ///
    /// # Errors
    /// It doesn't start, or it can't be had under `CI=true`.
    pub fn start(purpose: &str) -> anyhow::Result<Option<Self>> {
        if let Err(missing) = service::fetch(21, "registry") {
            return service::skip("a real schema registry", &missing).map(|()| None);
        }
        // A folder has one service: a broker may have the same purpose.
        let name = format!("{purpose}.registry-{}", process::id());
        let guard = Guard::new("registry-down.sh", &name)?;
        let url = up(&name)?;
        Ok(Some(Self { name, url, _guard: guard }))
    }

    /// The base address that clients are given; it has a path.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends it as a crash would (SIGKILL).
    ///
    /// # Errors
    /// The script fails.
    pub fn kill(&self) -> anyhow::Result<()> {
        service::run("registry-down.sh", &["--name", &self.name, "--kill"]).map(drop)
    }

    /// Starts it again on its old port with its old schemas.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn restart(&self) -> anyhow::Result<()> {
        up(&self.name).map(drop)
    }

    /// Ends it, and starts another without any schema in its place.
    ///
    /// # Errors
    /// It doesn't start.
    pub fn rebuild(&self) -> anyhow::Result<()> {
        let port = self.authority()?.rsplit(':').next().context("a port")?.to_owned();
        service::run("registry-up.sh", &["--name", &self.name, "--fresh", "--port", &port]).map(drop)
    }

    /// Sends a request, such as `GET` `/subjects`.
    ///
    /// # Errors
    /// It doesn't answer.
    pub fn request(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let authority = self.authority()?;
        let target = format!("{}{path}", self.url.split_once(authority).context("a path")?.1);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("content-type", "application/vnd.schemaregistry.v1+json")];
        Ok(Connection::open(authority.parse()?)?.request(method, &target, &headers, body.as_bytes())?)
    }

    /// Gets a page as JSON.
    ///
    /// # Errors
    /// It doesn't answer 200.
    pub fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.request("GET", path, &Value::Null)?;
        ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.text());
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Registers a schema; its id.
    ///
    /// # Errors
    /// It is refused.
    pub fn register(&self, subject: &str, schema: &Value) -> anyhow::Result<u64> {
        let body = serde_json::json!({ "schema": schema.to_string() });
        let answer = self.request("POST", &format!("/subjects/{subject}/versions"), &body)?;
        let answered: Value = serde_json::from_slice(&answer.body)?;
        answered.get("id").and_then(Value::as_u64).with_context(|| format!("no id: {answered}"))
    }

    /// Has it take no schema, or take them again.
    ///
    /// # Errors
    /// It doesn't answer, or refuses.
    pub fn set_read_only(&self, is_read_only: bool) -> anyhow::Result<()> {
        let target = "/apis/registry/v3/admin/config/properties/apicurio.storage.read-only.enabled";
        let body = serde_json::json!({ "value": is_read_only.to_string() }).to_string();
        let headers = [("content-type", "application/json")];
        let mut connection = Connection::open(self.authority()?.parse()?)?;
        let answer = connection.request("PUT", target, &headers, body.as_bytes())?;
        ensure!(answer.status == 204, "{}: {}", answer.status, answer.text());
        Ok(())
    }

    fn authority(&self) -> anyhow::Result<&str> {
        let rest = self.url.strip_prefix("http://").context("an address of http")?;
        rest.split('/').next().context("an authority")
    }
}

fn up(name: &str) -> anyhow::Result<String> {
    service::run("registry-up.sh", &["--name", name])
}
