//! Plays the conformance vectors (agent/protocol/vectors) over both transports.
//!
//! CAPI_LIBRARY is the C library and CAPI_TOOL the program leasehold, which is also the emulator; without them the tests say so and do nothing.

use leasehold::{Agent, Cause, Error, EventType, Kind, Native, State, Stdio, Transport};
use serde_json::{json, Map, Value};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

const NAMED: &str = "0e9d1a5c-7b1f-4a52-8f6e-2d3c4b5a6978";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../..")
}

fn given(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|v| !v.is_empty());
    if value.is_none() {
        eprintln!("skipped: {name} is not set");
    }
    value
}

fn read(path: impl AsRef<Path>) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("leasehold mit Lücke {} {}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The licence server for tests, and the configuration of an application for it.
struct Emulator {
    child: Child,
    address: String,
    config: Map<String, Value>,
    _folder: Folder,
}

impl Emulator {
    fn start(tool: &str) -> Emulator {
        let folder = Folder::new();
        let path = folder.0.join("c.json");
        let mut child = Command::new(tool)
            .args(["--json", "emulator", "--addr", "127.0.0.1:0", "--write-config"])
            .arg(&path)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let address = told["control_url"].as_str().unwrap().trim_end_matches('/').strip_prefix("http://").unwrap().to_owned();
        Emulator { child, address, config: read(path).as_object().unwrap().clone(), _folder: folder }
    }

    fn ask(&self, line: &str, body: Option<&Value>) -> Value {
        let (method, path) = line.split_once(' ').unwrap();
        let (host, base) = self.address.split_once('/').unwrap();
        let body = body.map_or(String::new(), Value::to_string);
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        write!(stream, "{method} /{base}{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.split(' ').nth(1).is_some_and(|code| code.starts_with('2')), "{line}: {head}");
        json!({ "$body": body })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn holds(got: &Value, want: &Value) -> bool {
    match want {
        Value::String(s) if s == "$any" => !got.is_null(),
        Value::Object(want) => got.as_object().is_some_and(|got| want.iter().all(|(k, v)| got.get(k).is_some_and(|g| holds(g, v)))),
        Value::Array(want) => got.as_array().is_some_and(|got| got.len() == want.len() && got.iter().zip(want).all(|(g, w)| holds(g, w))),
        _ => got == want,
    }
}

/// A vector that is being played.
struct Story<'a, T: Transport> {
    emulator: &'a Emulator,
    transport: &'a Arc<T>,
    folder: Folder,
    name: String,
    agents: std::collections::HashMap<String, u64>,
    kept: Map<String, Value>,
}

impl<T: Transport> Story<'_, T> {
    fn fill(&self, v: &Value) -> Value {
        match v {
            Value::String(s) if s.starts_with('$') && s != "$any" => self.kept[&s[1..]].clone(),
            Value::Object(o) => o.iter().map(|(k, x)| (k.clone(), self.fill(x))).collect(),
            Value::Array(a) => a.iter().map(|x| self.fill(x)).collect(),
            _ => v.clone(),
        }
    }

    fn open(&self, step: &Value) -> Result<Value, Error> {
        let mut config = self.emulator.config.clone();
        config.entry("device_id").or_insert_with(|| self.name.clone().into());
        config.extend(step["config"].as_object().cloned().unwrap_or_default());
        let state_dir = self.folder.0.join(config["device_id"].as_str().unwrap());
        let mut params = json!({"config": config, "state_dir": state_dir, "store": "file"});
        params.as_object_mut().unwrap().extend(step["open"].as_object().unwrap().clone());
        self.transport.open(&params, Duration::ZERO)
    }

    fn event(&self, step: &Value, agent: u64) {
        for _ in 0..100 {
            let event = self.transport.next_event(agent, Duration::from_secs(10)).unwrap().unwrap_or_else(|| panic!("there was no event: {step}"));
            if event["type"] == step["event"] {
                let want = step.get("with").map_or(json!({}), |w| self.fill(w));
                assert!(holds(&event, &want), "{step}\ngot {event}");
                return;
            }
        }
        panic!("there was no event: {step}");
    }

    fn act(&mut self, step: &Value, name: &str, agent: u64) -> Result<Value, Error> {
        let params = step.get("params").map_or(json!({}), |p| self.fill(p));
        if let Some(line) = step["server"].as_str() {
            let body = step.get("body").map(|b| self.fill(b));
            return Ok(self.emulator.ask(line, body.as_ref()));
        }
        if step.get("open").is_some() {
            let result = self.open(step)?;
            self.agents.insert(name.into(), result["agent"].as_u64().unwrap());
            return Ok(result);
        }
        if let Some(method) = step["call"].as_str() {
            let timeout = Duration::from_millis(step["timeout_ms"].as_u64().unwrap_or(0));
            return self.transport.call(agent, method, &params, timeout);
        }
        assert!(step.get("close").is_some(), "what is {step}?");
        let result = self.transport.call(agent, "close", &json!({}), Duration::ZERO)?;
        self.agents.insert("closed".into(), agent);
        Ok(result)
    }

    fn step(&mut self, step: &Value) {
        let name = step["agent"].as_str().unwrap_or("a").to_owned();
        let agent = self.agents.get(&name).copied().unwrap_or(0);
        if let Some(feature) = step.get("allows") {
            let feature = self.fill(feature);
            assert_eq!(self.transport.allows(agent, feature.as_str().unwrap()), step["is"].as_bool().unwrap(), "{step}");
            return;
        }
        if let Some(state) = step["state"].as_str() {
            assert_eq!(self.transport.state(agent).unwrap().as_str(), state, "{step}");
            return;
        }
        if step.get("event").is_some() {
            return self.event(step, agent);
        }
        let got = self.act(step, &name, agent);
        match (step.get("failure"), &got) {
            (Some(want), Err(e)) => assert!(holds(&e.to_json(), &self.fill(want)), "{step}\ngot {}", e.to_json()),
            (Some(_), Ok(result)) => panic!("it did not fail: {step}\ngot {result}"),
            (None, Err(e)) => panic!("{step}\ngot {}", e.to_json()),
            (None, Ok(result)) => {
                let want = step.get("result").map_or(json!({}), |r| self.fill(r));
                assert!(holds(result, &want), "{step}\ngot {result}");
            }
        }
        for (key, member) in step["keep"].as_object().into_iter().flatten() {
            self.kept.insert(key.clone(), got.as_ref().unwrap()[member.as_str().unwrap()].clone());
        }
    }

    fn end(&self) {
        for (name, agent) in &self.agents {
            if !["none", "never", "closed"].contains(&name.as_str()) {
                if let Err(e) = self.transport.close(*agent, Duration::from_secs(5)) {
                    assert_eq!(e.kind, Kind::NoAgent);
                }
            }
        }
    }
}

fn vectors<T: Transport>(emulator: &Emulator, transport: &Arc<T>) {
    let mut files: Vec<_> = std::fs::read_dir(root().join("agent/protocol/vectors")).unwrap().map(|f| f.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    assert!(files.len() > 8);
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        println!("{name}");
        emulator.ask("POST /reset", None);
        let agents = [("none".to_owned(), 0), ("never".to_owned(), 4711)].into();
        let mut story = Story { emulator, transport, folder: Folder::new(), name, agents, kept: Map::new() };
        for step in read(&file)["steps"].as_array().unwrap() {
            story.step(step);
        }
        story.end();
    }
}

fn open<T: Transport + 'static>(emulator: &Emulator, transport: &Arc<T>, folder: &Folder) -> Agent {
    let mut config = emulator.config.clone();
    config.insert("device_id".into(), "device-1".into());
    Agent::open(Arc::clone(transport), json!({"config": config, "state_dir": folder.0, "store": "file"})).unwrap()
}

fn an_agent<T: Transport + 'static>(emulator: &Emulator, transport: &Arc<T>) {
    emulator.ask("POST /reset", None);
    let folder = Folder::new();
    let agent = open(emulator, transport, &folder);
    assert_eq!(agent.state().unwrap(), State::Locked);
    assert!(!agent.allows("pdf-export"));
    let status = agent.activate(NAMED).unwrap();
    assert_eq!((status.state, status.cause), (State::Active, Cause::None));
    assert!(status.license.unwrap().expires.is_some());
    assert!(agent.allows("pdf-export"));
    for wrong in ["", "pdf-export\0", "pdf-export\0x"] {
        assert!(!agent.allows(wrong), "{wrong:?}");
    }
    assert_eq!(agent.features().unwrap().iter().find(|f| f.allowed).unwrap().feature, "pdf-export");
    agent.count("Größe ändern", "1").unwrap();
    let e = agent.activate("00000000-7b1f-4a52-8f6e-2d3c4b5a6978").unwrap_err();
    assert_eq!((e.kind, e.code, e.status.unwrap().state), (Kind::Conflict, 1000, State::Active));
    assert!(!e.hint.is_empty());
    assert_eq!(agent.call("status", json!([1]), Duration::ZERO).unwrap_err().kind, Kind::Usage);
    for (key, code) in [("00000000-7b1f-4a52-8f6e-2d3c4b5a6978", 1000), (NAMED, 0)] {
        let number = agent.begin("activate", json!({"key": key}), Duration::from_secs(20)).unwrap();
        let (call, answer) = std::iter::from_fn(|| agent.next_event(Duration::from_secs(10)).unwrap()).find_map(|e| e.answer()).unwrap();
        assert_eq!(call, number);
        assert_eq!(answer.map_or_else(|e| e.code, |status| i64::from(status["state"] != "active")), code);
    }
    assert_eq!(agent.begin("close", json!({}), Duration::ZERO).unwrap_err().kind, Kind::Usage);
    // Each waits as long as it was told to, and one has the event.
    while agent.next_event(Duration::from_millis(200)).unwrap().is_some() {}
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let wait = || (agent.next_event(Duration::from_millis(1500)).unwrap().is_some(), begun.elapsed());
        let waiting: Vec<_> = (0..2).map(|_| scope.spawn(wait)).collect();
        std::thread::sleep(Duration::from_millis(200));
        agent.begin("session.status", json!({}), Duration::ZERO).unwrap();
        let got: Vec<_> = waiting.into_iter().map(|w| w.join().unwrap()).collect();
        assert_eq!(got.iter().filter(|(found, _)| *found).count(), 1);
        assert!(got.iter().all(|(found, waited)| *found || *waited > Duration::from_millis(1300)));
    });
    agent.deactivate().unwrap();
    agent.activate(NAMED).unwrap();
    std::thread::scope(|scope| {
        let work = || (0..50).for_each(|_| assert!(agent.allows("pdf-export") && agent.feature("batch").unwrap().allowed));
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|w| w.join().unwrap());
        let reader = scope.spawn(|| agent.events().map(|e| e.unwrap().r#type).collect::<Vec<_>>());
        std::thread::sleep(Duration::from_millis(300));
        agent.close(Duration::from_secs(5)).unwrap();
        // What was read before the close is told, and the close ends the loop.
        assert!(reader.join().unwrap().contains(&EventType::StateChanged));
    });
    assert_eq!(agent.status().unwrap_err().kind, Kind::NoAgent);
    assert!(!agent.allows("pdf-export"));
    assert_eq!(agent.close(Duration::from_secs(5)).unwrap_err().kind, Kind::NoAgent);
}

fn out_of_range<T: Transport + 'static>(emulator: &Emulator, transport: &Arc<T>) {
    let folder = Folder::new();
    let agent = open(emulator, transport, &folder);
    let begun = Instant::now();
    for timeout in [Duration::from_millis(600_001), Duration::from_millis(1 << 31), Duration::from_millis(1 << 32), Duration::MAX] {
        let e = agent.call("status", json!({}), timeout).unwrap_err();
        assert_eq!((e.kind, e.op.as_str()), (Kind::Usage, "status"), "{timeout:?}");
        assert!(e.message.contains("600000"), "{}", e.message);
    }
    let long = "x".repeat(9 << 20);
    assert_eq!(agent.feature(&long).unwrap_err().kind, Kind::Usage);
    assert!(!agent.allows(&long));
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(agent.next_event(Duration::MAX).unwrap().is_some());
    agent.close(Duration::MAX).unwrap();
    assert_eq!(agent.status().unwrap_err().kind, Kind::NoAgent);
}

#[test]
fn in_this_process() {
    let (Some(library), Some(tool)) = (given("CAPI_LIBRARY"), given("CAPI_TOOL")) else { return };
    let (emulator, transport) = (Emulator::start(&tool), Native::load(library).unwrap());
    vectors(&emulator, &transport);
}

#[test]
fn an_agent_in_this_process() {
    let (Some(library), Some(tool)) = (given("CAPI_LIBRARY"), given("CAPI_TOOL")) else { return };
    let (emulator, transport) = (Emulator::start(&tool), Native::load(library).unwrap());
    an_agent(&emulator, &transport);
    out_of_range(&emulator, &transport);
    let folder = Folder::new();
    let handle = open(&emulator, &transport, &folder);
    assert_eq!(handle.event_fd().is_some(), cfg!(unix));
}

#[test]
fn over_a_child_process() {
    let Some(tool) = given("CAPI_TOOL") else { return };
    let (emulator, transport) = (Emulator::start(&tool), Stdio::start(&tool).unwrap());
    vectors(&emulator, &transport);
}

#[test]
fn an_agent_over_a_child_process() {
    let Some(tool) = given("CAPI_TOOL") else { return };
    let (emulator, transport) = (Emulator::start(&tool), Stdio::start(&tool).unwrap());
    an_agent(&emulator, &transport);
    out_of_range(&emulator, &transport);
}

#[test]
fn a_child_that_ends() {
    let Some(tool) = given("CAPI_TOOL") else { return };
    let transport = Stdio::start(tool).unwrap();
    transport.call(0, "version", &json!({}), Duration::ZERO).unwrap();
    assert!(Command::new("kill").args(["-9", &transport.pid().to_string()]).status().unwrap().success());
    assert_eq!(transport.call(0, "version", &json!({}), Duration::ZERO).unwrap_err().kind, Kind::Canceled);
    assert_eq!(Stdio::start("/does/not/exist").err().unwrap().kind, Kind::Usage);
}

#[test]
fn what_is_no_library() {
    for wrong in ["libleasehold.so.1", "/does/not/exist.so"] {
        assert_eq!(Native::load(wrong).err().unwrap().kind, Kind::Usage, "{wrong}");
    }
}

#[test]
fn the_types_are_the_schemas() {
    let schema = read(root().join("agent/protocol/schema.json"));
    let texts = |list: &Value, member: &str| list.as_array().unwrap().iter().map(|x| x[member].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    for state in [State::Active, State::Grace, State::ReadOnly, State::Locked] {
        assert_eq!(schema["states"][state.as_str()], state as i32);
    }
    assert_eq!(json!(Cause::KNOWN), schema["types"]["Cause"]["enum"]);
    assert_eq!(Kind::KNOWN.iter().map(ToString::to_string).collect::<Vec<_>>(), texts(&schema["failures"], "kind"));
    assert_eq!(EventType::KNOWN.iter().map(ToString::to_string).collect::<Vec<_>>(), texts(&schema["events"], "type"));
    assert_eq!(Cause::from("something_new".to_owned()).as_str(), "something_new");
}

#[test]
fn the_version_is_the_librarys() {
    let text = std::fs::read_to_string(root().join("cmd/libleasehold/version.go")).unwrap();
    assert!(text.contains(&format!("\"{}\"", env!("CARGO_PKG_VERSION"))));
}
