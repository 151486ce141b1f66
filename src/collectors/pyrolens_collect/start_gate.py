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
    launcher = int(os.environ.get(_TRACER_VARIABLE, "0"))
    del os.environ["PYROLENS_GATE_DIR"]
    permit_tracer()
    with open(os.path.join(run_dir, "gate.waiting"), "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    deadline = time.monotonic() + _TIMEOUT_S
    gate = os.path.join(run_dir, "gate.open")
    while not os.path.exists(gate) and time.monotonic() < deadline:
        if os.getppid() != launcher and not is_alive(launcher):
            return
        time.sleep(_POLL_S)
    _obey(gate)


def _obey(gate: str) -> None:
    """The launcher's word for when the tool cannot look: `sampler` records in its place, `none` nothing."""
    try:
        with open(gate, encoding="utf-8") as file:
            word = file.read().strip()
    except OSError:
        return
    if word == "sampler":
        os.environ.pop("PYROLENS_HOOKS", None)
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
    except (ImportError, OSError, AttributeError, LookupError, ValueError):
        return
