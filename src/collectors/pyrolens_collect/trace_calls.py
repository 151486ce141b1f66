"""The calls of compiled code that a trace shows: those that wait for something, and those that move data."""

from __future__ import annotations

import time

COMPILED = 8
"""Flag of a function record; from `REASON_SHIFT` on stands an index into `waitReasons` of `profile.ts`."""
REASON_SHIFT = 4

_COMPUTES, _SLEEP, _LOCK, _SEMAPHORE, _POLL, _NET, _DISK, _TERMINAL, _PROCESS = 0, 2, 3, 4, 8, 11, 12, 13, 14
_UNKNOWN_WAIT = 1
_FILE_SYSTEM = ("posix", "nt")
_METHODS = {
    # What `with` does is a call from 3.14 on.
    _LOCK: {
        "lock": ("acquire", "__enter__"),
        "RLock": ("acquire", "__enter__"),
        "SimpleQueue": ("get",),
        "_ThreadHandle": ("join",),
    },
    _SEMAPHORE: {"SemLock": ("acquire",)},
    _POLL: {"poll": ("poll",), "epoll": ("poll",), "kqueue": ("control",), "devpoll": ("poll",)},
    _NET: {
        "socket": (
            "accept",
            "connect",
            "recv",
            "recv_into",
            "recvfrom",
            "send",
            "sendall",
            "sendto",
            "_accept",
        ),
        "_SSLSocket": ("do_handshake", "read", "write"),
    },
    _UNKNOWN_WAIT: {"FileIO": ("read", "readall", "readinto", "write")},
    _COMPUTES: {
        "Pickler": ("dump",),
        "Unpickler": ("load",),
        # Of SQLite.
        "Connection": ("execute", "executemany", "commit"),
        "Cursor": ("execute", "executemany"),
    },
}
_FUNCTIONS = {
    _SLEEP: {"time": ("sleep",)},
    _POLL: {"select": ("select",)},
    _NET: {"_socket": ("getaddrinfo",)},
    _DISK: dict.fromkeys(_FILE_SYSTEM, ("fsync",)),
    _PROCESS: dict.fromkeys(_FILE_SYSTEM, ("waitpid", "wait", "wait4", "waitid")),
    _TERMINAL: {"builtins": ("input",)},
    _UNKNOWN_WAIT: {
        **dict.fromkeys(_FILE_SYSTEM, ("read", "write", "sendfile")),
        "fcntl": ("flock", "lockf"),
        "signal": ("pause", "sigwait"),
    },
    _COMPUTES: {
        "_pickle": ("dump", "dumps", "load", "loads"),
        "marshal": ("dumps", "loads"),
        "_json": ("encode_basestring_ascii",),
    },
}
_DESCRIPTOR, _BUILTIN = type(list.append), type(time.sleep)


class CompiledCall:
    """One of the chosen functions."""

    __slots__ = ("flags", "name")

    def __init__(self, name: str, reason: int) -> None:
        """`reason` is 0 for what computes."""
        self.name = name
        self.flags = COMPILED | reason << REASON_SHIFT


def _table(chosen: dict[int, dict[str, tuple[str, ...]]]) -> dict[str, dict[str, CompiledCall]]:
    """Returns the calls by name, then by module or class."""
    table: dict[str, dict[str, CompiledCall]] = {}
    for reason, owners in chosen.items():
        for owner, names in owners.items():
            for name in names:
                table.setdefault(name, {})[owner] = CompiledCall(f"{owner}.{name}", reason)
    return table


_methods, _functions = _table(_METHODS), _table(_FUNCTIONS)


def chosen_call(function: object) -> CompiledCall | None:
    """Returns what a trace calls this function, when it shows it. Runs no code of the program's."""
    kind = type(function)
    if kind is _BUILTIN:
        name = function.__name__
        if name in _functions and function.__module__ is not None:
            return _functions[name].get(function.__module__)
        if name in _methods:
            return _of_class(_methods[name], type(function.__self__))
    elif kind is _DESCRIPTOR and function.__name__ in _methods:
        return _of_class(_methods[function.__name__], function.__objclass__)
    return None


def _of_class(by_class: dict[str, CompiledCall], kind: type) -> CompiledCall | None:
    for base in type.mro(kind) if kind is not type else ():
        found = by_class.get(base.__name__)
        if found is not None:
            return found
    return None
