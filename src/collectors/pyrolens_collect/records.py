"""Records of a data chunk (`../FORMAT.md`), gathered in one buffer. The only place that knows tags."""

from __future__ import annotations

STRING, FUNCTION, LOCATION, STACK, LANE, TICK, GC, FILE, LANE_NAME, LANE_END = range(1, 11)
LOOP_STEP, LOOP_DELAY, LOOP_ROUND, LOOP_SECOND, HANDOFF, WAIT, LOOP_MISSED, USAGE = range(48, 56)
CALLS, CALL_STACK, FOLDED, BEGUN = range(32, 36)

THREAD_LANE, TASK_LANE = 0, 1
SUSPENDED, TASK_FOLLOWS = 1, 2

_MAX_STRINGS = 50_000


def add_varint(buffer: bytearray, value: int) -> None:
    """Appends an unsigned LEB128 number; a negative one would not end, so it counts as 0."""
    if value < 0:
        value = 0
    while value > 127:
        buffer.append(value & 127 | 128)
        value >>= 7
    buffer.append(value)


class Records:
    """Gathers records until `take`; numbers strings and lanes. Ids are never used twice."""

    def __init__(self) -> None:
        """Starts empty, with all numbers at 0."""
        self._buffer = bytearray()
        self._strings: dict[str, int] = {}
        self._string_count = 0
        self._lane_count = 0

    def __len__(self) -> int:
        """Returns the bytes gathered so far."""
        return len(self._buffer)

    def take(self) -> bytes:
        """Returns what was gathered and starts anew."""
        content = bytes(self._buffer)
        self._buffer.clear()
        return content

    def add(self, tag: int, *numbers: int, content: bytes = b"") -> None:
        """Appends a record of numbers, with `content` behind them."""
        buffer = self._buffer
        buffer.append(tag)
        for number in numbers:
            add_varint(buffer, number)
        buffer += content

    def string(self, text: str) -> int:
        """Returns the id of a string, defining it when it is new.

        The table is emptied when it gets large: thread and task names may be without end.
        """
        known = self._strings.get(text)
        if known is not None:
            return known
        if len(self._strings) >= _MAX_STRINGS:
            self._strings.clear()
        number = self._string_count
        self._string_count += 1
        self._strings[text] = number
        # Names from undecodable bytes hold lone surrogates, which UTF-8 has no form for.
        content = text.encode("utf-8", "backslashreplace")
        self.add(STRING, number, len(content), content=content)
        return number

    def lane(self, kind: int, parent: int | None, identity: int, tid: int, name: str) -> int:
        """Defines a lane and returns its id; `parent` is a lane id or None."""
        number = self._lane_count
        self._lane_count += 1
        above = 0 if parent is None else parent + 1
        self.add(LANE, number, kind, above, identity, tid, self.string(name))
        return number

    def rename_lane(self, lane: int, name: str) -> None:
        """Tells the new name of a lane."""
        self.add(LANE_NAME, lane, self.string(name))

    def tick(self, delta_ns: int, sample_count: int, samples: bytes) -> None:
        """Appends one tick with its encoded samples."""
        self.add(TICK, delta_ns, sample_count, content=samples)
