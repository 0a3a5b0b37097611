//! A Chromium without a window, spoken to over a pipe by the `DevTools` protocol.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    service,
    wait::{PATIENCE, wait_until},
};

/// Nothing of what a browser does besides showing a page; and no sandbox, which needs rights that tests may lack.
const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-breakpad",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];

/// The protocol's pipes are the descriptors 3 and 4.
const PIPED: &str = r#"exec "$0" "$@" 3<&0 4>&1 >&2"#;

/// Messages of the browser that wait to be read; it waits itself when there are more.
const MOST_UNREAD: usize = 4096;

/// A page in a browser. The browser ends when this is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    requests: ChildStdin,
    answers: Receiver<Value>,
    session: Option<String>,
    sent: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// Starts one with an empty profile; `None`, after one line on stderr, where there is none and Debian's can't be fetched.
    ///
    /// # Errors
    /// It can't be had under `CI=true`, or does not start.
    pub fn start() -> anyhow::Result<Option<Self>> {
        let program = match service::run("chromium.sh", &[]) {
            Ok(program) => program,
            Err(missing) => return service::skip("Chromium", &missing).map(|()| None),
        };
        let profile = tempfile::tempdir()?;
        let log = fs::File::create(profile.path().join("log"))?;
        let mut command = Command::new("sh");
        command.args(["-c", PIPED, &program]).args(OPTIONS).process_group(0);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn()?;
        let requests = child.stdin.take().context("a pipe to the browser")?;
        let mut pipe = BufReader::new(child.stdout.take().context("a pipe from the browser")?);
        let (send, answers) = mpsc::sync_channel(MOST_UNREAD);
        thread::spawn(move || {
            let mut message = Vec::new();
            while pipe.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let parsed = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if !parsed.is_ok_and(|message: Value| send.send(message).is_ok()) {
                    break;
                }
                message.clear();
            }
        });
        let events = Vec::new();
        let mut browser =
            Self { child, requests, answers, session: None, sent: 0, events, _profile: profile };
        browser.attach()?;
        Ok(Some(browser))
    }

    fn attach(&mut self) -> anyhow::Result<()> {
        let target = self.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target.get("targetId"), "flatten": true });
        let session = self.call("Target.attachToTarget", &attach)?;
        self.session = session.get("sessionId").and_then(Value::as_str).map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}))?;
        }
        Ok(())
    }

    /// Opens a page and waits until this expression is true there.
    ///
    /// # Errors
    /// It can't be opened, or the expression never gets true.
    pub fn open(&mut self, url: &str, until: &str) -> anyhow::Result<()> {
        self.call("Page.navigate", &json!({ "url": url }))?;
        self.wait_until(until)
    }

    /// Waits until this expression is true on the page.
    ///
    /// # Errors
    /// It never gets true.
    pub fn wait_until(&mut self, expression: &str) -> anyhow::Result<()> {
        wait_until(&format!("the page to satisfy {expression}"), PATIENCE, || {
            Ok((self.value(expression)? == Value::Bool(true)).then_some(()))
        })
    }

    /// What an expression on the page comes to, a promise's result included.
    ///
    /// # Errors
    /// It throws.
    pub fn value(&mut self, expression: &str) -> anyhow::Result<Value> {
        let arguments = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.call("Runtime.evaluate", &arguments)?;
        if let Some(thrown) = result.get("exceptionDetails") {
            bail!("{expression} throws {thrown}");
        }
        Ok(result.pointer("/result/value").cloned().unwrap_or_default())
    }

    /// Makes the page this wide, and the reader one of `light` or `dark` colours.
    ///
    /// # Errors
    /// The browser is gone.
    pub fn show_as(&mut self, width: u32, colours: &str) -> anyhow::Result<()> {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", &size)?;
        let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Presses a key: `Tab` or `Enter`.
    ///
    /// # Errors
    /// The browser is gone.
    pub fn press(&mut self, key: &str) -> anyhow::Result<()> {
        let (code, text) = if key == "Enter" { (13, "\r") } else { (9, "") };
        for kind in ["keyDown", "keyUp"] {
            let key =
                json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", &key)?;
        }
        Ok(())
    }

    /// Leaves a picture of the whole page in the folder that `KALENDS_PICTURES` names, if it names one.
    ///
    /// # Errors
    /// The picture can't be made or written.
    pub fn picture(&mut self, name: &str) -> anyhow::Result<()> {
        let Some(folder) = env::var_os("KALENDS_PICTURES") else { return Ok(()) };
        let shot = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", &shot)?;
        let bytes = STANDARD.decode(picture.get("data").and_then(Value::as_str).unwrap_or_default())?;
        Ok(fs::write(Path::new(&folder).join(name).with_extension("png"), bytes)?)
    }

    /// The address of every request so far.
    #[must_use]
    pub fn requested(&self) -> Vec<&str> {
        let urls = self.told("Network.requestWillBeSent");
        urls.filter_map(|event| event.pointer("/request/url")?.as_str()).collect()
    }

    /// Everything that the console shows so far, errors of any kind included.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        let kinds = ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"];
        kinds.iter().flat_map(|kind| self.told(kind)).map(Value::to_string).collect()
    }

    fn told<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Value> {
        let is_told = move |event: &&Value| event.get("method").is_some_and(|name| name == method);
        self.events.iter().filter(is_told).filter_map(|event| event.get("params"))
    }

    fn call(&mut self, method: &str, arguments: &Value) -> anyhow::Result<Value> {
        self.sent += 1;
        let id = self.sent;
        let request = match &self.session {
            Some(session) => json!({ "id": id, "method": method, "params": arguments, "sessionId": session }),
            None => json!({ "id": id, "method": method, "params": arguments }),
        };
        self.requests.write_all(request.to_string().as_bytes())?;
        self.requests.write_all(&[0])?;
        loop {
            let answer = self.answers.recv_timeout(PATIENCE);
            let answer = answer.with_context(|| format!("the browser does not answer {method}"))?;
            if answer.get("id").and_then(Value::as_u64) != Some(id) {
                self.events.push(answer);
                continue;
            }
            let result = answer.get("result").cloned();
            return result.with_context(|| format!("the browser refuses {method}: {answer}"));
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            kill_process_group(group, Signal::KILL).ok();
        }
        self.child.wait().ok();
    }
}
