use crate::{Access, Account, Consumed, Error, Event, Kind, Limit, State, Status, Transport, LONGEST};
use serde::de::DeserializeOwned;
use serde_json::{json, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// Enforces the licence of one application. It may be used from any thread, and is closed when it is dropped.
pub struct Agent {
    transport: Arc<dyn Transport>,
    handle: u64,
    closed: AtomicBool,
}

impl Agent {
    /// Opens an agent: reads what is kept and decides from that, without waiting for the network.
    ///
    /// `params` are those of the method `open`, such as `json!({"config_file": "vendor.json"})`. A configuration that is wrong is a failure of
    /// [`Kind::Usage`].
    pub fn open(transport: Arc<impl Transport + 'static>, params: Value) -> Result<Agent, Error> {
        let opened = transport.open(&params, Duration::ZERO)?;
        let handle = opened["agent"].as_u64().unwrap_or(0);
        Ok(Agent { transport, handle, closed: AtomicBool::new(false) })
    }

    /// Calls any method of the protocol, and returns its result as it is. A `timeout` of zero is the default of 30 seconds; at most 600 are allowed.
    pub fn call(&self, method: &str, params: Value, timeout: Duration) -> Result<Value, Error> {
        self.transport.call(self.handle, method, &params, timeout)
    }

    /// Begins a call and returns its number at once; its answer comes as the event [`EventType::CallEnded`](crate::EventType::CallEnded), see
    /// [`Event::answer`]. For main loops, together with [`Agent::event_fd`].
    pub fn begin(&self, method: &str, params: Value, timeout: Duration) -> Result<u64, Error> {
        self.ask("begin", json!({"method": method, "params": params, "timeout_ms": crate::millis(timeout)}), Some("call"))
    }

    fn ask<T: DeserializeOwned>(&self, method: &str, params: Value, member: Option<&str>) -> Result<T, Error> {
        let mut got = self.call(method, params, Duration::ZERO)?;
        let value = match member {
            Some(name) => got[name].take(),
            None => got,
        };
        serde_json::from_value(value).map_err(|e| Error::unreadable(method, e))
    }

    /// Gives a floating seat back, unless it is checked out, and ends the background work. `timeout` bounds the wait for the server, which is 600
    /// seconds at most.
    pub fn close(&self, timeout: Duration) -> Result<(), Error> {
        self.closed.store(true, Ordering::Relaxed);
        self.transport.close(self.handle, timeout.min(LONGEST))
    }

    /// Tells whether the user may use a feature now, by its name or ID. It reads memory, but over a child process, and is false after a close.
    pub fn allows(&self, feature: &str) -> bool {
        self.transport.allows(self.handle, feature)
    }

    /// What the application may do now. It reads memory, but over a child process.
    pub fn state(&self) -> Result<State, Error> {
        self.transport.state(self.handle)
    }

    /// What the user may do now, and why.
    pub fn status(&self) -> Result<Status, Error> {
        self.ask("status", json!({}), None)
    }

    /// What the user might do at another instant (RFC 3339), if nothing more were learned.
    pub fn status_at(&self, at: &str) -> Result<Status, Error> {
        self.ask("status", json!({"at": at}), None)
    }

    /// Whether a feature may be used now, and if not why.
    pub fn feature(&self, name: &str) -> Result<Access, Error> {
        self.ask("feature", json!({"name": name}), None)
    }

    /// All features of the licence.
    pub fn features(&self) -> Result<Vec<Access>, Error> {
        self.ask("features", json!({}), Some("features"))
    }

    /// All amounts that the licence grants.
    pub fn limits(&self) -> Result<Vec<Limit>, Error> {
        self.ask("limits", json!({}), Some("limits"))
    }

    /// The report for a help desk. It holds no key and no token.
    pub fn diagnosis(&self) -> Result<Value, Error> {
        self.ask("diagnosis", json!({}), None)
    }

    /// Tries, step by step, what the licence needs of this computer and its network: the report for a help desk, with its `checks`.
    pub fn check(&self, timeout: Duration) -> Result<Value, Error> {
        self.call("check", json!({}), timeout)
    }

    /// Takes a seat of the licence with this key.
    pub fn activate(&self, key: &str) -> Result<Status, Error> {
        self.ask("activate", json!({"key": key}), None)
    }

    /// Asks the server how the licence is. Heartbeats come by themselves as well.
    pub fn heartbeat(&self) -> Result<Status, Error> {
        self.ask("heartbeat", json!({}), None)
    }

    /// Gives the seat back and forgets the licence.
    pub fn deactivate(&self) -> Result<Status, Error> {
        self.ask("deactivate", json!({}), None)
    }

    /// Takes over a licence file, or the activation file that completes it.
    pub fn import_license(&self, data: &str) -> Result<Status, Error> {
        self.ask("license.import", json!({"data": data}), Some("status"))
    }

    /// Takes a floating seat, with `manual_sessions`, and holds it for `checkout` without renewal; zero is the licence's session period.
    pub fn open_session(&self, checkout: Duration) -> Result<Status, Error> {
        self.ask("session.open", json!({"checkout_s": checkout.as_secs()}), None)
    }

    /// Gives the floating seat back.
    pub fn close_session(&self) -> Result<Status, Error> {
        self.ask("session.close", json!({}), None)
    }

    /// Counts a use of a feature for the vendor's statistics; it is delivered later. `amount` is a decimal number.
    pub fn count(&self, feature: &str, amount: &str) -> Result<(), Error> {
        self.call("usage", json!({"feature": feature, "amount": amount}), Duration::ZERO).map(drop)
    }

    /// Takes an amount of a limitation; a decimal number.
    pub fn consume(&self, limitation: &str, amount: &str) -> Result<Consumed, Error> {
        self.ask("consume", json!({"limitation": limitation, "amount": amount}), None)
    }

    /// Asks the server what is left of a limitation, without taking anything.
    pub fn consumption(&self, limitation: &str) -> Result<Account, Error> {
        self.ask("consumption", json!({"limitation": limitation}), None)
    }

    /// Gives back what was consumed.
    pub fn rollback(&self, consumed: &Consumed) -> Result<(), Error> {
        let params = json!({"limitation_id": consumed.limitation_id, "transaction_id": consumed.transaction_id});
        self.call("rollback", params, Duration::ZERO).map(drop)
    }

    /// Takes the next event; None when there is none in time.
    pub fn next_event(&self, timeout: Duration) -> Result<Option<Event>, Error> {
        let event = self.transport.next_event(self.handle, timeout)?;
        event.map(serde_json::from_value).transpose().map_err(|e| Error::unreadable("next_event", e))
    }

    /// Waits for events until the agent is closed, for a thread of its own.
    pub fn events(&self) -> Events<'_> {
        Events(self)
    }

    /// A descriptor that is readable while an event waits, for a main loop; None where there is none.
    pub fn event_fd(&self) -> Option<i32> {
        self.transport.event_fd(self.handle)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if !self.closed.load(Ordering::Relaxed) {
            // There is nobody left to be told.
            let _ = self.transport.close(self.handle, Duration::from_secs(5));
        }
    }
}

/// The events of an agent until it is closed.
pub struct Events<'a>(&'a Agent);

impl Iterator for Events<'_> {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.0.next_event(Duration::from_secs(60)) {
                Ok(None) => continue,
                Ok(Some(event)) => return Some(Ok(event)),
                Err(e) if matches!(e.kind, Kind::NoAgent | Kind::Canceled) => return None,
                Err(e) => return Some(Err(e)),
            }
        }
    }
}
