//! What the library answers. Members that a newer library adds are in `more`.

use crate::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Makes an enumeration of known texts; one that a newer library sends is kept as it is.
macro_rules! texts {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$each])* $variant,)+
            /// One that a newer library sends.
            Other(String),
        }

        impl $name {
            /// All that are known.
            pub const KNOWN: &'static [$name] = &[$($name::$variant),+];

            /// The text of the protocol.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $text,)+
                    $name::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => $name::$variant,)+
                    _ => $name::Other(text),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use texts;

/// What the application may do; ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Everything.
    Active,
    /// Everything, until a deadline.
    Grace,
    /// Open, view, print, export; no edit or save.
    ReadOnly,
    /// Nothing but the licence screen.
    Locked,
}

impl State {
    /// The text of the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Grace => "grace",
            State::ReadOnly => "read_only",
            State::Locked => "locked",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

texts! {
    /// Why the licence is not simply fine.
    #[allow(missing_docs)]
    Cause {
        None = "",
        Suspended = "suspended",
        Inactive = "inactive",
        Expired = "expired",
        NotYetValid = "not_yet_valid",
        VersionNotCovered = "version_not_covered",
        UserInactive = "user_inactive",
        UserLimit = "user_limit",
        NotActivated = "not_activated",
        DeviceMismatch = "device_mismatch",
        ConnectionLimit = "connection_limit",
        SessionLimit = "session_limit",
        SessionMissing = "session_missing",
        ClockRolledBack = "clock_rolled_back",
        SignatureInvalid = "signature_invalid",
        Unauthorized = "unauthorized",
        Unreachable = "unreachable",
    }
}

texts! {
    /// What happened.
    #[allow(missing_docs)]
    EventType {
        StateChanged = "state_changed",
        GraceWarning = "grace_warning",
        LicenseChanged = "license_changed",
        HeartbeatFailed = "heartbeat_failed",
        HeartbeatRecovered = "heartbeat_recovered",
        StoreChosen = "store_chosen",
        StoreFailed = "store_failed",
        ClockSuspect = "clock_suspect",
        ClockTrusted = "clock_trusted",
        DeviceChanged = "device_changed",
        SeatGained = "seat_gained",
        SeatLost = "seat_lost",
        SeatRefused = "seat_refused",
        UpdateAvailable = "update_available",
        ReportRejected = "report_rejected",
        CallEnded = "call_ended",
    }
}

/// Declares what an answer holds: documented members, and the others in `more`.
macro_rules! answers {
    ($($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $member:ident: $type:ty,)+ })+) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$each])* pub $member: $type,)+
            /// Members that are not named here.
            #[serde(flatten)]
            pub more: Map<String, Value>,
        }
    )+};
}

answers! {
    /// A feature of a licence.
    Feature {
        /// Its ID.
        id: String,
        /// Its name.
        name: String,
        /// Whether the licence grants it.
        active: bool,
        /// None: as long as the licence.
        expires: Option<String>,
    }

    /// A licence; its key is masked.
    License {
        /// Its name.
        name: String,
        /// Masked.
        key: String,
        /// The product's name.
        product: String,
        /// The edition.
        edition: String,
        /// Whose it is.
        customer: String,
        /// `named` or `floating`.
        provisioning_mode: String,
        /// None: never.
        expires: Option<String>,
        /// What it grants.
        features: Vec<Feature>,
    }

    /// The state that follows when time passes.
    Next {
        /// The state.
        state: State,
        /// When it begins.
        at: Option<String>,
    }

    /// The floating seat as it is known here.
    Session {
        /// Its ID.
        id: String,
        /// The licence is floating; any other needs no session.
        needed: bool,
        /// Whether a seat is held.
        held: bool,
        /// When it lapses without renewal.
        valid_until: Option<String>,
    }

    /// What counts at one moment, in short.
    Decision {
        /// What the application may do.
        state: State,
        /// Why.
        cause: Cause,
        /// The conflict's ID, 0 when none.
        code: i64,
        /// What to do, a sentence.
        remedy: String,
        /// None when nothing will change by itself.
        until: Option<String>,
    }

    /// What the user may do, and why.
    Status {
        /// What the application may do.
        state: State,
        /// Why.
        cause: Cause,
        /// All causes.
        causes: Vec<Cause>,
        /// The conflict's ID, 0 when none.
        code: i64,
        /// What to do, a sentence.
        remedy: String,
        /// Its token.
        remedy_id: String,
        /// Since when the state counts.
        since: Option<String>,
        /// Until when.
        until: Option<String>,
        /// What follows.
        next: Option<Next>,
        /// Who this device is to the server.
        device_id: String,
        /// `keyring`, `file` or `memory`.
        store: String,
        /// The licence that is held.
        license: Option<License>,
    }

    /// Whether a feature may be used, and if not why.
    Access {
        /// Its name.
        feature: String,
        /// Its ID.
        id: String,
        /// Whether it may be used now.
        allowed: bool,
        /// Whether the licence has it.
        known: bool,
        /// Empty when allowed.
        reason: String,
        /// When it ends.
        expires: Option<String>,
    }

    /// An amount that the licence grants; amounts are decimal numbers, as text.
    Limit {
        /// Its ID.
        id: String,
        /// Its name.
        name: String,
        /// None: unlimited.
        value: Option<String>,
        /// None: not told.
        remaining: Option<String>,
        /// When consumption starts anew.
        next_reset: Option<String>,
    }

    /// What the server says is left of a limitation.
    Account {
        /// Of the limitation.
        limitation_id: String,
        /// None: not told, as for a limitation without limit.
        remaining: Option<String>,
        /// None: not told.
        next_reset: Option<String>,
    }

    /// An amount that was taken.
    Consumed {
        /// Of the limitation.
        limitation_id: String,
        /// How much.
        amount: String,
        /// Empty when booked.
        transaction_id: String,
        /// The server could not be asked, and will be told later.
        booked: bool,
        /// None: not told.
        remaining: Option<String>,
        /// None: not told.
        next_reset: Option<String>,
    }

    /// Something that happened to the licence. Members that only some types have are in `more`.
    Event {
        /// 1 is an agent's first; a gap means that older ones were dropped.
        seq: u64,
        /// What happened.
        r#type: EventType,
        /// When, in trusted time.
        at: Option<String>,
        /// State changed: what counted before.
        from: Option<Decision>,
        /// State changed: what counts now; grace warning: whose deadline draws near.
        to: Option<Decision>,
    }
}

impl Event {
    /// The answer of a call that was begun: its number, and its result or failure. None for other events.
    pub fn answer(&self) -> Option<(u64, Result<Value, Error>)> {
        let number = self.more.get("call")?.as_u64()?;
        Some((
            number,
            match self.more.get("error") {
                Some(failure) => Err(Error::of("begin", failure.clone())),
                None => Ok(self.more.get("result").cloned().unwrap_or_default()),
            },
        ))
    }
}

impl Status {
    /// The floating seat, where the answer tells of it.
    pub fn session(&self) -> Option<Session> {
        serde_json::from_value(self.more.get("session")?.clone()).ok()
    }

    pub(crate) fn raw(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
