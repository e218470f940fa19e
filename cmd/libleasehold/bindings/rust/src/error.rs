use crate::types::{texts, Status};
use serde::Deserialize;
use serde_json::{json, Value};

texts! {
    /// What sort of failure.
    Kind {
        /// The call or the configuration makes no sense as it is.
        Usage = "usage",
        /// The licence server refused; `code` says why.
        Conflict = "conflict",
        /// No answer came; nothing changed, and trying again may help.
        Silence = "silence",
        /// Something answered that could not prove to be the server's fresh answer for this client.
        Integrity = "integrity",
        /// There is no such agent: it was closed, or never opened.
        NoAgent = "no_agent",
        /// The deadline passed before the call was done.
        Timeout = "timeout",
        /// The agent was closed meanwhile.
        Canceled = "canceled",
        /// The process is a fork of the one that loaded the library.
        Forked = "forked",
        /// There is no such method.
        NoMethod = "no_method",
        /// A fault of Leasehold.
        Internal = "internal",
    }
}

/// A call failed. `kind` and `code` are for programs, `message` and `hint` for people.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Error {
    /// The call.
    pub op: String,
    /// What sort of failure.
    pub kind: Kind,
    /// The conflict's ID; 0 unless `kind` is [`Kind::Conflict`].
    pub code: i64,
    /// What happened.
    pub message: String,
    /// What to do, a sentence.
    pub hint: String,
    /// Its token, empty where there is none.
    pub remedy_id: String,
    /// How many seconds to wait before trying again; 0 when not told.
    pub retry_after_s: i64,
    /// How the licence is after a call that asked the server about it.
    pub status: Option<Box<Status>>,
}

impl Default for Error {
    fn default() -> Self {
        Error {
            op: String::new(),
            kind: Kind::Internal,
            code: 0,
            message: String::new(),
            hint: String::new(),
            remedy_id: String::new(),
            retry_after_s: 0,
            status: None,
        }
    }
}

impl Error {
    pub(crate) fn new(op: &str, kind: Kind, message: impl Into<String>, hint: &str) -> Self {
        Error { op: op.into(), kind, message: message.into(), hint: hint.into(), ..Error::default() }
    }

    /// The failure that a number of the C library stands for.
    pub(crate) fn numbered(rc: i32, op: &str) -> Self {
        const KINDS: [Kind; 9] =
            [Kind::Usage, Kind::Conflict, Kind::Silence, Kind::Integrity, Kind::NoAgent, Kind::Timeout, Kind::Canceled, Kind::Forked, Kind::NoMethod];
        let place = usize::try_from(i64::from(rc).unsigned_abs()).unwrap_or(0).wrapping_sub(1);
        let kind = KINDS.get(place).cloned().unwrap_or(Kind::Internal);
        let message = kind.as_str().replace('_', " ");
        Error::new(op, kind, message, "")
    }

    pub(crate) fn of(op: &str, value: Value) -> Self {
        serde_json::from_value(value).unwrap_or_else(|e| Error::unreadable(op, e))
    }

    pub(crate) fn unreadable(op: &str, e: serde_json::Error) -> Self {
        Error::new(op, Kind::Internal, format!("the answer cannot be read: {e}"), "Ship the library of the same version as this crate.")
    }

    /// The failure as the protocol shows it.
    pub fn to_json(&self) -> Value {
        json!({
            "op": self.op, "kind": self.kind.as_str(), "code": self.code, "message": self.message, "hint": self.hint,
            "remedy_id": self.remedy_id, "retry_after_s": self.retry_after_s, "status": self.status.as_ref().map(|s| s.raw()),
        })
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
