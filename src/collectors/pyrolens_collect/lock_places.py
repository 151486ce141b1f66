"""Finds in a function's code where it enters locks, and how it names them.

    with self.lock:            an enter, and a body in which the lock is held
    lock.acquire(timeout=1)    an enter; held up to the last `lock.release` of the function

Names are loads and attributes only: an expression with a call in it is not looked at, since it would have to
be run again.
"""

from __future__ import annotations

import sys

from pyrolens_collect.instructions import (
    HAS_EXCEPTION_TABLE,
    HAS_LATE_HANDLERS,
    exception_ranges,
    instructions,
    opcode_names,
    with_target,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from pyrolens_collect.instructions import Instruction

LOCAL, GLOBAL, NAME = range(3)
_MAX_CODES = 20_000

_ATTRIBUTE_SHIFT = 1 if sys.version_info >= (3, 12) else 0
_GLOBAL_SHIFT = 1 if sys.version_info >= (3, 11) else 0
_LOCAL_LOADS = {"LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"}
_SECOND_LOADS = {"LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "STORE_FAST_LOAD_FAST"}
_CELL_LOADS = {"LOAD_DEREF", "LOAD_CLASSDEREF"}
_WITH_ENTERS = {"SETUP_WITH", "BEFORE_WITH"}
# Between the expression and the call of `__enter__` (3.14+).
_WITH_STEPS = {"COPY", "SWAP", "LOAD_SPECIAL", "PUSH_NULL"}


class Expression:
    """A name and the attributes that are taken from it."""

    __slots__ = ("attributes", "name", "scope")

    def __init__(self, scope: int, name: str, attributes: tuple[str, ...]) -> None:
        """`scope` is LOCAL, GLOBAL or NAME."""
        self.scope = scope
        self.name = name
        self.attributes = attributes

    def is_like(self, other: Expression) -> bool:
        """Tells whether both are written alike."""
        return (self.scope, self.name, self.attributes) == (other.scope, other.name, other.attributes)


class LockPlace:
    """One place at which a lock is entered."""

    __slots__ = ("expression", "offset", "ranges")

    def __init__(self, offset: int, expression: Expression, ranges: list[tuple[int, int]]) -> None:
        """It is entered at the instruction at `offset` and held within `ranges` of offsets."""
        self.offset = offset
        self.expression = expression
        self.ranges = ranges

    def is_held_at(self, offset: int) -> bool:
        """Tells whether a function that stands there has entered it."""
        return any(start <= offset < end for start, end in self.ranges)


class LockPlaces:
    """The places of all code objects that were asked for."""

    def __init__(self) -> None:
        """Raises when the interpreter's instructions are not known."""
        self._names = opcode_names()
        self._known: dict[CodeType, list[LockPlace]] = {}

    def of(self, code: CodeType) -> list[LockPlace]:
        """Returns the places of a code object."""
        places = self._known.get(code)
        if places is None:
            if len(self._known) >= _MAX_CODES:
                self._known.clear()
            places = _places(code, instructions(code, self._names)) if _may_enter(code) else []
            self._known[code] = places
        return places


def _may_enter(code: CodeType) -> bool:
    """Tells without reading them whether the instructions may enter a lock."""
    if "acquire" in code.co_names or not HAS_EXCEPTION_TABLE:
        return True
    return bool(code.co_exceptiontable)


def _places(code: CodeType, listed: list[Instruction]) -> list[LockPlace]:
    ranges = exception_ranges(code) if HAS_EXCEPTION_TABLE else []
    places = []
    calls = []
    for index, (offset, name, argument) in enumerate(listed):
        if name in _WITH_ENTERS or (name == "CALL" and listed[index - 1][1] == "LOAD_SPECIAL"):
            expression = _expression(code, listed, index)
            if expression is not None:
                body = (
                    _body(ranges, listed, index) if ranges else [(offset + 2, with_target(offset, argument))]
                )
                places.append(LockPlace(offset, expression, body))
        elif name.startswith(("CALL", "PRECALL")):
            calls.append((index, _called(code, listed, index)))
    return places + _explicit(code, listed, calls)


def _explicit(
    code: CodeType, listed: list[Instruction], calls: list[tuple[int, tuple[str, Expression] | None]]
) -> list[LockPlace]:
    """Returns the calls of `acquire`: the lock is held from there to the last `release` before the next one.

    The copy of a `finally` that is for exceptions does not count where it stands behind all other code.
    """
    named = [(listed[index][0], *call) for index, call in calls if call is not None]
    handlers = exception_ranges(code) if HAS_LATE_HANDLERS else []
    first_handler = min((handler for _, _, handler in handlers), default=len(code.co_code))
    places = []
    for number, (offset, method, expression) in enumerate(named):
        if method != "acquire":
            continue
        end = offset
        for at, other, of in named[number + 1 :]:
            if not of.is_like(expression) or at >= first_handler:
                continue
            if other == "acquire":
                break
            end = at
        places.append(LockPlace(offset, expression, [(offset + 2, end)] if end > offset else []))
    return places


def _called(code: CodeType, listed: list[Instruction], index: int) -> tuple[str, Expression] | None:
    """Returns the method `acquire` or `release` that an instruction calls, and of what."""
    for at in range(index - 1, -1, -1):
        _, name, argument = listed[at]
        if name.startswith("CALL") or (name == "PRECALL" and at != index - 1):
            return None
        if name not in ("LOAD_METHOD", "LOAD_ATTR"):
            continue
        method = _attribute(code, name, argument)
        if method not in ("acquire", "release"):
            continue
        expression = _expression(code, listed, at)
        return None if expression is None else (method, expression)
    return None


def _expression(code: CodeType, listed: list[Instruction], index: int) -> Expression | None:
    """Returns the expression whose value is on the stack when an instruction is reached."""
    attributes: list[str] = []
    at = index - 1
    while at >= 0 and listed[at][1] in _WITH_STEPS:
        at -= 1
    while at >= 0:
        _, name, argument = listed[at]
        if name in ("LOAD_ATTR", "LOAD_METHOD"):
            attributes.append(_attribute(code, name, argument))
            at -= 1
            continue
        root = _root(code, name, argument)
        return None if root is None else Expression(*root, tuple(reversed(attributes)))
    return None


def _attribute(code: CodeType, name: str, argument: int) -> str:
    index = argument >> _ATTRIBUTE_SHIFT if name == "LOAD_ATTR" else argument
    return code.co_names[index]


def _root(code: CodeType, name: str, argument: int) -> tuple[int, str] | None:
    if name in _LOCAL_LOADS:
        return LOCAL, _local(code, argument)
    if name in _SECOND_LOADS:
        return LOCAL, _local(code, argument & 15)
    if name in _CELL_LOADS:
        cells = code.co_cellvars + code.co_freevars
        return LOCAL, _local(code, argument) if HAS_EXCEPTION_TABLE else cells[argument]
    if name == "LOAD_GLOBAL":
        return GLOBAL, code.co_names[argument >> _GLOBAL_SHIFT]
    return (NAME, code.co_names[argument]) if name == "LOAD_NAME" else None


def _local(code: CodeType, index: int) -> str:
    """From 3.11 on variables, cells and free variables are numbered together."""
    cells = tuple(name for name in code.co_cellvars if name not in code.co_varnames)
    return (code.co_varnames + cells + code.co_freevars)[index]


def _body(ranges: list[tuple[int, int, int]], listed: list[Instruction], index: int) -> list[tuple[int, int]]:
    """Returns where a `with` is held: from its beginning to the end of what its handler covers."""
    begin = listed[index + 1][0] if index + 1 < len(listed) else 0
    handlers = [(end - start, handler) for start, end, handler in ranges if start <= begin < end]
    if not handlers:
        return []
    handler = min(handlers)[1]
    covered = [(start, end) for start, end, target in ranges if target == handler and start >= begin]
    first_handler = min(target for _, _, target in ranges) if HAS_LATE_HANDLERS else handler
    body = [(start, end) for start, end in covered if start < first_handler]
    rare = [(start, end) for start, end in covered if start >= first_handler]
    return ([(begin, max(end for _, end in body))] if body else []) + rare
