"""Lets memray write down the allocations of this process; the launcher converts its file afterwards."""

from __future__ import annotations

import os

from pyrolens_collect.errors import ErrorLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    import memray


class MemrayFile:
    """One recording by memray. What is in its file survives every end of the process.

    Forked children that are followed have files of memray's own: this one's name, a dot and the process.
    """

    def __init__(self, run_dir: str, follows_forks: bool) -> None:
        """Records nothing before `start`."""
        # Until it is complete; the launcher takes either.
        self._path = os.path.join(run_dir, "memray.open.bin")
        self._final_path = os.path.join(run_dir, "memray.bin")
        self._follows_forks = follows_forks
        self._pid = os.getpid()
        self._log = ErrorLog(run_dir)
        self._tracker: memray.Tracker | None = None

    def start(self) -> None:
        """Begins to record; where memray cannot be loaded the program runs without it."""
        try:
            import memray

            destination = memray.FileDestination(self._path, overwrite=True)
            is_native = os.environ.get("PYROLENS_NATIVE") == "1"
            tracker = memray.Tracker(
                destination=destination, native_traces=is_native, follow_fork=self._follows_forks
            )
            tracker.__enter__()
        except Exception as error:
            self._log.write(f"memray recorded nothing: {type(error).__name__}: {error}.")
            return
        self._tracker = tracker

    def pause(self) -> None:
        """Ends the recording and completes its file; not in a forked child, whose file it is not."""
        tracker, self._tracker = self._tracker, None
        if tracker is not None and os.getpid() == self._pid:
            tracker.__exit__(None, None, None)
            os.replace(self._path, self._final_path)

    def save(self, end_reason: str, exit_code: int | None) -> None:
        """Ends the recording: memray has written already."""
        self.pause()
