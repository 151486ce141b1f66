"""Holds a program back until the tool that is to look at it from outside does so."""

from __future__ import annotations

import os
import time

from pyrolens_collect.process_alive import is_alive
from pyrolens_collect.process_facts import is_runner

_POLL_S = 0.002
_TIMEOUT_S = 10.0
_YAMA = "/proc/sys/kernel/yama/ptrace_scope"
_PR_SET_PTRACER = 0x59616D61
_TRACER_VARIABLE = "PYROLENS_TRACER_PID"


def wait(run_dir: str) -> None:
    """Returns when the launcher opens the gate, has gone, or ten seconds have passed.

    Children do not wait: the variable is taken out of the environment. When the tool cannot look, the
    launcher may ask for the bundled sampler in its place, here and in children. A tool that is about to start
    the program leaves waiting to it.
    """
    if is_runner():
        return
    del os.environ["PYROLENS_GATE_DIR"]
    permit_tracer()
    waiting, gate = (os.path.join(run_dir, name) for name in ("gate.waiting", "gate.open"))
    _announce(waiting)
    _wait_until_open(gate)
    if os.path.exists(gate):
        _obey(run_dir, gate)
    else:
        # Nobody will open it any more, and the observer waits for that too.
        os.remove(waiting)


def _announce(path: str) -> None:
    """Says who waits, and at which line the function begins that does: the observer compares that."""
    # Whoever looks for it must not find half of it.
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        file.write(f"{os.getpid()} {_wait_until_open.__code__.co_firstlineno}")
    os.rename(f"{path}.new", path)


def _wait_until_open(gate: str) -> None:
    launcher = int(os.environ.get(_TRACER_VARIABLE, "0"))
    deadline = time.monotonic() + _TIMEOUT_S
    while not os.path.exists(gate) and time.monotonic() < deadline:
        if os.getppid() != launcher and not is_alive(launcher):
            return
        time.sleep(_POLL_S)


def _obey(run_dir: str, gate: str) -> None:
    """The launcher's word for when the tool cannot look: `sampler` records in its place, `none` nothing."""
    with open(gate, encoding="utf-8") as file:
        word = file.read().strip()
    if word == "sampler":
        os.environ["PYROLENS_RUN_DIR"] = run_dir
        if os.environ.get("PYROLENS_HOOKS") == "only":
            del os.environ["PYROLENS_HOOKS"]
    elif word == "none":
        os.environ.pop("PYROLENS_RUN_DIR", None)


def permit_tracer() -> None:
    """Lets the launcher's children look at this process where Yama allows only ancestors (Linux, scope 1).

    The permission is each process's own: forked children have none.
    """
    try:
        tracer = int(os.environ[_TRACER_VARIABLE])
        with open(_YAMA, encoding="ascii") as file:
            if file.read().strip() != "1":
                return
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, tracer, 0, 0, 0)
    except Exception:
        # Also what a hardened system has against ctypes (MemoryError): the observer says that it is refused.
        return
