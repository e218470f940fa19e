"""The same calls over a child process: ``leasehold serve --stdio``."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Deque, Dict, Mapping, Optional, Sequence

from ._types import LeaseholdError, encoded, state_of

_LONGEST_MS = 600000
_LONGEST_WAIT_MS = 590000


class _Events:
    """The events of one agent that were fetched and not taken yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.seen = 0  # the number of the last one that was fetched
        self.fetched: Deque[Dict[str, Any]] = deque()


class Stdio:
    """A child process that serves all agents opened with it. It ends when this process does.

    ``command`` begins with the program's absolute path, such as ``["/opt/sketch/leasehold", "serve", "--stdio"]``.
    """

    def __init__(self, command: Sequence[str]) -> None:
        flags = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0  # type: ignore[attr-defined, unused-ignore]
        self._child = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, creationflags=flags)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()  # guards what follows
        self._waiting: Dict[int, "Future[Any]"] = {}
        self._events: Dict[int, _Events] = {}
        self._gone = False
        # Another lock: who writes to a child that does not read must not hold up who reads its answers.
        self._writing = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="leasehold", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stdout
        try:
            for line in self._child.stdout:
                answer = json.loads(line)
                with self._lock:
                    waiting = self._waiting.pop(answer.get("id"), None)
                if waiting:
                    waiting.set_result(answer)
        except (ValueError, AttributeError, TypeError, OSError):
            self._child.kill()  # what is no answer ends it: nothing that follows could be believed
        with self._lock:
            self._gone = True
            left, self._waiting = self._waiting, {}
        for waiting in left.values():
            waiting.set_exception(_gone())

    def _write(self, message: Mapping[str, Any]) -> None:
        line = encoded(str(message["method"]), {"jsonrpc": "2.0", **message}) + b"\n"
        assert self._child.stdin
        with self._writing:
            try:
                self._child.stdin.write(line)
                self._child.stdin.flush()
            except (OSError, ValueError):  # it has ended, or was shut down
                raise _gone() from None

    def _ask(self, method: str, params: Mapping[str, Any], timeout_ms: int) -> Any:
        full = dict(params)
        if timeout_ms:
            full["timeout_ms"] = timeout_ms
        number, answer = next(self._ids), Future()  # type: ignore[var-annotated]
        with self._lock:
            if self._gone:
                raise _gone()
            self._waiting[number] = answer
        try:
            self._write({"id": number, "method": method, "params": full})
            got = answer.result(max(0, min(timeout_ms or 30000, _LONGEST_MS)) / 1000 + 10)
        except FutureTimeout:
            raise LeaseholdError({"op": method, "kind": "timeout", "message": "the child process does not answer"}) from None
        finally:
            with self._lock:
                unanswered = self._waiting.pop(number, None) is not None
            if unanswered and not isinstance(sys.exc_info()[1], LeaseholdError):
                self._cancel(number)  # this thread was interrupted
        if "error" in got:
            raise LeaseholdError(got["error"].get("data") or {"op": method, "kind": "usage", "message": got["error"]["message"]})
        return got["result"]

    def _cancel(self, number: int) -> None:
        """Tells the child that nobody waits for an answer any more."""
        try:
            self._write({"method": "cancel", "params": {"id": number}})
        except LeaseholdError:
            pass  # a child that has ended has nothing to cancel

    def open(self, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        return self._ask("open", params, timeout_ms)  # type: ignore[no-any-return]

    def call(self, agent: int, method: str, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        return self._ask(method, {**params, "agent": agent} if agent else params, timeout_ms)  # type: ignore[no-any-return]

    def next_event(self, agent: int, timeout_ms: int) -> Optional[Dict[str, Any]]:
        if timeout_ms < 0:
            raise LeaseholdError({"op": "next_event", "kind": "usage", "message": "timeout_ms is below zero"})
        end = time.monotonic() + min(timeout_ms, 2**31) / 1000
        while True:
            with self._lock:
                events = self._events.get(agent) or _Events()
            with events.lock:
                if events.fetched:
                    return events.fetched.popleft()
                after = events.seen
            left = max(0, int((end - time.monotonic()) * 1000))
            wait = min(left, _LONGEST_WAIT_MS)
            found = self._ask("events", {"agent": agent, "after": after, "wait_ms": wait}, min(wait + 5000, 600000))
            with self._lock:
                events = self._events.setdefault(agent, events)
            with events.lock:
                # Who else asked meanwhile was told of the same ones.
                events.fetched.extend(e for e in found["events"] if e["seq"] > events.seen)
                events.seen = max(events.seen, found["last"])
                if events.fetched:
                    return events.fetched.popleft()
            if left == 0:
                return None

    def event_fd(self, agent: int) -> Optional[int]:
        return None

    def allows(self, agent: int, feature: bytes) -> bool:
        if not feature:
            return False
        try:
            return bool(self.call(agent, "feature", {"name": feature.decode("utf-8", "replace")}, 0)["allowed"])
        except LeaseholdError:
            return False  # as in this process: what cannot be told is not allowed

    def state(self, agent: int) -> int:
        return int(state_of(self.call(agent, "status", {}, 0)["state"]))

    def close(self, agent: int, timeout_ms: int) -> None:
        try:
            self.call(agent, "close", {}, timeout_ms)
        finally:
            with self._lock:
                self._events.pop(agent, None)

    def shutdown(self) -> None:
        """Ends the child process; seats are given back."""
        assert self._child.stdin
        if self._writing.acquire(timeout=15):
            try:
                self._child.stdin.close()
            except OSError:
                pass  # it has ended
            finally:
                self._writing.release()
        else:
            self._child.kill()  # it has stopped reading
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join()
        if self._child.stdout:
            self._child.stdout.close()

    def __enter__(self) -> Stdio:
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()


def _gone() -> LeaseholdError:
    return LeaseholdError({"kind": "canceled", "message": "the child process has ended", "hint": "start it anew, and open agents again"})
