"""Whether a process of this machine still runs."""

from __future__ import annotations

import os
import sys


def is_alive(pid: int) -> bool:
    """Tells whether there is such a process. Always true on Windows, where asking would end it."""
    if sys.platform == "win32":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
