//! The same calls over a child process: `leasehold serve --stdio`.

use crate::{millis, Error, Kind, State, Transport, LONGEST};
use serde_json::{json, Value};
use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio as Pipe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A child process that serves all agents opened with it. It ends when it is dropped, and when this process does.
pub struct Stdio {
    child: Mutex<Child>,
    input: Mutex<Option<ChildStdin>>,
    waiting: Arc<Mutex<Waiting>>,
    events: Mutex<HashMap<u64, Backlog>>,
    number: AtomicU64,
    reader: Option<JoinHandle<()>>,
}

/// Who waits for which answer; None once the child has ended.
type Waiting = Option<HashMap<u64, Sender<Value>>>;

#[derive(Default)]
struct Backlog {
    seen: u64,
    events: VecDeque<Value>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

fn gone() -> Error {
    Error::new("", Kind::Canceled, "the child process has ended", "Start it anew, and open agents again.")
}

impl Stdio {
    /// Starts `program serve --stdio`. Name the program by its absolute path.
    pub fn start(program: impl AsRef<Path>) -> Result<Arc<Stdio>, Error> {
        let failed = |e: &dyn std::fmt::Display| {
            Error::new("start", Kind::Usage, format!("the program cannot be started: {e}"), "Name the program leasehold by its absolute path.")
        };
        let mut command = Command::new(program.as_ref());
        #[cfg(windows)]
        std::os::windows::process::CommandExt::creation_flags(&mut command, 0x0800_0000); // no console window of its own
        let mut child = command.args(["serve", "--stdio"]).stdin(Pipe::piped()).stdout(Pipe::piped()).spawn().map_err(|e| failed(&e))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed(&"it has no pipes"));
        };
        let waiting = Arc::new(Mutex::new(Waiting::Some(HashMap::new())));
        let shared = Arc::clone(&waiting);
        let reader = std::thread::Builder::new()
            .name("leasehold".into())
            .spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    let Ok(answer) = serde_json::from_str::<Value>(&line) else { break }; // nothing that follows could be believed
                    let to = answer["id"].as_u64().and_then(|id| lock(&shared).as_mut()?.remove(&id));
                    if let Some(to) = to {
                        // Who no longer waits does not want it.
                        let _ = to.send(answer);
                    }
                }
                *lock(&shared) = None; // which ends all that wait
            })
            .map_err(|e| failed(&e))?;
        Ok(Arc::new(Stdio {
            child: Mutex::new(child),
            input: Mutex::new(Some(input)),
            waiting,
            events: Mutex::default(),
            number: AtomicU64::new(1),
            reader: Some(reader),
        }))
    }

    /// The process ID of the child.
    pub fn pid(&self) -> u32 {
        lock(&self.child).id()
    }

    fn ask(&self, method: &str, mut params: Value, timeout: Duration) -> Result<Value, Error> {
        if !params.is_object() {
            return Err(Error::new(method, Kind::Usage, "params is not an object", "Pass parameters by name."));
        }
        if !timeout.is_zero() {
            params["timeout_ms"] = millis(timeout).into();
        }
        let id = self.number.fetch_add(1, Ordering::Relaxed);
        let (to, answer) = channel();
        lock(&self.waiting).as_mut().ok_or_else(gone)?.insert(id, to);
        let line = format!("{}\n", json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        lock(&self.input).as_mut().ok_or_else(gone)?.write_all(line.as_bytes()).map_err(|_| gone())?;
        let patience = if timeout.is_zero() { Duration::from_secs(30) } else { timeout.min(LONGEST) } + Duration::from_secs(10);
        let mut got = answer.recv_timeout(patience).map_err(|e| match e {
            RecvTimeoutError::Disconnected => gone(),
            RecvTimeoutError::Timeout => {
                if let Some(waiting) = lock(&self.waiting).as_mut() {
                    waiting.remove(&id);
                }
                Error::new(method, Kind::Timeout, "the child process does not answer", "")
            }
        })?;
        match got.get_mut("error").map(Value::take) {
            None => Ok(got["result"].take()),
            Some(mut error) => Err(match error["data"].take() {
                Value::Null => Error::new(method, Kind::Usage, error["message"].as_str().unwrap_or_default(), ""),
                data => Error::of(method, data),
            }),
        }
    }
}

impl Transport for Stdio {
    fn open(&self, params: &Value, timeout: Duration) -> Result<Value, Error> {
        self.ask("open", params.clone(), timeout)
    }

    fn call(&self, agent: u64, method: &str, params: &Value, timeout: Duration) -> Result<Value, Error> {
        let mut params = params.clone();
        if agent != 0 && params.is_object() {
            params["agent"] = agent.into();
        }
        self.ask(method, params, timeout)
    }

    fn next_event(&self, agent: u64, timeout: Duration) -> Result<Option<Value>, Error> {
        let end = Instant::now().checked_add(timeout);
        loop {
            let after = match lock(&self.events).get_mut(&agent) {
                Some(backlog) if !backlog.events.is_empty() => return Ok(backlog.events.pop_front()),
                Some(backlog) => backlog.seen,
                None => 0,
            };
            let left = end.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()));
            let wait = left.min(Duration::from_secs(590));
            let mut found = self.ask("events", json!({"agent": agent, "after": after, "wait_ms": millis(wait)}), wait + Duration::from_secs(5))?;
            let mut all = lock(&self.events);
            let backlog = all.entry(agent).or_default();
            if let Value::Array(events) = found["events"].take() {
                // Who else has asked meanwhile got the same ones.
                let seen = backlog.seen;
                backlog.events.extend(events.into_iter().filter(|e| e["seq"].as_u64() > Some(seen)));
            }
            backlog.seen = backlog.seen.max(found["last"].as_u64().unwrap_or(0));
            if left.is_zero() || !backlog.events.is_empty() {
                return Ok(backlog.events.pop_front());
            }
        }
    }

    fn event_fd(&self, _: u64) -> Option<i32> {
        None
    }

    fn allows(&self, agent: u64, feature: &str) -> bool {
        !feature.is_empty() && self.call(agent, "feature", &json!({"name": feature}), Duration::ZERO).is_ok_and(|a| a["allowed"] == true)
    }

    fn state(&self, agent: u64) -> Result<State, Error> {
        let status = self.call(agent, "status", &json!({}), Duration::ZERO)?;
        serde_json::from_value(status["state"].clone()).map_err(|e| Error::unreadable("state", e))
    }

    fn close(&self, agent: u64, timeout: Duration) -> Result<(), Error> {
        lock(&self.events).remove(&agent);
        self.call(agent, "close", &json!({}), timeout).map(drop)
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        *lock(&self.input) = None; // the child gives seats back, and ends
        let end = Instant::now() + Duration::from_secs(15);
        let child = self.child.get_mut().unwrap_or_else(|e| e.into_inner());
        while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        // Where it has ended there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}
