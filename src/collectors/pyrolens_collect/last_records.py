"""Records of which the last seconds are kept, with all that those refer to.

names    strings, functions, files: as long as the process lives
lanes    until some seconds after their end
folded   which functions are folded now
events   all else: `take` hands them out, for a ring that drops the oldest
"""

from __future__ import annotations

from pyrolens_collect.records import (
    CALL_STACK,
    CALLS,
    FOLDED,
    GC,
    LANE,
    LANE_END,
    STRING,
    Records,
)

_EVENTS = (CALLS, CALL_STACK, GC)


class _Lane:
    """What is known of one lane."""

    __slots__ = ("ended_ns", "facts", "name", "text")

    def __init__(self, facts: tuple[int, ...], text: int, name: str) -> None:
        """`text` is the number of the string that `name` gets when it is written."""
        self.facts = facts
        self.text = text
        self.name = name
        self.ended_ns: int | None = None


class LastRecords(Records):
    """Sorts records by how long they are needed. No name of a thread outlives its lane."""

    def __init__(self) -> None:
        """Starts empty."""
        super().__init__()
        self._names = bytearray()
        self._lanes: dict[int, _Lane] = {}
        self._folded: dict[int, tuple[int, ...]] = {}

    @property
    def definition_bytes(self) -> int:
        """How much is kept beside the events, about."""
        return len(self._names) + 64 * len(self._lanes)

    def add(self, tag: int, *numbers: int, content: bytes = b"") -> None:
        """Appends a record where it belongs."""
        if tag in _EVENTS:
            super().add(tag, *numbers, content=content)
        elif tag == FOLDED:
            self._fold(*numbers)
        elif tag == LANE_END:
            self._lanes[numbers[0]].ended_ns = numbers[1]
        else:
            self._add_name(tag, numbers, content)

    def lane(self, kind: int, parent: int | None, identity: int, tid: int, name: str) -> int:
        """Defines a lane and returns its id; `parent` is a lane id or None."""
        number = self._lane_count
        self._lane_count += 1
        facts = (number, kind, 0 if parent is None else parent + 1, identity, tid)
        self._lanes[number] = _Lane(facts, self._string_count, name)
        self._string_count += 1
        return number

    def rename_lane(self, lane: int, name: str) -> None:
        """Takes the new name of a lane in place of the former one."""
        self._lanes[lane].name = name

    def forget_lanes(self, before_ns: int) -> None:
        """Forgets the lanes that had ended by then: nothing that is kept refers to them."""
        gone = [number for number, lane in self._lanes.items() if (lane.ended_ns or before_ns) < before_ns]
        for number in gone:
            del self._lanes[number]

    def definitions(self) -> bytes:
        """Returns the records of everything that the kept events refer to."""
        records = Records()
        for number, lane in self._lanes.items():
            content = lane.name.encode("utf-8", "backslashreplace")
            records.add(STRING, lane.text, len(content), content=content)
            records.add(LANE, *lane.facts, lane.text)
            if lane.ended_ns is not None:
                records.add(LANE_END, number, lane.ended_ns)
        for numbers in self._folded.values():
            records.add(FOLDED, *numbers)
        return bytes(self._names) + records.take()

    def _add_name(self, tag: int, numbers: tuple[int, ...], content: bytes) -> None:
        events, self._buffer = self._buffer, self._names
        super().add(tag, *numbers, content=content)
        self._buffer = events

    def _fold(self, function: int, at_ns: int, is_folded: int, *more: int) -> None:
        """Of a function that is not folded any more, what is kept must tell that it was."""
        if is_folded:
            self._folded[function] = (function, at_ns, is_folded, *more)
            return
        former = self._folded.pop(function, None)
        if former is not None:
            super().add(FOLDED, *former)
        super().add(FOLDED, function, at_ns, is_folded, *more)
