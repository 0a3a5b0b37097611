//! The running daemon as a child process.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    http::{Answer, Connection},
    metrics::Metrics,
    wait::{PATIENCE, wait_until},
};

/// A daemon that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
    public: SocketAddr,
    admin: SocketAddr,
}

impl Daemon {
    /// Starts `command` with its standard error in the file `log`, and waits until both listeners have said where they are.
    ///
    /// # Errors
    /// It can't be started, or it ends before its listeners are bound.
    pub fn spawn(command: &mut Command, log: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&log).with_context(|| format!("can't create {}", log.display()))?;
        let child = command.stderr(file).spawn();
        let child = child.with_context(|| format!("can't start {}", command.get_program().display()))?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut daemon = Self { child, log, public: nowhere, admin: nowhere };
        let (public, admin) = daemon.wait_while_it_runs("the listeners' addresses in the log", |daemon| {
            Ok(bound(&daemon.log, "public").zip(bound(&daemon.log, "admin")))
        })?;
        (daemon.public, daemon.admin) = (public, admin);
        Ok(daemon)
    }

    /// Waits until `/readyz` answers 200.
    ///
    /// # Errors
    /// The daemon ends, or never gets ready.
    pub fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        self.wait_while_it_runs("/readyz to answer 200", |daemon| {
            Ok((daemon.get("/readyz")?.status == 200).then_some(()))
        })
    }

    /// Where webhooks are received.
    #[must_use]
    pub fn public(&self) -> SocketAddr {
        self.public
    }

    /// Where metrics and status are served.
    #[must_use]
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The process' id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a webhook to the usual endpoint.
    ///
    /// # Errors
    /// There was no answer.
    pub fn post(&self, body: impl AsRef<[u8]>) -> anyhow::Result<Answer> {
        self.send("POST", crate::config::PATH, &[], body.as_ref())
    }

    /// Sends any request to the public listener.
    ///
    /// # Errors
    /// There was no answer.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        Ok(Connection::open(self.public)?.request(method, path, headers, body)?)
    }

    /// Gets a page of the admin listener.
    ///
    /// # Errors
    /// There was no answer.
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        Ok(Connection::open(self.admin)?.request("GET", path, &[], b"")?)
    }

    /// Scrapes `/metrics`.
    ///
    /// # Errors
    /// The answer is not 200.
    pub fn metrics(&self) -> anyhow::Result<Metrics> {
        let answer = self.get("/metrics")?;
        anyhow::ensure!(answer.status == 200, "/metrics answers {}", answer.status);
        Ok(Metrics::new(answer.text()))
    }

    /// What `/status` says, as JSON.
    ///
    /// # Errors
    /// The answer is not 200 or no JSON.
    pub fn status(&self) -> anyhow::Result<serde_json::Value> {
        let answer = self.get("/status")?;
        anyhow::ensure!(answer.status == 200, "/status answers {}", answer.status);
        Ok(serde_json::from_slice(&answer.body)?)
    }

    /// Everything logged so far.
    ///
    /// # Errors
    /// The log can't be read.
    pub fn log(&self) -> std::io::Result<String> {
        fs::read_to_string(&self.log)
    }

    /// Waits until these sinks have delivered everything that was received.
    ///
    /// # Errors
    /// They don't get there in time.
    pub fn wait_until_delivered(&self, sinks: &[&str]) -> anyhow::Result<()> {
        // The gauge of the lag follows behind an append; the status compares at the moment it is asked.
        wait_until("the sinks to have delivered everything", PATIENCE * 2, || {
            let status = self.status()?;
            let undelivered = sinks.iter().find(|sink| lag(&status, sink) != Some(0));
            anyhow::ensure!(undelivered.is_none(), "not yet: {status}");
            Ok(Some(()))
        })
    }

    /// Waits until this sink is on hold, and returns what `/status` says at that time.
    ///
    /// # Errors
    /// It doesn't hold in time.
    pub fn wait_until_on_hold(&self, sink: &str) -> anyhow::Result<String> {
        wait_until(&format!("sink {sink} to be on hold"), PATIENCE, || {
            let metrics = self.metrics()?;
            let held = metrics.value(&format!("kalends_sink_state{{sink=\"{sink}\",state=\"hold\"}}"));
            Ok(if held == Some(1.0) { Some(self.status()?.to_string()) } else { None })
        })
    }

    /// Kills it as a crash would: no handler runs.
    ///
    /// # Errors
    /// It is gone already.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.still_runs()?;
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop with SIGTERM, and waits until it has.
    ///
    /// # Errors
    /// It is gone already, or doesn't stop in time.
    pub fn terminate(self) -> anyhow::Result<ExitStatus> {
        self.stop_with(Signal::TERM)
    }

    /// Sends a signal that ends the daemon, and waits until it has ended.
    ///
    /// # Errors
    /// It is gone already, or doesn't stop in time.
    pub fn stop_with(mut self, signal: Signal) -> anyhow::Result<ExitStatus> {
        self.signal(signal)?;
        self.wait_until_ended()
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// It doesn't end in time.
    pub fn wait_until_ended(mut self) -> anyhow::Result<ExitStatus> {
        wait_until("the daemon to end", PATIENCE, || Ok(self.child.try_wait()?))
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// It is gone already.
    pub fn signal(&mut self, signal: Signal) -> anyhow::Result<()> {
        self.still_runs()?;
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no process id")?;
        Ok(kill_process(pid, signal)?)
    }

    /// A daemon that has ended will not do anything any more, however long it is waited for.
    fn wait_while_it_runs<T>(
        &mut self,
        what: &str,
        mut condition: impl FnMut(&Self) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        wait_until(what, PATIENCE, || match self.still_runs() {
            Ok(()) => Ok(condition(self)?.map(Ok)),
            Err(ended) => Ok(Some(Err(ended))),
        })?
    }

    /// How it has ended, if it has.
    ///
    /// # Errors
    /// The system can't tell.
    pub fn has_ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    fn still_runs(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the daemon has ended ({status}):\n{}", self.log()?);
        }
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// How many events a sink has yet to deliver.
fn lag(status: &serde_json::Value, sink: &str) -> Option<u64> {
    let sinks = status.get("sinks")?.as_array()?;
    let named = |candidate: &&serde_json::Value| candidate.get("name").is_some_and(|name| name == sink);
    sinks.iter().find(named)?.get("lag_events")?.as_u64()
}

/// The address that the log says a listener is bound to.
fn bound(log: &Path, listener: &str) -> Option<SocketAddr> {
    let text = fs::read_to_string(log).ok()?;
    let in_words = format!("listener=\"{listener}\" address=");
    if let Some((_, address)) = text.lines().find_map(|line| line.split_once(&in_words)) {
        return address.trim().trim_matches('"').parse().ok();
    }
    let mut lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let line = lines.find(|line| line.get("listener").is_some_and(|name| name == listener))?;
    line.get("address")?.as_str()?.parse().ok()
}
