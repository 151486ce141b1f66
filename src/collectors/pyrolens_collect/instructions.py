"""Reads the instructions of code objects, for the few questions that the lock watch has.

The numbers of the opcodes are those of the running interpreter, read from its own table in the standard
library by path: importing it by name could run a file of the program's that is called like it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    Instruction = tuple[int, str, int]

_TABLES = ("_opcode_metadata.py", "opcode.py")
# Up to 3.10 a `with` names its own end; from 3.11 on a table of the code object has it.
HAS_EXCEPTION_TABLE = sys.version_info >= (3, 11)
# From 3.12 on the handlers of exceptions stand behind all other code, in 3.11 behind what they are for.
HAS_LATE_HANDLERS = sys.version_info >= (3, 12)
_JUMP_UNIT = 2 if sys.version_info >= (3, 10) else 1


def opcode_names() -> dict[int, str]:
    """Returns the interpreter's opcodes by number; raises when its table is not where it should be."""
    from _frozen_importlib_external import SourceFileLoader

    for name in _TABLES:
        path = os.path.join(os.path.dirname(os.__file__), name)
        if not os.path.exists(path):
            continue
        namespace: dict[str, object] = {"__name__": "pyrolens_opcodes"}
        exec(SourceFileLoader("pyrolens_opcodes", path).get_code("pyrolens_opcodes"), namespace)
        return {number: opname for opname, number in namespace["opmap"].items()}
    raise FileNotFoundError("opcode.py")


def instructions(code: CodeType, names: dict[int, str]) -> list[Instruction]:
    """Returns offset, name and argument of each instruction, caches left out."""
    found = []
    extended = 0
    content = code.co_code
    for offset in range(0, len(content) - 1, 2):
        name = names.get(content[offset], "")
        argument = content[offset + 1] | extended
        if name == "EXTENDED_ARG":
            extended = argument << 8
            continue
        extended = 0
        if name not in ("CACHE", ""):
            found.append((offset, name, argument))
    return found


def with_target(offset: int, argument: int) -> int:
    """Returns where the `with` ends that begins at a SETUP_WITH (up to 3.10)."""
    return offset + 2 + argument * _JUMP_UNIT


def exception_ranges(code: CodeType) -> list[tuple[int, int, int]]:
    """Returns start, end and handler of each entry of the exception table (3.11+), in bytes."""
    table = iter(code.co_exceptiontable)
    ranges = []
    for first in table:
        start = _number(first, table) * 2
        length = _number(next(table), table) * 2
        handler = _number(next(table), table) * 2
        _number(next(table), table)
        ranges.append((start, start + length, handler))
    return ranges


def _number(first: int, table: object) -> int:
    """Reads a number of six bits a byte, the most significant first; 64 says that more follow."""
    value = first & 63
    while first & 64:
        first = next(table)
        value = value << 6 | first & 63
    return value
