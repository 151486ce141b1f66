"""Files that appear at once and completely, or not at all."""

from __future__ import annotations

import os


def write_whole(path: str, content: bytes) -> None:
    """Writes under another name, which no reader takes for a result, and renames it. Raises OSError."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
