"""Runs a program under one of our recorders, however it ends: by itself, sys.exit, Ctrl+C, SIGTERM, os._exit.

SIGUSR2, where it exists, saves and lets the program go on without being recorded.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

from pyrolens_collect import sudden_ends, target

PROCESS_NAME = "recorded.pid"

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


class Saver:
    """Has a recorder save what it measured, however the process ends, and SIGTERM wait meanwhile."""

    def __init__(self, recorder: Recorder) -> None:
        """Does nothing yet."""
        self.recorder = recorder
        self._is_busy = False
        self._is_terminated = False

    def watch(self) -> None:
        """Saves at exit, before SIGTERM, `os._exit` or `os.exec…` ends the process, and at SIGUSR2.

        Signals that the program handles already are left to it.
        """
        atexit.register(self.save, "exit", None)
        sudden_ends.tell(self._save_suddenly)
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._terminate)
        stop = getattr(signal, "SIGUSR2", None)
        if stop is not None and signal.getsignal(stop) is signal.SIG_DFL:
            signal.signal(stop, self._stop)

    def follow_forks(self, begin_in_child: Callable[[], None]) -> None:
        """Has forked children begin with that call, and save when they end."""

        def follow() -> None:
            begin_in_child()
            util = sys.modules.get("multiprocessing.util")
            if util is not None:
                # Its children leave without atexit, and its table of finalizers is emptied when they begin.
                util.register_after_fork(self, Saver._save_at_multiprocessing_exit)

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=follow)

    def _save_at_multiprocessing_exit(self) -> None:
        util = sys.modules["multiprocessing.util"]
        util.Finalize(None, self.save, args=("exit", None), exitpriority=-1000)

    def pause(self) -> None:
        """Ends the recording; nothing is saved yet."""
        self._is_busy = True
        self.recorder.pause()
        self._is_busy = False

    def save(self, end_reason: str, exit_code: int | None) -> None:
        """Ends the recording, and writes the result, once."""
        self._is_busy = True
        self.recorder.save(end_reason, exit_code)
        self._is_busy = False
        if self._is_terminated:
            self._end()

    def _save_suddenly(self) -> None:
        try:
            self.save("exit", None)
        except Exception:
            # The program's end is not ours to change; what went wrong is in the log.
            return

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self._is_terminated = True
        # What a signal interrupts goes on behind it.
        if not self._is_busy:
            self.save("signal", None)

    def _end(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if not self._is_busy:
            self.save("stopped", None)


def run(words: list[str], saver: Saver) -> None:
    """Runs the program that `words` name, as Python's own command line does, and saves what was recorded.

    Ends as the program ends: returns, or raises what the program raised.
    """
    try:
        program = _load_or_exit(words)
        _note_process()
        saver.watch()
        # From here: memray leaves out as many frames as there are but one.
        saver.recorder.start()
        try:
            program()
        finally:
            saver.pause()
    except BaseException as error:
        saver.save("signal" if isinstance(error, KeyboardInterrupt) else "exit", _exit_code(error))
        target.hide_launcher(error)
        raise
    saver.save("exit", 0)


def _note_process() -> None:
    """Says which process takes the signal to stop: the one that was spawned may be `uv run` or its like."""
    try:
        with open(os.path.join(run_folder(), PROCESS_NAME), "w", encoding="ascii") as file:
            file.write(str(os.getpid()))
    except OSError:
        # The program runs all the same; who wants the result finds the folder missing.
        return


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


def _exit_code(error: BaseException) -> int | None:
    """Returns the code the process will end with; None when it dies by a signal."""
    if isinstance(error, KeyboardInterrupt):
        return None
    if not isinstance(error, SystemExit):
        return 1
    if error.code is None:
        return 0
    return error.code & 0xFF if isinstance(error.code, int) else 1
