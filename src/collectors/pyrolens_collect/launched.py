"""Runs a program under one of our recorders, however it ends: by itself, sys.exit, Ctrl+C, SIGTERM.

SIGUSR2, where it exists, saves and lets the program go on without being recorded.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

from pyrolens_collect import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Protocol

    class Recorder(Protocol):
        """Measures this process."""

        def start(self) -> None:
            """Begins."""

        def pause(self) -> None:
            """Ends; nothing is saved yet."""

        def save(self, end_reason: str, exit_code: int | None) -> None:
            """Ends, and writes the result, once."""


def run_folder() -> str:
    """Returns the folder that takes the results."""
    return os.environ.get("PYROLENS_RUN_DIR") or os.getcwd()


def run(words: list[str], recorder: Recorder) -> None:
    """Runs the program that `words` name, as Python's own command line does, and saves what was recorded.

    Ends as the program ends: returns, or raises what the program raised.
    """
    try:
        program = _load_or_exit(words)
        atexit.register(recorder.save, "exit", None)
        _take_signals(recorder)
        recorder.start()
        try:
            program()
        finally:
            recorder.pause()
    except BaseException as error:
        recorder.save("signal" if isinstance(error, KeyboardInterrupt) else "exit", _exit_code(error))
        target.hide_launcher(error)
        raise
    recorder.save("exit", 0)


def _load_or_exit(words: list[str]) -> Callable[[], object]:
    load = target.prepare(words)
    try:
        return load()
    except OSError as error:
        # The interpreter's own words for a script that it cannot open.
        sys.stderr.write(
            f"{sys.executable}: can't open file {words[0]!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        sys.exit(2)


def _take_signals(recorder: Recorder) -> None:
    def on_terminate(number: int, frame: FrameType | None) -> None:
        recorder.save("signal", None)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def on_stop(number: int, frame: FrameType | None) -> None:
        recorder.save("stopped", None)

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, on_terminate)
    stop = getattr(signal, "SIGUSR2", None)
    if stop is not None and signal.getsignal(stop) is signal.SIG_DFL:
        signal.signal(stop, on_stop)


def _exit_code(error: BaseException) -> int | None:
    """Returns the code the process will end with; None when it dies by a signal."""
    if isinstance(error, KeyboardInterrupt):
        return None
    if not isinstance(error, SystemExit):
        return 1
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1
