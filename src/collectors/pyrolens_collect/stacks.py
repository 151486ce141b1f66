"""Turns frames into numbered locations and stacks, defining each in the stream at its first sight.

A stack is a node of a tree: parent and location. A frame is looked up by the address of its code and the
instruction it is at. Code objects are kept alive while their address is a key; nothing else of the
program is: no frame, hence no local variable, outlives the call that looked at it.

Skipping the walk where the innermost frame looks unchanged would be wrong: frames are not weakly
referable, so the same address may be another call of the same function from elsewhere, and a generator
that runs on may have another caller. So every tick walks, and only equal walks share the rest.
"""

from __future__ import annotations

import itertools
import os

from pyrolens_collect.records import FILE, FUNCTION, LOCATION, STACK, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType

NO_STACK = 0
"""Stacks are numbered from 1 here, as samples write them; 0 is «no Python frame»."""

_GENERATOR, _COROUTINE, _ITERABLE_COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x100, 0x200
# The file of all functions that cloudpickle 3.1 and newer sends to workers, in place of their own.
_PICKLED_FILE = "<dynamic-code>"
# Addresses are multiples of 16, so this leaves room for 2**24 bytes of instructions per code object.
_ADDRESS_SHIFT = 20
_MAX_CODES, _MAX_LOCATIONS, _MAX_STACKS = 20_000, 100_000, 500_000


class Stacks:
    """The known code objects, locations and stacks of one process."""

    def __init__(self, records: Records, cwd: str) -> None:
        """`cwd` makes relative file names absolute: they were relative to it when imported."""
        self._records = records
        self._cwd = cwd
        self._codes: dict[int, tuple[CodeType, int]] = {}
        self._locations: dict[int, int] = {}
        self._spans: dict[tuple[int, int, int, int, int], int] = {}
        self._stacks: dict[int, int] = {}
        self._files: dict[str, int] = {}
        self._unseen_files: list[str] = []
        self._function_count = 0
        self._location_count = 0
        self._stack_count = 0
        self.loop_locations: set[int] = set()
        self.entry_locations: set[int] = set()
        # In functions with which a child process begins.
        self._process_starts: set[int] = set()
        # New locations, their code and instruction, for one who asked for them and empties the list.
        self.new_locations: list[tuple[int, CodeType, int]] | None = None

    def walk(self, frame: FrameType | None) -> list[int]:
        """Returns the locations from `frame` out to its outermost caller, or to where the process began."""
        known = self._locations
        starts = self._process_starts
        path = []
        while frame is not None:
            key = (id(frame.f_code) << _ADDRESS_SHIFT) + frame.f_lasti
            location = known.get(key)
            if location is None:
                location = self._define_location(frame, key)
            path.append(location)
            if starts and location in starts:
                break
            frame = frame.f_back
        return path

    def location(self, frame: FrameType) -> int:
        """Returns the location a single frame is at."""
        key = (id(frame.f_code) << _ADDRESS_SHIFT) + frame.f_lasti
        location = self._locations.get(key)
        return self._define_location(frame, key) if location is None else location

    def stack(self, root_first: Iterable[int]) -> int:
        """Returns the stack of these locations, `NO_STACK` for none."""
        stack = NO_STACK
        known = self._stacks
        for location in root_first:
            key = stack << 32 | location
            inner = known.get(key)
            stack = self._define_stack(stack, location, key) if inner is None else inner
        return stack

    def describe_files(self, after_call: Callable[[], None]) -> None:
        """Writes a record for each file met since the last call.

        Asks the disk, and so gives the GIL away, with `after_call` after each time: hold no frames.
        """
        while self._unseen_files:
            path = self._unseen_files.pop()
            try:
                status = os.stat(path)
                modified, size = status.st_mtime_ns, status.st_size
            except (OSError, ValueError):
                modified, size = 0, 0
            after_call()
            self._records.add(FILE, self._files[path], modified, size)

    def forget_if_full(self) -> None:
        """Empties the tables when they have grown too large; definitions then get new numbers.

        Keeps the memory of a program bounded that makes code or ever deeper stacks without end.
        Stack numbers held elsewhere stay valid: the file keeps their definitions.
        """
        is_full = (
            len(self._codes) > _MAX_CODES
            or len(self._locations) > _MAX_LOCATIONS
            or len(self._stacks) > _MAX_STACKS
        )
        if is_full:
            self._locations.clear()
            self._codes.clear()
            self._spans.clear()
            self._stacks.clear()
            self.loop_locations.clear()
            self.entry_locations.clear()
            self._process_starts.clear()

    def _define_stack(self, parent: int, location: int, key: int) -> int:
        self._records.add(STACK, self._stack_count, parent, location)
        self._stack_count += 1
        self._stacks[key] = self._stack_count
        return self._stack_count

    def _define_location(self, frame: FrameType, key: int) -> int:
        code = frame.f_code
        function = self.function(code, _module_file(frame) if code.co_filename == _PICKLED_FILE else "")
        span = (function, *_span(frame))
        location = self._spans.get(span)
        if location is None:
            location = self._spans[span] = self._location_count
            self._location_count += 1
            self._records.add(LOCATION, location, *span)
            if self.new_locations is not None:
                self.new_locations.append((location, code, frame.f_lasti))
            if runs_loop(code):
                self.loop_locations.add(location)
            if begins_process(code):
                self._process_starts.add(location)
            if _is_entry(code, frame.f_lasti, span):
                self.entry_locations.add(location)
        self._locations[key] = location
        return location

    def function(self, code: CodeType, file: str = "") -> int:
        """Returns the number of a code object's function; `file` says where it stands better than itself."""
        known = self._codes.get(id(code))
        if known is not None:
            return known[1]
        number = self._function_count
        self._function_count += 1
        self._codes[id(code)] = (code, number)
        name = self._records.string(getattr(code, "co_qualname", code.co_name))
        file_id = self._file(file or code.co_filename)
        self._records.add(FUNCTION, number, name, file_id, code.co_firstlineno, _kind_flags(code))
        return number

    def c_function(self, name: str, flags: int) -> int:
        """Returns the number of a new function that is compiled."""
        number = self._function_count
        self._function_count += 1
        file = self._records.string("<built-in>")
        self._records.add(FUNCTION, number, self._records.string(name), file, 0, flags)
        return number

    def _file(self, name: str) -> int:
        path = name
        if not os.path.isabs(name) and not name.startswith("<"):
            path = os.path.join(self._cwd, name)
        text = self._records.string(path)
        if path not in self._files:
            self._unseen_files.append(path)
        self._files[path] = text
        return text


def _span(frame: FrameType) -> tuple[int, int, int, int]:
    """Returns line, end line, column + 1 and end column + 1 of the instruction; 0 is unknown."""
    code, offset = frame.f_code, frame.f_lasti
    if offset < 0:
        return max(code.co_firstlineno, 0), 0, 0, 0
    if not hasattr(code, "co_positions"):
        return frame.f_lineno or 0, 0, 0, 0
    # One entry per code unit of two bytes.
    found = next(itertools.islice(code.co_positions(), offset // 2, None), None)
    line, end_line, column, end_column = found or (None, None, None, None)
    if line is None:
        return 0, 0, 0, 0
    if end_line is None or column is None or end_column is None:
        return line, end_line or 0, 0, 0
    return line, end_line, column + 1, end_column + 1


def _is_entry(code: CodeType, offset: int, span: tuple[int, ...]) -> bool:
    """Tells whether a call has only just come here: nothing of the body has run yet.

    Up to 3.10 no instruction has been executed. From 3.11 on there is one for it, and it is empty: it
    starts and ends at column 0 of the first line.
    """
    return offset < 0 or span[1:] == (code.co_firstlineno, code.co_firstlineno, 1, 1)


def _kind_flags(code: CodeType) -> int:
    flags = code.co_flags
    if flags & (_COROUTINE | _ITERABLE_COROUTINE):
        return 1
    if flags & _GENERATOR:
        return 2
    return 4 if flags & _ASYNC_GENERATOR else 0


def _module_file(frame: FrameType) -> str:
    """Returns the file of the module that a frame's function belongs to, empty where it is unknown."""
    file = frame.f_globals.get("__file__")
    return file if type(file) is str else ""


def begins_process(code: CodeType) -> bool:
    """Tells whether a child of `multiprocessing` begins with it.

    A forked one has frames of its parent below, with the loops and locks of then: they never go on there.
    """
    return code.co_name == "_bootstrap" and code.co_filename.endswith(_PROCESS_FILES)


_PROCESS_FILES = tuple(os.path.join(package, "process.py") for package in ("multiprocessing", "billiard"))

_LOOP_FILES = {
    "run_forever": (("asyncio", "base_events.py"),),
    "run": (("asyncio", "runners.py"), ("uvloop", "__init__.py")),
    "asyncio_run": (("uvicorn", "_compat.py"),),
    "run_app": (("aiohttp", "web.py"),),
}


def runs_loop(code: CodeType) -> bool:
    """Tells whether it runs an event loop.

    `asyncio.BaseEventLoop.run_forever` is a loop's own; the others also run loops without frames (uvloop).
    """
    if code.co_name not in _LOOP_FILES:
        return False
    folder, file = os.path.split(code.co_filename)
    return (os.path.basename(folder), file) in _LOOP_FILES[code.co_name]
