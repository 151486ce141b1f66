"""Lets memray write down the allocations of this process; the launcher converts its file afterwards."""

from __future__ import annotations

import os

from pyrolens_collect import closed_descriptors
from pyrolens_collect.errors import ErrorLog

# memray's own thread ends the program when what it reads of `/proc` is closed (1.20).
_CLOSED = (
    "memray recorded only a part: the program closed all files, memray's too. "
    "Let it keep those it has not opened, or record with tracemalloc."
)

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
        closed_descriptors.tell(self._is_own_file, self._give_up)

    def pause(self) -> None:
        """Ends the recording and completes its file; not in a forked child, whose file it is not."""
        if os.getpid() == self._pid:
            self._end()

    def save(self, end_reason: str, exit_code: int | None) -> None:
        """Ends the recording: memray has written already."""
        self.pause()

    def _is_own_file(self, path: str) -> bool:
        return path.startswith((self._path, f"/proc/{os.getpid()}/stat"))

    def _give_up(self) -> None:
        if self._end():
            self._log.write(_CLOSED)

    def _end(self) -> bool:
        tracker, self._tracker = self._tracker, None
        if tracker is None:
            return False
        tracker.__exit__(None, None, None)
        if os.getpid() == self._pid:
            os.replace(self._path, self._final_path)
        return True
