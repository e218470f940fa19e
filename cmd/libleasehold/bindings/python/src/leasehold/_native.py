"""The C library, in this process."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any, Dict, Mapping, Optional

from ._types import LeaseholdError, encoded

_NAMES = {"win32": "leasehold.dll", "darwin": "libleasehold.1.dylib"}
_LONGEST_MS = 2**31 - 1


def _failure(rc: int, op: str) -> LeaseholdError:
    kinds = {-1: "usage", -2: "conflict", -3: "silence", -4: "integrity", -5: "no_agent", -6: "timeout", -7: "canceled", -8: "forked", -9: "no_method"}
    kind = kinds.get(rc, "internal")
    return LeaseholdError({"op": op, "kind": kind, "message": kind.replace("_", " ")})


class Native:
    """A loaded C library. It stays loaded, and serves all agents of the process.

    ``path`` is the library's absolute path; by default it is the one in the package.
    """

    def __init__(self, path: Optional[str] = None) -> None:
        if path is None:
            path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib", _NAMES.get(sys.platform, "libleasehold.so.1"))
        lib = ctypes.CDLL(os.path.abspath(path))
        text, handle, number, out = ctypes.c_char_p, ctypes.c_uint64, ctypes.c_int32, ctypes.POINTER(ctypes.c_void_p)
        for name, result, arguments in (
            ("abi_version", ctypes.c_uint32, []),
            ("new", number, [text, number, ctypes.POINTER(handle), out]),
            ("call", number, [handle, text, text, number, out]),
            ("next_event", number, [handle, number, out]),
            ("event_fd", number, [handle]),
            ("allows", number, [handle, text]),
            ("state", number, [handle]),
            ("close", number, [handle, number]),
            ("free", None, [ctypes.c_void_p]),
        ):
            function = getattr(lib, "leasehold_" + name)
            function.restype, function.argtypes = result, arguments
            setattr(self, "_" + name, function)
        if self._abi_version() < 1:  # type: ignore[attr-defined]
            raise ImportError("the library is older than this package")

    def _take(self, text: ctypes.c_void_p) -> Any:
        if not text.value:
            return None
        try:
            return json.loads(ctypes.string_at(text.value).decode("utf-8"))
        finally:
            self._free(text)  # type: ignore[attr-defined]

    def open(self, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        handle, text = ctypes.c_uint64(), ctypes.c_void_p()
        rc = self._new(encoded("open", params), _int32(timeout_ms), ctypes.byref(handle), ctypes.byref(text))  # type: ignore[attr-defined]
        return self._result(rc, "open", self._take(text))

    def call(self, agent: int, method: str, params: Mapping[str, Any], timeout_ms: int) -> Dict[str, Any]:
        if "\0" in method:  # C would read no further, and take another name
            raise _failure(-9, method)
        text = ctypes.c_void_p()
        rc = self._call(agent, method.encode("utf-8", "surrogatepass"), encoded(method, params), _int32(timeout_ms), ctypes.byref(text))  # type: ignore[attr-defined]
        return self._result(rc, method, self._take(text))

    @staticmethod
    def _result(rc: int, op: str, value: Any) -> Dict[str, Any]:
        if rc != 0:
            raise LeaseholdError(value) if value else _failure(rc, op)
        return value  # type: ignore[no-any-return]

    def next_event(self, agent: int, timeout_ms: int) -> Optional[Dict[str, Any]]:
        text = ctypes.c_void_p()
        rc = self._next_event(agent, _int32(timeout_ms), ctypes.byref(text))  # type: ignore[attr-defined]
        if rc != 0:
            raise _failure(rc, "next_event")
        return self._take(text)  # type: ignore[no-any-return]

    def event_fd(self, agent: int) -> Optional[int]:
        fd: int = self._event_fd(agent)  # type: ignore[attr-defined]
        return fd if fd >= 0 else None

    def allows(self, agent: int, feature: bytes) -> bool:
        # C would read no further than a zero byte, and take another name.
        return b"\0" not in feature and self._allows(agent, feature) == 1  # type: ignore[attr-defined, no-any-return]

    def state(self, agent: int) -> int:
        n: int = self._state(agent)  # type: ignore[attr-defined]
        if n < 0:
            raise _failure(n, "state")
        return n

    def close(self, agent: int, timeout_ms: int) -> None:
        rc = self._close(agent, _int32(timeout_ms))  # type: ignore[attr-defined]
        if rc != 0:
            raise _failure(rc, "close")

    def shutdown(self) -> None:
        """Does nothing: the library stays."""


def _int32(timeout_ms: int) -> int:
    """What C takes for it: ctypes would leave out what does not fit in 32 bits, and so take another number."""
    return max(-1, min(timeout_ms, _LONGEST_MS))
