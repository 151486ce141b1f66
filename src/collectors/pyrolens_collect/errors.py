"""The collectors' log. Nothing of ours may raise into the user's program: it ends here instead."""

from __future__ import annotations

import os
import time

LOG_NAME = "collector.log"
_MAX_LINES = 50


class ErrorLog:
    """Appends one line per failure to `collector.log`; silent when even that cannot be written."""

    def __init__(self, run_dir: str) -> None:
        """`run_dir` is the absolute path of the run folder."""
        self._path = os.path.join(run_dir, LOG_NAME)
        self._line_count = 0

    def write(self, text: str) -> None:
        """Adds a line; after 50 lines of one process the rest is dropped."""
        self._line_count += 1
        if self._line_count > _MAX_LINES:
            return
        line = f"{time.strftime('%Y-%m-%dT%H:%M:%S')} pid {os.getpid()} {text}\n"
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(descriptor, line.encode("utf-8", "backslashreplace"))
            finally:
                os.close(descriptor)
        except OSError:
            pass

    def write_exception(self, doing: str, error: BaseException) -> None:
        """Adds what failed, with the innermost places; `traceback` is not imported for it."""
        places = []
        step = error.__traceback__
        while step is not None:
            code = step.tb_frame.f_code
            places.append(f"{os.path.basename(code.co_filename)}:{step.tb_lineno}")
            step = step.tb_next
        self.write(f"{doing}: {type(error).__name__}: {error} ({' > '.join(places[-4:])})")
