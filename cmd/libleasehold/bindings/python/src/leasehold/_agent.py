"""The agent: what an application uses."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import deque
from datetime import datetime
from typing import Any, AsyncIterator, Deque, Dict, Iterator, List, Mapping, Optional, Union

from ._native import Native
from ._stdio import Stdio
from ._types import Access, Account, Consumed, Event, Kind, LeaseholdError, Limit, State, Status, instant, make

_native: Optional[Native] = None
_loading = threading.Lock()
_SLICE_MS = 1000
_LONGEST_MS = 600000


def _default() -> Native:
    global _native
    with _loading:
        if _native is None:
            _native = Native()
        return _native


class Agent:
    """Enforces the licence of one application. Make it with :meth:`open`; close it, or use it in a ``with`` statement.

    It may be used from any thread. Calls that reach for the server release the GIL; in an event loop run them with ``asyncio.to_thread``.
    """

    def __init__(self, transport: Union[Native, Stdio], handle: int) -> None:
        self._transport = transport
        self._handle = handle
        self._returned: Deque[Event] = deque()  # taken for who then did not want it any more

    @classmethod
    def open(
        cls, *, config: Optional[Mapping[str, Any]] = None, config_file: Optional[str] = None, state_dir: Optional[str] = None,
        transport: Union[Native, Stdio, None] = None, timeout_ms: int = 0, **more: Any,
    ) -> Agent:
        """Opens an agent: reads what is kept and decides from that, without waiting for the network.

        ``config`` is the configuration as a dictionary, ``config_file`` the path of a JSON file; ``more`` are further parameters of the method
        ``open``, such as ``store="file"`` or ``manual_sessions=True``. Raises LeaseholdError (USAGE) where the configuration is wrong.
        """
        transport = transport or _default()
        params: Dict[str, Any] = {k: v for k, v in {"config": config, "config_file": config_file, "state_dir": state_dir, **more}.items() if v is not None}
        return cls(transport, transport.open(params, timeout_ms)["agent"])

    def __enter__(self) -> Agent:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.close()
        except LeaseholdError as e:
            if e.kind not in (Kind.NO_AGENT, Kind.CANCELED):  # it is closed, or its child process has ended
                raise

    def close(self, timeout_ms: int = 5000) -> None:
        """Gives a floating seat back, unless it is checked out, and ends the background work. At most 600 seconds are waited for the server."""
        self._transport.close(self._handle, max(0, min(timeout_ms, _LONGEST_MS)))

    def call(self, method: str, params: Optional[Mapping[str, Any]] = None, timeout_ms: int = 0) -> Dict[str, Any]:
        """Calls any method of the protocol, and returns its result as it is."""
        return self._transport.call(self._handle, method, params or {}, timeout_ms)

    def begin(self, method: str, params: Optional[Mapping[str, Any]] = None, timeout_ms: int = 0) -> int:
        """Begins a call and returns its number at once; its answer comes as the event CALL_ENDED. For main loops, together with ``event_fd``."""
        return int(self.call("begin", {"method": method, "params": params or {}, "timeout_ms": timeout_ms})["call"])

    # What is read at any moment, without waiting.

    def allows(self, feature: str) -> bool:
        """Tells whether the user may use a feature now, by its name or ID."""
        return self._transport.allows(self._handle, feature.encode("utf-8", "surrogatepass"))

    @property
    def state(self) -> State:
        """What the application may do now."""
        return State(self._transport.state(self._handle))

    def status(self, at: Optional[datetime] = None) -> Status:
        """What the user may do now, or would at another instant, and why."""
        return Status.of(self.call("status", {"at": at.isoformat()} if at else {}))

    def feature(self, name: str) -> Access:
        """Whether a feature may be used now, and if not why."""
        return Access.of(self.call("feature", {"name": name}))

    def features(self) -> List[Access]:
        """All features of the licence."""
        return [Access.of(f) for f in self.call("features")["features"]]

    def limits(self) -> List[Limit]:
        """All amounts that the licence grants."""
        return [make(Limit, x, next_reset=instant(x.get("next_reset"))) for x in self.call("limits")["limits"]]

    def diagnosis(self) -> Dict[str, Any]:
        """The report for a help desk. It holds no key and no token."""
        return self.call("diagnosis")

    # What asks the server, for a person who waits.

    def check(self, timeout_ms: int = 0) -> Dict[str, Any]:
        """Tries, step by step, what the licence needs of this computer and its network; the report for a help desk, with ``checks``."""
        return self.call("check", {}, timeout_ms)

    def activate(self, key: str, timeout_ms: int = 0) -> Status:
        """Takes a seat of the licence with this key."""
        return Status.of(self.call("activate", {"key": key}, timeout_ms))

    def heartbeat(self, timeout_ms: int = 0) -> Status:
        """Asks the server how the licence is. Heartbeats come by themselves as well."""
        return Status.of(self.call("heartbeat", {}, timeout_ms))

    def deactivate(self, timeout_ms: int = 0) -> Status:
        """Gives the seat back and forgets the licence."""
        return Status.of(self.call("deactivate", {}, timeout_ms))

    def import_license(self, data: str) -> Status:
        """Takes over a licence file, or the activation file that completes it."""
        return Status.of(self.call("license.import", {"data": data})["status"])

    def open_session(self, checkout_s: int = 0) -> Status:
        """Takes a floating seat, with ``manual_sessions``."""
        return Status.of(self.call("session.open", {"checkout_s": checkout_s}))

    def close_session(self) -> Status:
        """Gives the floating seat back."""
        return Status.of(self.call("session.close"))

    def use(self, feature: str, amount: str = "1") -> None:
        """Counts a use of a feature for the vendor's statistics; it is delivered later."""
        self.call("usage", {"feature": feature, "amount": amount})

    def consume(self, limitation: str, amount: str) -> Consumed:
        """Takes an amount of a limitation."""
        got = self.call("consume", {"limitation": limitation, "amount": amount})
        return make(Consumed, got, next_reset=instant(got.get("next_reset")))

    def consumption(self, limitation: str) -> Account:
        """Asks the server what is left of a limitation, without taking anything."""
        got = self.call("consumption", {"limitation": limitation})
        return make(Account, got, next_reset=instant(got.get("next_reset")))

    def rollback(self, consumed: Consumed) -> None:
        """Gives back what was consumed."""
        self.call("rollback", {"limitation_id": consumed.limitation_id, "transaction_id": consumed.transaction_id})

    # What happens.

    def next_event(self, timeout_ms: int = 0) -> Optional[Event]:
        """Takes the next event; None when there is none in time. Each event is given to one caller."""
        end = time.monotonic() + min(timeout_ms, 2**31) / 1000
        while True:
            try:
                return self._returned.popleft()
            except IndexError:
                pass
            # In slices, for what an asyncio consumer that was canceled gives back meanwhile.
            left = max(0, int((end - time.monotonic()) * 1000)) if timeout_ms > 0 else timeout_ms
            data = self._transport.next_event(self._handle, min(left, _SLICE_MS))
            if data:
                return Event.of(data)
            if left <= _SLICE_MS:
                return None

    def events(self) -> Iterator[Event]:
        """Waits for events until the agent is closed."""
        while True:
            try:
                event = self.next_event(60000)
            except LeaseholdError as e:
                if e.kind in (Kind.NO_AGENT, Kind.CANCELED):
                    return
                raise
            if event:
                yield event

    @property
    def event_fd(self) -> Optional[int]:
        """A descriptor that is readable while an event waits, for select or a GUI's notifier; None where there is none."""
        return self._transport.event_fd(self._handle)

    async def events_async(self) -> AsyncIterator[Event]:
        """Yields events in an event loop until the agent is closed. Where there is a descriptor, no thread waits. What was not yielded yet
        when the loop ends is there for the next."""
        loop = asyncio.get_running_loop()
        fd = self.event_fd
        # One of its own: several may wait, and the library's goes with the agent.
        fd = None if fd is None else os.dup(fd)
        try:
            while True:
                try:
                    event = self.next_event(0) if fd is not None else await self._next_in_thread(loop)
                except LeaseholdError as e:
                    if e.kind in (Kind.NO_AGENT, Kind.CANCELED):
                        return
                    raise
                if event:
                    yield event
                elif fd is not None:
                    await _readable(loop, fd)
        finally:
            if fd is not None:
                os.close(fd)

    async def _next_in_thread(self, loop: asyncio.AbstractEventLoop) -> Optional[Event]:
        """Waits a second for an event in a thread. That cannot be interrupted: what it takes after all is kept for who asks next."""
        lock, abandoned = threading.Lock(), False
        took: List[Event] = []

        def take() -> Optional[Event]:
            event = self.next_event(1000)
            with lock:
                if event and abandoned:
                    self._returned.append(event)
                elif event:
                    took.append(event)
            return event

        try:
            return await asyncio.shield(loop.run_in_executor(None, take))
        except asyncio.CancelledError:
            with lock:
                abandoned = True
                self._returned.extend(took)
            raise


async def _readable(loop: asyncio.AbstractEventLoop, fd: int) -> None:
    """Waits until a descriptor is readable. What another has taken meanwhile is looked for after a second."""
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    try:
        await asyncio.wait_for(ready.wait(), 1)
    except asyncio.TimeoutError:
        pass
    finally:
        loop.remove_reader(fd)
