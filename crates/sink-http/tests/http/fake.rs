//! A destination that remembers, and misbehaves as told.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    io::{BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wire::{self, Seen};

/// What the destination does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Takes it, and says so.
    Take,
    /// Takes it, and closes the connection instead of an answer.
    TakeAndClose,
    /// Closes the connection.
    Close,
    /// Takes it, and closes in the middle of the answer.
    TakeAndBreakOff,
    /// Takes it after the next requests, and never answers.
    TakeLate(usize),
    /// Accepts it, and neither takes nor answers it until it is healed.
    Silent,
    /// Answers so, and takes nothing.
    Answer(u16, Vec<(String, String)>, String),
    /// Takes it, and answers without end.
    TakeEndless,
    /// Takes it or not, keeps what the sink has noted by then, and takes nothing more until it is revived: as if the sink's
    /// process died then.
    Die(bool),
}

impl Act {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(status, Vec::new(), String::new())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Answer(status, vec![("content-type".into(), "application/json".into())], body.to_string())
    }

    pub(crate) fn with_header(status: u16, name: &str, value: &str) -> Self {
        Self::Answer(status, vec![(name.into(), value.into())], String::new())
    }
}

/// What a destination takes a request for.
pub(crate) type Take = fn(&mut Kept, &Seen) -> (u16, Value);

/// What the destination has.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Ids of events, in the order in which they were taken; those that are known are not taken again where the destination
    /// deduplicates.
    pub(crate) ids: Vec<String>,
    /// The same, with what was taken again.
    pub(crate) every_id: Vec<String>,
    /// Lists and values of people, by who they are.
    pub(crate) people: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Events of people: who and the event's name.
    pub(crate) events: Vec<(String, String)>,
    /// Refuses an event that has this text in it.
    pub(crate) refuses: Option<String>,
}

#[derive(Default)]
struct State {
    kept: Kept,
    acts: VecDeque<Act>,
    requests: Vec<(Seen, Instant)>,
    late: Vec<(usize, Seen)>,
    silent: bool,
    /// Where the sink keeps its notes, for a death.
    notes: PathBuf,
    /// The notes as they stood at a death.
    kept_notes: Option<TempDir>,
    most_at_once: usize,
    at_once: usize,
    /// Requests a second that are allowed.
    allowed: Option<f64>,
    allowance: f64,
    allowance_at: Option<Instant>,
    delay: Duration,
}

/// The destination.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    healed: Condvar,
    take: Take,
}

impl Fake {
    pub(crate) fn new(take: Take) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { state: Mutex::default(), healed: Condvar::new(), take });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&of_thread);
                // A client that goes away in the middle is nothing to speak of.
                thread::spawn(move || drop(serve(&shared, stream)));
            }
        });
        Self { address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    /// What it does with the next requests, in their order.
    pub(crate) fn next(&self, acts: impl IntoIterator<Item = Act>) {
        self.state().acts.extend(acts);
    }

    /// So many requests a second, and a second's worth at once; others are answered with 429.
    pub(crate) fn allow(&self, per_second: f64, delay: Duration) {
        let mut state = self.state();
        (state.allowed, state.allowance, state.delay) = (Some(per_second), per_second, delay);
    }

    pub(crate) fn refuse(&self, text: &str) {
        self.state().kept.refuses = Some(text.to_owned());
    }

    /// From now on it takes what it is sent and answers.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.silent = false;
        state.acts.clear();
        self.shared.healed.notify_all();
    }

    /// Where the sink keeps its notes.
    pub(crate) fn watches(&self, notes: PathBuf) {
        self.state().notes = notes;
    }

    /// Whether a death was met.
    pub(crate) fn is_dead(&self) -> bool {
        self.state().kept_notes.is_some()
    }

    /// Puts back the notes as they stood at the last death, if there was one, and takes requests again.
    pub(crate) fn revive(&self) {
        let mut state = self.state();
        let Some(kept) = state.kept_notes.take() else { return };
        fs::remove_dir_all(&state.notes).unwrap();
        copy(kept.path(), &state.notes);
    }

    pub(crate) fn silence(&self) {
        self.state().silent = true;
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state().requests.iter().map(|(seen, _)| seen.clone()).collect()
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    pub(crate) fn with<T>(&self, on: impl FnOnce(&mut Kept) -> T) -> T {
        on(&mut self.state().kept)
    }
}

fn serve(shared: &Shared, mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(seen) = wire::read(&mut reader)? {
        let (act, delay) = begin(shared, &seen);
        thread::sleep(delay);
        let is_open = act_on(shared, &mut stream, &seen, act);
        shared.state.lock().unwrap().at_once -= 1;
        if !is_open? {
            return Ok(());
        }
    }
    Ok(())
}

fn begin(shared: &Shared, seen: &Seen) -> (Act, Duration) {
    let mut state = shared.state.lock().unwrap();
    let now = Instant::now();
    state.requests.push((seen.clone(), now));
    state.at_once += 1;
    state.most_at_once = state.most_at_once.max(state.at_once);
    for (left, _) in &mut state.late {
        *left = left.saturating_sub(1);
    }
    let (due, late) = std::mem::take(&mut state.late).into_iter().partition(|(left, _)| *left == 0);
    state.late = late;
    let due: Vec<(usize, Seen)> = due;
    for (_, seen) in due {
        (shared.take)(&mut state.kept, &seen);
    }
    if state.silent {
        return (Act::Silent, Duration::ZERO);
    }
    if state.kept_notes.is_some() {
        return (Act::Close, Duration::ZERO);
    }
    if let Some(allowed) = state.allowed {
        let since = state.allowance_at.replace(now).map_or(0.0, |at| now.duration_since(at).as_secs_f64());
        state.allowance = (state.allowance + since * allowed).min(allowed);
        if state.allowance < 1.0 {
            return (Act::status(429), Duration::ZERO);
        }
        state.allowance -= 1.0;
    }
    let act = state.acts.pop_front().unwrap_or(Act::Take);
    (act, state.delay)
}

/// Says whether the connection stays open.
fn act_on(shared: &Shared, stream: &mut TcpStream, seen: &Seen, act: Act) -> std::io::Result<bool> {
    let take = || (shared.take)(&mut shared.state.lock().unwrap().kept, seen);
    match act {
        Act::Take => {
            let (status, body) = take();
            wire::answer(stream, status, &[], body.to_string().as_bytes())?;
        }
        Act::TakeAndClose => {
            take();
            return Ok(false);
        }
        Act::Close => return Ok(false),
        Act::TakeAndBreakOff => {
            take();
            stream.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 900\r\n\r\n{\"mess")?;
            return Ok(false);
        }
        Act::TakeLate(requests) => {
            shared.state.lock().unwrap().late.push((requests, seen.clone()));
            return Ok(false);
        }
        Act::Silent => {
            let mut state = shared.state.lock().unwrap();
            while state.silent {
                state = shared.healed.wait(state).unwrap();
            }
            return Ok(false);
        }
        Act::Answer(status, headers, body) => wire::answer(stream, status, &headers, body.as_bytes())?,
        Act::Die(takes) => {
            let mut state = shared.state.lock().unwrap();
            if takes {
                (shared.take)(&mut state.kept, seen);
            }
            if state.kept_notes.is_none() {
                let kept = tempfile::tempdir().unwrap();
                copy(&state.notes, kept.path());
                state.kept_notes = Some(kept);
            }
            return Ok(false);
        }
        Act::TakeEndless => {
            take();
            stream.write_all(b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n")?;
            while stream.write_all(&[b' '; 4096]).is_ok() {}
            return Ok(false);
        }
    }
    Ok(true)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// A receiver of Standard Webhooks that knows what it has had.
pub(crate) fn webhook(kept: &mut Kept, seen: &Seen) -> (u16, Value) {
    let text = String::from_utf8_lossy(&seen.body).into_owned();
    if kept.refuses.as_ref().is_some_and(|refused| text.contains(refused)) {
        return (422, json!({ "message": "no" }));
    }
    let id = seen.headers["webhook-id"].clone();
    kept.every_id.push(id.clone());
    if !kept.ids.contains(&id) {
        kept.ids.push(id);
        let body = seen.json();
        let who = body["data"]["calendar_subscription_id"].as_str().unwrap_or_default().to_owned();
        kept.events.push((who, body["type"].as_str().unwrap_or_default().to_owned()));
    }
    (200, json!({}))
}

/// An API that takes anything, and knows what it has had by the header Idempotency-Key.
pub(crate) fn plain(kept: &mut Kept, seen: &Seen) -> (u16, Value) {
    let id = seen.headers["idempotency-key"].clone();
    kept.every_id.push(id.clone());
    if !kept.ids.contains(&id) {
        kept.ids.push(id);
    }
    (200, json!({}))
}
