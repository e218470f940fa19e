"""The same calls over a child process: ``leasehold serve --stdio``."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Dict, Mapping, Optional, Sequence

from ._types import LeaseholdError, state_of


class Stdio:
    """A child process that serves all agents opened with it. It ends when this process does.

    ``command`` begins with the program's absolute path, such as ``["/opt/sketch/leasehold", "serve", "--stdio"]``.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._child = subprocess.Popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ids = itertools.count(1)
        self._waiting: Dict[int, "Future[Any]"] = {}
        self._lock = threading.Lock()
        self._seen: Dict[int, int] = {}
        self._backlog: Dict[int, list] = {}  # type: ignore[type-arg]
        self._gone = False
        self._reader = threading.Thread(target=self._read, name="leasehold", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._child.stdout
        for line in self._child.stdout:
            answer = json.loads(line)
            with self._lock:
                waiting = self._waiting.pop(answer.get("id"), None)
            if waiting:
                waiting.set_result(answer)
        with self._lock:
            self._gone = True
            left, self._waiting = self._waiting, {}
        for waiting in left.values():
            waiting.set_exception(_gone())

    def _ask(self, method: str, params: Mapping[str, Any], timeout_ms: int) -> Any:
        number, answer = next(self._ids), Future()  # type: ignore[var-annotated]
        full = dict(params)
        if timeout_ms:
            full["timeout_ms"] = timeout_ms
        line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": full}).encode("utf-8") + b"\n"
        with self._lock:
            if self._gone:
                raise _gone()
            self._waiting[number] = answer
            assert self._child.stdin
            try:
                self._child.stdin.write(line)
                self._child.stdin.flush()
            except OSError:
                raise _gone() from None
        try:
            got = answer.result((timeout_ms or 30000) / 1000 + 10)
        except FutureTimeout:
            raise LeaseholdError({"op": method, "kind": "timeout", "message": "the child process does not answer"}) from None
        if "error" in got:
            raise LeaseholdError(got["error"].get("data") or {"op": method, "kind": "usage", "message": got["error"]["message"]})
        return got["result"]

    def open(self, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        return self._ask("open", params, timeout_ms)  # type: ignore[no-any-return]

    def call(self, agent: int, method: str, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        return self._ask(method, {**params, "agent": agent} if agent else params, timeout_ms)  # type: ignore[no-any-return]

    def next_event(self, agent: int, timeout_ms: int) -> Optional[Dict[str, Any]]:
        backlog = self._backlog.setdefault(agent, [])
        if not backlog:
            wait = min(timeout_ms, 590000)
            found = self._ask("events", {"agent": agent, "after": self._seen.get(agent, 0), "wait_ms": wait}, min(wait + 5000, 600000))
            self._seen[agent] = found["last"]
            backlog.extend(found["events"])
        return backlog.pop(0) if backlog else None

    def event_fd(self, agent: int) -> Optional[int]:
        return None

    def allows(self, agent: int, feature: bytes) -> bool:
        if not feature:
            return False
        return bool(self.call(agent, "feature", {"name": feature.decode("utf-8")}, 0)["allowed"])

    def state(self, agent: int) -> int:
        return int(state_of(self.call(agent, "status", {}, 0)["state"]))

    def close(self, agent: int, timeout_ms: int) -> None:
        self.call(agent, "close", {}, timeout_ms)

    def shutdown(self) -> None:
        """Ends the child process; seats are given back."""
        assert self._child.stdin
        try:
            self._child.stdin.close()
        except OSError:
            pass
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
