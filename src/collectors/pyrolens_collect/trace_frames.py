"""Whose calls a trace shows, and the stacks that they are on."""

from __future__ import annotations

import os

from pyrolens_collect.target import is_own_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType

_INJECT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "inject", "")


def is_traced(code: CodeType) -> bool:
    """Tells whether the calls of this code are shown: not the machinery of imports, nor what is ours."""
    file = code.co_filename
    return not (file.startswith(("<frozen importlib", _INJECT)) or is_own_file(file))


def codes_of(frame: FrameType | None) -> Iterator[CodeType]:
    """Yields the code of a frame and of its callers, innermost first."""
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back
