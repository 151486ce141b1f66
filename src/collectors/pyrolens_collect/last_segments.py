"""A ring of what was recorded: the oldest goes when it is too old, or when all takes too much memory."""

from __future__ import annotations

from _collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Stacks = dict[int, tuple[int, ...]]

_REFERENCE_BYTES = 8
_SEGMENT_BYTES = 200


class Segment:
    """A quarter of a second, about, and the calls that were open at its beginning."""

    __slots__ = ("began_ns", "payload", "size", "stacks")

    def __init__(self, began_ns: int, stacks: Stacks, payload: bytes) -> None:
        """`stacks`: by lane, the tokens of the open calls, root first."""
        self.began_ns = began_ns
        self.stacks = stacks
        self.payload = payload
        self.size = _SEGMENT_BYTES + len(payload)
        self.size += _REFERENCE_BYTES * sum(map(len, stacks.values()))


class LastSegments:
    """The segments of the last `span_ns`, or fewer: `limit_bytes` and one segment are the most they take."""

    def __init__(self, span_ns: int, limit_bytes: int) -> None:
        """Starts empty."""
        self._span_ns = span_ns
        self._limit_bytes = limit_bytes
        self._segments: deque[Segment] = deque()
        self.size = 0
        # Why something was dropped last: "" when nothing was, "time" or "memory".
        self.cut_by = ""

    def add(self, segment: Segment, now_ns: int) -> None:
        """Adds the newest one, and drops what is too much."""
        self._segments.append(segment)
        self.size += segment.size
        while len(self._segments) > 1:
            # One that reaches into the span is needed whole: readers cut it.
            is_old = self._segments[1].began_ns <= now_ns - self._span_ns
            if not is_old and self.size <= self._limit_bytes:
                return
            self.size -= self._segments.popleft().size
            self.cut_by = "time" if is_old else "memory"

    def __iter__(self) -> Iterator[Segment]:
        """Yields them, the oldest first."""
        return iter(self._segments)

    @property
    def began_ns(self) -> int:
        """When the oldest one began; it must not be empty."""
        return self._segments[0].began_ns

    @property
    def stacks(self) -> Stacks:
        """The calls that were open then."""
        return self._segments[0].stacks
