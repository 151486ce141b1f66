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


def wait(run_dir: str) -> None:
    """Returns when the launcher opens the gate, has gone, or ten seconds have passed.

    Children do not wait: the variables are taken out of the environment. A tool that is about to start the
    program leaves them to it.
    """
    if is_runner():
        return
    launcher = int(os.environ.pop("PYROLENS_TRACER_PID", "0"))
    del os.environ["PYROLENS_GATE_DIR"]
    _permit(launcher)
    with open(os.path.join(run_dir, "gate.waiting"), "w", encoding="utf-8") as file:
        file.write(str(os.getpid()))
    deadline = time.monotonic() + _TIMEOUT_S
    gate = os.path.join(run_dir, "gate.open")
    while not os.path.exists(gate) and time.monotonic() < deadline:
        if os.getppid() != launcher and not is_alive(launcher):
            return
        time.sleep(_POLL_S)


def _permit(tracer: int) -> None:
    """Lets the launcher's children look at this process where Yama allows only ancestors (Linux, scope 1)."""
    try:
        with open(_YAMA, encoding="ascii") as file:
            if file.read().strip() != "1":
                return
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, tracer, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return
