"""Finds the line that asked for something, outside of the libraries that pass it on."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

_MAX_DEPTH = 12


def place_outside(frame: FrameType | None, libraries: tuple[str, ...]) -> tuple[CodeType | None, int]:
    """Returns code and line of the innermost frame that belongs to none of the modules named so."""
    for _ in range(_MAX_DEPTH):
        if frame is None:
            break
        if not str(frame.f_globals.get("__name__")).startswith(libraries):
            return frame.f_code, frame.f_lineno or 0
        frame = frame.f_back
    return None, 0
