"""What the library answers, as Python types. Members that a newer library adds are in ``raw``."""

from __future__ import annotations

import dataclasses
import enum
import json
from datetime import datetime
from typing import Any, Dict, List, Mapping, Optional, Type, TypeVar

T = TypeVar("T")


class State(enum.IntEnum):
    """What the application may do; ordered by severity."""

    ACTIVE = 0  #: everything
    GRACE = 1  #: everything, until a deadline
    READ_ONLY = 2  #: open, view, print, export; no edit or save
    LOCKED = 3  #: nothing but the licence screen


class _Text(str, enum.Enum):
    """A text of a known set; one that a newer library sends is kept as it is."""

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> Any:
        member = str.__new__(cls, str(value))
        member._name_ = str(value).upper()
        member._value_ = str(value)
        return member


class Cause(_Text):
    """Why the licence is not simply fine."""

    NONE = ""
    SUSPENDED = "suspended"
    INACTIVE = "inactive"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    VERSION_NOT_COVERED = "version_not_covered"
    USER_INACTIVE = "user_inactive"
    USER_LIMIT = "user_limit"
    NOT_ACTIVATED = "not_activated"
    DEVICE_MISMATCH = "device_mismatch"
    CONNECTION_LIMIT = "connection_limit"
    SESSION_LIMIT = "session_limit"
    SESSION_MISSING = "session_missing"
    CLOCK_ROLLED_BACK = "clock_rolled_back"
    SIGNATURE_INVALID = "signature_invalid"
    UNAUTHORIZED = "unauthorized"
    UNREACHABLE = "unreachable"


class Kind(_Text):
    """What sort of failure."""

    USAGE = "usage"
    CONFLICT = "conflict"
    SILENCE = "silence"
    INTEGRITY = "integrity"
    NO_AGENT = "no_agent"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    FORKED = "forked"
    NO_METHOD = "no_method"
    INTERNAL = "internal"


class EventType(_Text):
    """What happened."""

    STATE_CHANGED = "state_changed"
    GRACE_WARNING = "grace_warning"
    LICENSE_CHANGED = "license_changed"
    HEARTBEAT_FAILED = "heartbeat_failed"
    HEARTBEAT_RECOVERED = "heartbeat_recovered"
    STORE_CHOSEN = "store_chosen"
    STORE_FAILED = "store_failed"
    CLOCK_SUSPECT = "clock_suspect"
    CLOCK_TRUSTED = "clock_trusted"
    DEVICE_CHANGED = "device_changed"
    SEAT_GAINED = "seat_gained"
    SEAT_LOST = "seat_lost"
    SEAT_REFUSED = "seat_refused"
    UPDATE_AVAILABLE = "update_available"
    REPORT_REJECTED = "report_rejected"
    CALL_ENDED = "call_ended"


class LeaseholdError(Exception):
    """A call failed. ``kind`` and ``code`` are for programs, the text and ``hint`` for people."""

    def __init__(self, failure: Mapping[str, Any]) -> None:
        super().__init__(failure.get("message", ""))
        self.op: str = failure.get("op", "")
        self.kind = Kind(failure.get("kind", "internal"))
        self.code: int = failure.get("code", 0)  #: the conflict's ID; 0 unless kind is CONFLICT
        self.hint: str = failure.get("hint", "")
        self.remedy_id: str = failure.get("remedy_id", "")
        self.retry_after_s: int = failure.get("retry_after_s", 0)
        #: how the licence is after a call that asked the server about it
        self.status: Optional[Status] = Status.of(failure["status"]) if failure.get("status") else None


def encoded(op: str, params: Mapping[str, Any]) -> bytes:
    """The parameters as JSON. What JSON cannot hold, such as NaN, is a mistake of the caller's."""
    try:
        return json.dumps(params, allow_nan=False).encode("ascii")
    except (TypeError, ValueError) as e:
        raise LeaseholdError({"op": op, "kind": "usage", "message": f"the parameters are no JSON: {e}"}) from None


def instant(text: Optional[str]) -> Optional[datetime]:
    """Reads an instant, which has up to nine digits of a second."""
    if not text:
        return None
    text = text.replace("Z", "+00:00")
    if "." in text:
        head, _, tail = text.partition(".")
        digits = tail[: len(tail) - 6]
        text = head + "." + digits[:6].ljust(6, "0") + tail[len(tail) - 6 :]
    return datetime.fromisoformat(text)


def make(cls: Type[T], data: Mapping[str, Any], **more: Any) -> T:
    names = {f.name for f in dataclasses.fields(cls) if f.name != "raw"}  # type: ignore[arg-type]
    values: Dict[str, Any] = {k: v for k, v in data.items() if k in names}
    values.update(more)
    return cls(raw=dict(data), **values)


@dataclasses.dataclass(frozen=True)
class Feature:
    """A feature of a licence."""

    id: str = ""
    name: str = ""
    active: bool = False
    expires: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class License:
    """A licence; its key is masked."""

    name: str = ""
    key: str = ""
    product: str = ""
    edition: str = ""
    customer: str = ""
    provisioning_mode: str = ""
    expires: Optional[datetime] = None
    features: List[Feature] = dataclasses.field(default_factory=list)
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, data: Optional[Mapping[str, Any]]) -> Optional[License]:
        if data is None:
            return None
        features = [make(Feature, f, expires=instant(f.get("expires"))) for f in data.get("features", [])]
        return make(cls, data, expires=instant(data.get("expires")), features=features)


@dataclasses.dataclass(frozen=True)
class Next:
    """The state that follows when time passes."""

    state: State
    at: Optional[datetime]


@dataclasses.dataclass(frozen=True)
class Session:
    """The floating seat as it is known here."""

    id: str = ""
    needed: bool = False
    held: bool = False
    valid_until: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)


def state_of(text: str) -> State:
    return State[text.upper()]


@dataclasses.dataclass(frozen=True)
class Decision:
    """What counts at one moment, in short."""

    state: State
    cause: Cause
    code: int = 0
    remedy: str = ""
    until: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, data: Optional[Mapping[str, Any]]) -> Optional[Decision]:
        if data is None:
            return None
        return make(cls, data, state=state_of(data["state"]), cause=Cause(data["cause"]), until=instant(data.get("until")))


@dataclasses.dataclass(frozen=True)
class Status:
    """What the user may do, and why."""

    state: State
    cause: Cause
    causes: List[Cause] = dataclasses.field(default_factory=list)
    code: int = 0
    remedy: str = ""
    remedy_id: str = ""
    since: Optional[datetime] = None
    until: Optional[datetime] = None
    next: Optional[Next] = None
    device_id: str = ""
    store: str = ""
    license: Optional[License] = None
    session: Optional[Session] = None
    problem: str = ""
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Status:
        following, session = data.get("next"), data.get("session")
        return make(
            cls, data,
            state=state_of(data["state"]), cause=Cause(data["cause"]), causes=[Cause(c) for c in data.get("causes", [])],
            since=instant(data.get("since")), until=instant(data.get("until")), license=License.of(data.get("license")),
            next=Next(state_of(following["state"]), instant(following["at"])) if following else None,
            session=make(Session, session, valid_until=instant(session.get("valid_until"))) if session else None,
        )


@dataclasses.dataclass(frozen=True)
class Access:
    """Whether a feature may be used, and if not why."""

    feature: str = ""
    id: str = ""
    allowed: bool = False
    known: bool = False
    reason: str = ""
    expires: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Access:
        return make(cls, data, expires=instant(data.get("expires")))


@dataclasses.dataclass(frozen=True)
class Limit:
    """An amount that the licence grants; amounts are decimal numbers, as text."""

    id: str = ""
    name: str = ""
    value: Optional[str] = None  #: None: unlimited
    remaining: Optional[str] = None  #: None: not told
    next_reset: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Account:
    """What the server says is left of a limitation."""

    limitation_id: str = ""
    remaining: Optional[str] = None  #: None: not told, as for a limitation without limit
    next_reset: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Consumed:
    """An amount that was taken."""

    limitation_id: str = ""
    amount: str = ""
    transaction_id: str = ""  #: empty when booked
    booked: bool = False  #: the server could not be asked, and will be told later
    remaining: Optional[str] = None
    next_reset: Optional[datetime] = None
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened to the licence. Which members are set depends on the type."""

    seq: int
    type: EventType
    at: Optional[datetime] = None
    previous: Optional[Decision] = None  #: STATE_CHANGED: what counted before
    to: Optional[Decision] = None
    left_s: int = 0
    silent_s: int = 0
    valid_until: Optional[datetime] = None
    store: str = ""
    reason: str = ""
    version: str = ""
    link: str = ""
    license: Optional[License] = None
    error: Optional[LeaseholdError] = None
    call: int = 0  #: CALL_ENDED: what Agent.begin returned
    method: str = ""
    result: Optional[Mapping[str, Any]] = None  #: CALL_ENDED: None when the call failed, see error
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Event:
        return make(
            cls, data,
            type=EventType(data["type"]), at=instant(data.get("at")), previous=Decision.of(data.get("from")), to=Decision.of(data.get("to")),
            valid_until=instant(data.get("valid_until")), license=License.of(data.get("license")),
            error=LeaseholdError(data["error"]) if data.get("error") else None,
        )
