"""Sampling in a program that runs already.

A script that `sys.remote_exec` runs in the program's main thread calls `begin`. When the recording is over
nothing of it is left but these modules and three hooks for forks, which cannot be taken away and do
nothing until the next recording. Whether it began shows in the run folder: a stream, or `attach.refused`.
"""

from __future__ import annotations

import atexit
import os

from pyrolens_collect.lifecycle import WAITING_VARIABLE, Recording, recording_in_process
from pyrolens_collect.process_alive import is_alive

_REFUSED_NAME = "attach.refused"


class _Slot:
    """The one recording of this process."""

    recording: Recording | None = None
    has_fork_hooks = False


def begin(run_dir: str, rate_hz: float, launcher_pid: int) -> None:
    """Starts recording into `run_dir`, until there is a `stop` file or `launcher_pid` has gone."""
    try:
        _begin(run_dir, rate_hz, launcher_pid)
    except Exception as error:
        _refuse(run_dir, f"{type(error).__name__}: {error}")


def end(run_dir: str) -> None:
    """Ends the recording into `run_dir`, if there is one, and writes what is left of it; another goes on."""
    recording = _Slot.recording
    if recording is not None and recording.run_dir == run_dir:
        recording.finish("stopped")
        _forget(recording)


def _begin(run_dir: str, rate_hz: float, launcher_pid: int) -> None:
    if _is_recorded():
        _refuse(run_dir, "The program is being recorded already.")
        return
    recording = Recording(run_dir, rate_hz)
    recording.on_end = lambda: _forget(recording)
    recording.is_over = lambda: not is_alive(launcher_pid)
    _Slot.recording = recording
    _hook_forks()
    atexit.register(_finish)
    recording.begin(is_running=True)
    if not recording.is_recording:
        _forget(recording)


def _is_recorded() -> bool:
    """Tells whether this program was launched to be recorded, or is attached to already."""
    is_waiting = bool(os.environ.get(WAITING_VARIABLE))
    known = (_Slot.recording, recording_in_process())
    return is_waiting or any(found is not None and found.is_recording for found in known)


def _refuse(run_dir: str, reason: str) -> None:
    try:
        with open(os.path.join(run_dir, _REFUSED_NAME), "w", encoding="utf-8") as file:
            file.write(reason)
    except OSError:
        pass


def _finish() -> None:
    if _Slot.recording is not None:
        _Slot.recording.finish()


def _forget(recording: Recording) -> None:
    """Does nothing when the next recording has begun meanwhile."""
    if _Slot.recording is recording:
        _Slot.recording = None
        atexit.unregister(_finish)


def _hook_forks() -> None:
    if _Slot.has_fork_hooks or not hasattr(os, "register_at_fork"):
        return
    _Slot.has_fork_hooks = True
    os.register_at_fork(
        before=lambda: _Slot.recording and _Slot.recording.before_fork(),
        after_in_parent=lambda: _Slot.recording and _Slot.recording.after_fork_in_parent(),
        after_in_child=lambda: _Slot.recording and _Slot.recording.after_fork_in_child(),
    )
