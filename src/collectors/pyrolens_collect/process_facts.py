"""What the meta chunk says of the process, and whether it can be sampled at all."""

from __future__ import annotations

import os
import sys
import time
from _thread import get_ident

from pyrolens_collect import ENGINE_VERSION
from pyrolens_collect.thread_cpu import HAS_THREAD_CPU

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

_HELPERS = (
    "multiprocessing.resource_tracker",
    "multiprocessing.semaphore_tracker",
    "loky.backend.resource_tracker",
)
_FORK_SERVER = "multiprocessing.forkserver"
# Tools that are Python programs themselves and run another: `poetry run python app.py`.
_RUNNERS = ("poetry", "pdm", "pipenv", "hatch", "conda")


def meta(rate_hz: float) -> dict[str, object]:
    """Returns the content of the meta chunk (`../FORMAT.md`), stamped now."""
    return {
        "pid": os.getpid(),
        "parentPid": os.getppid(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "implementation": sys.implementation.name,
        "executable": sys.executable or "",
        "argv": list(getattr(sys, "argv", [])),
        "cwd": current_folder(),
        "platform": sys.platform,
        "engine": "bundled-sampler",
        "engineVersion": ENGINE_VERSION,
        "rateHzAsked": round(rate_hz),
        "monotonicNs": time.monotonic_ns(),
        "epochNs": time.time_ns(),
        "hasThreadCpu": HAS_THREAD_CPU,
        "isFreeThreaded": is_free_threaded(),
        "mainThreadIdent": get_ident(),
    }


def current_folder() -> str:
    """Returns the current folder, or an empty string when it was deleted."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def is_free_threaded() -> bool:
    """Tells whether threads run without a GIL at this moment."""
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)
    return is_gil_enabled is not None and not is_gil_enabled()


def refusal() -> str | None:
    """Returns why sampling would be unsafe or impossible here; None when it is fine."""
    if is_free_threaded():
        return "Without the GIL the stacks of other threads cannot be read safely from inside."
    if not hasattr(sys, "_current_frames"):
        return f"{sys.implementation.name} does not offer the stacks of its threads."
    return None


def is_helper() -> bool:
    """Tells whether this is a helper process of multiprocessing that runs nothing of the program."""
    return any(name in text for text in _command() for name in _HELPERS)


def is_fork_server() -> bool:
    """Tells whether this is multiprocessing's fork server: it idles, its children are of interest."""
    return any(_FORK_SERVER in text for text in _command())


def is_runner() -> bool:
    """Tells whether this is a tool that is about to start the program in a project's environment."""
    names = [os.path.splitext(os.path.basename(word))[0] for word in _words()[:4]]
    return "run" in _words() and any(name in _RUNNERS for name in names)


def is_main_interpreter() -> bool:
    """Tells main from sub-interpreters: those import `site` too, and must not get a thread of ours."""
    interpreters = _interpreters()
    return interpreters is None or interpreters.get_current() == interpreters.get_main()


def has_unsafe_interpreters() -> bool:
    """Tells whether there are interpreters whose frames must not be touched from here.

    `sys._current_frames` hands out those of all interpreters, and since 3.12 each may have a GIL and
    memory of its own: walking such frames crashed 3.13.
    """
    interpreters = _interpreters() if sys.version_info >= (3, 12) else None
    return interpreters is not None and len(interpreters.list_all()) > 1


def _interpreters() -> ModuleType | None:
    try:
        if sys.version_info >= (3, 13):
            import _interpreters as interpreters
        else:
            import _xxsubinterpreters as interpreters
    except ImportError:
        return None
    return interpreters


def _command() -> list[str]:
    """Returns the text after `-c`."""
    words = _words()
    return [after for word, after in zip(words, words[1:]) if word == "-c"]


def _words() -> list[str]:
    """Returns the command line; `sys.orig_argv` exists from 3.10 on, `/proc` on Linux."""
    words = getattr(sys, "orig_argv", None)
    if words is not None:
        return words
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return file.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return []
