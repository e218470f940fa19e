//! The C library, in this process.

use crate::{millis, Error, Kind, State, Transport};
use libloading::Library;
use serde_json::Value;
use std::ffi::{c_char, CStr, CString};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A loaded C library. It stays loaded, and serves all agents of the process.
pub struct Native {
    new: unsafe extern "C" fn(*const c_char, i32, *mut u64, *mut *mut c_char) -> i32,
    call: unsafe extern "C" fn(u64, *const c_char, *const c_char, i32, *mut *mut c_char) -> i32,
    next_event: unsafe extern "C" fn(u64, i32, *mut *mut c_char) -> i32,
    event_fd: unsafe extern "C" fn(u64) -> i32,
    allows: unsafe extern "C" fn(u64, *const c_char) -> i32,
    state: unsafe extern "C" fn(u64) -> i32,
    close: unsafe extern "C" fn(u64, i32) -> i32,
    free: unsafe extern "C" fn(*mut c_char),
    // The functions above point into it. It is never unloaded.
    _library: std::mem::ManuallyDrop<Library>,
}

impl Native {
    /// Loads the library from its absolute path, so that no other one can be found in its place.
    ///
    /// The path must be that of the library that the application was shipped with: what is loaded runs as part of this process.
    pub fn load(path: impl AsRef<Path>) -> Result<Arc<Native>, Error> {
        let path = path.as_ref();
        let wrong = |message: String| Error::new("load", Kind::Usage, message, "Name the library of this version by its absolute path.");
        if !path.is_absolute() {
            return Err(wrong(format!("the library's path is not absolute: {}", path.display())));
        }
        // SAFETY: loading runs the library's own initialisation, which leaves the host as it is (leasehold.h).
        let library = unsafe { Library::new(path) }.map_err(|e| wrong(format!("the library cannot be loaded: {e}")))?;
        macro_rules! symbol {
            ($name:literal) => {
                // SAFETY: the types are those of leasehold.h, which never change within a major version.
                *unsafe { library.get($name) }.map_err(|e| wrong(format!("this is not the library: {e}")))?
            };
        }
        let version: unsafe extern "C" fn() -> u32 = symbol!(b"leasehold_abi_version\0");
        // SAFETY: it takes nothing and reads a constant.
        if unsafe { version() } < 1 {
            return Err(wrong("the library is older than this crate".into()));
        }
        Ok(Arc::new(Native {
            new: symbol!(b"leasehold_new\0"),
            call: symbol!(b"leasehold_call\0"),
            next_event: symbol!(b"leasehold_next_event\0"),
            event_fd: symbol!(b"leasehold_event_fd\0"),
            allows: symbol!(b"leasehold_allows\0"),
            state: symbol!(b"leasehold_state\0"),
            close: symbol!(b"leasehold_close\0"),
            free: symbol!(b"leasehold_free\0"),
            _library: std::mem::ManuallyDrop::new(library),
        }))
    }

    /// Reads a text that the library gave, and gives it back.
    fn take(&self, op: &str, text: *mut c_char) -> Result<Option<Value>, Error> {
        if text.is_null() {
            return Ok(None);
        }
        // SAFETY: what the library gives is a text that ends with a zero byte, is ours, and is released once, here.
        let read = serde_json::from_slice(unsafe { CStr::from_ptr(text) }.to_bytes());
        unsafe { (self.free)(text) };
        read.map(Some).map_err(|e| Error::unreadable(op, e))
    }

    fn result(&self, rc: i32, op: &str, text: *mut c_char) -> Result<Value, Error> {
        let value = self.take(op, text)?;
        match (rc, value) {
            (0, value) => Ok(value.unwrap_or_default()),
            (_, Some(value)) => Err(Error::of(op, value)),
            (rc, None) => Err(Error::numbered(rc, op)),
        }
    }
}

fn text(op: &str, s: impl Into<Vec<u8>>) -> Result<CString, Error> {
    CString::new(s).map_err(|_| Error::new(op, Kind::Usage, "there is a zero character in a text", "Leave it out."))
}

// SAFETY in the following: texts outlive the call, and the library keeps none; what it writes to is on this stack.
impl Transport for Native {
    fn open(&self, params: &Value, timeout: Duration) -> Result<Value, Error> {
        let (params, mut agent, mut out) = (text("open", params.to_string())?, 0, std::ptr::null_mut());
        let rc = unsafe { (self.new)(params.as_ptr(), millis(timeout), &mut agent, &mut out) };
        self.result(rc, "open", out)
    }

    fn call(&self, agent: u64, method: &str, params: &Value, timeout: Duration) -> Result<Value, Error> {
        let (name, params, mut out) = (text(method, method)?, text(method, params.to_string())?, std::ptr::null_mut());
        let rc = unsafe { (self.call)(agent, name.as_ptr(), params.as_ptr(), millis(timeout), &mut out) };
        self.result(rc, method, out)
    }

    fn next_event(&self, agent: u64, timeout: Duration) -> Result<Option<Value>, Error> {
        let mut out = std::ptr::null_mut();
        match unsafe { (self.next_event)(agent, millis(timeout), &mut out) } {
            0 => self.take("next_event", out),
            rc => Err(Error::numbered(rc, "next_event")),
        }
    }

    fn event_fd(&self, agent: u64) -> Option<i32> {
        Some(unsafe { (self.event_fd)(agent) }).filter(|fd| *fd >= 0)
    }

    fn allows(&self, agent: u64, feature: &str) -> bool {
        text("allows", feature).is_ok_and(|feature| unsafe { (self.allows)(agent, feature.as_ptr()) } == 1)
    }

    fn state(&self, agent: u64) -> Result<State, Error> {
        match unsafe { (self.state)(agent) } {
            0 => Ok(State::Active),
            1 => Ok(State::Grace),
            2 => Ok(State::ReadOnly),
            rc if rc < 0 => Err(Error::numbered(rc, "state")),
            _ => Ok(State::Locked),
        }
    }

    fn close(&self, agent: u64, timeout: Duration) -> Result<(), Error> {
        match unsafe { (self.close)(agent, millis(timeout)) } {
            0 => Ok(()),
            rc => Err(Error::numbered(rc, "close")),
        }
    }
}
