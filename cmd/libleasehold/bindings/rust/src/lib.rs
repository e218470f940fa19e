//! Licences for desktop applications, from a SLASCONE server.
//!
//! ```no_run
//! use leasehold::{Agent, Native, State};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), leasehold::Error> {
//! let library = Native::load("/opt/sketch/libleasehold.so.1")?;
//! let agent = Agent::open(library, json!({"config_file": "/opt/sketch/vendor.json"}))?;
//! if agent.state()? == State::Locked {
//!     agent.activate("the key the user typed")?;
//! }
//! let enabled: bool = agent.allows("pdf-export");
//! # Ok(())
//! # }
//! ```
//!
//! Instants are RFC 3339 texts, as in the protocol; `chrono` and `time` read them.
#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod agent;
mod error;
mod native;
mod stdio;
mod types;

pub use agent::{Agent, Events};
pub use error::{Error, Kind};
pub use native::Native;
pub use stdio::Stdio;
pub use types::{Access, Account, Cause, Consumed, Decision, Event, EventType, Feature, License, Limit, Next, Session, State, Status};

use serde_json::Value;
use std::time::Duration;

/// How an agent is reached: [`Native`] or [`Stdio`].
///
/// A `timeout` of zero is the library's default of 30 seconds; at most 600 seconds are allowed.
pub trait Transport: Send + Sync {
    /// Opens an agent; the result has its handle as `agent`.
    fn open(&self, params: &Value, timeout: Duration) -> Result<Value, Error>;
    /// Calls a method of the protocol.
    fn call(&self, agent: u64, method: &str, params: &Value, timeout: Duration) -> Result<Value, Error>;
    /// Takes the next event; zero does not wait.
    fn next_event(&self, agent: u64, timeout: Duration) -> Result<Option<Value>, Error>;
    /// A descriptor that is readable while an event waits, where there is one.
    fn event_fd(&self, agent: u64) -> Option<i32>;
    /// Tells whether a feature may be used now; false where that cannot be told.
    fn allows(&self, agent: u64, feature: &str) -> bool;
    /// Tells what the application may do now.
    fn state(&self, agent: u64) -> Result<State, Error>;
    /// Closes an agent.
    fn close(&self, agent: u64, timeout: Duration) -> Result<(), Error>;
}

/// The longest deadline of a call.
const LONGEST: Duration = Duration::from_secs(600);

fn millis(timeout: Duration) -> i32 {
    // Rounded up: a deadline that is set never becomes the default.
    i32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
}
