"""Which function a line belongs to, by compiling its file again: tracemalloc knows files and lines only."""

from __future__ import annotations

import dis
import io
import time
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    Place = tuple[str, int]

# What compiling may cost at the program's end; lines of the files that are left have no function then.
_BUDGET_S = 5.0
_UNKNOWN: Place = ("<unknown>", 0)


class CodePlaces:
    """The functions of the files that are asked for."""

    def __init__(self) -> None:
        """Compiles nothing yet."""
        self._files: dict[str, dict[int, Place]] = {}
        self._spent_s = 0.0

    def at(self, file: str, line: int) -> Place:
        """Returns the name of the function around a line and its first line; `("<unknown>", 0)` otherwise."""
        places = self._files.get(file)
        if places is None:
            began = time.perf_counter()
            places = self._files[file] = _places(file) if self._spent_s < _BUDGET_S else {}
            self._spent_s += time.perf_counter() - began
        return places.get(line, _UNKNOWN)


def _places(file: str) -> dict[int, Place]:
    try:
        with io.open_code(file) as source:
            code = compile(source.read(), file, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return {}
    places: dict[int, Place] = {}
    _add(code, places)
    return places


def _add(code: types.CodeType, places: dict[int, Place]) -> None:
    """Inner functions come after outer ones and take their lines over, but for those without a name."""
    name = getattr(code, "co_qualname", code.co_name)
    lines = {line for _, line in dis.findlinestarts(code) if line}
    if len(lines) > 1 and not code.co_name.startswith("<"):
        # Where a function is made, not where it runs.
        lines.discard(code.co_firstlineno)
    for line in lines:
        if line not in places or not code.co_name.startswith("<"):
            places[line] = (name, code.co_firstlineno)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            _add(constant, places)
