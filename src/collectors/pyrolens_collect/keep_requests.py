"""Requests to keep the last seconds: files `keep-1`, `keep-2` … of the run folder, each names a folder."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "keep-{}"


class KeepRequests:
    """The requests that this process has not answered."""

    def __init__(self, run_dir: str) -> None:
        """Those that are there already are not for this process: it has nothing from before them."""
        self._run_dir = run_dir
        self._next = 1
        while os.path.exists(self._path()):
            self._next += 1

    def take(self) -> Iterator[str]:
        """Yields the folder of each new request. One that is still being written has no end of line."""
        while True:
            try:
                with open(self._path(), "rb") as file:
                    folder = os.fsdecode(file.read())
            except OSError:
                return
            if not folder.endswith("\n"):
                return
            self._next += 1
            yield folder[:-1]

    def _path(self) -> str:
        return os.path.join(self._run_dir, _NAME.format(self._next))
