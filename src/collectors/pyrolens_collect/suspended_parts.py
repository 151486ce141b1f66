"""Divides the time between two looks at suspended tasks, so that none counts as suspended while it ran.

Tasks are looked at when their loop has polled, and are all suspended then, also those that ran since the look
before. How long the loop was busy its clock tells, and of long steps when they were:

    look ── the poll ends ── long steps, and the others in equal parts ── poll ── look
    before     before           before | not suspended | after           after

How long each short step was is not known: each task that had one is left out for an equal part of the rest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyrolens_collect.loop_clock import LoopClock
    from pyrolens_collect.loop_hooks import LoopHooks
    from pyrolens_collect.tasks import TaskSample

    # By the lane of a task: when it ran, in the order of time.
    Runs = dict[int, list[tuple[int, int]]]

# Of more tasks that ran so many are left out, each in its turn: on average that is the same.
_MAX_EQUAL = 8


class SuspendedParts:
    """Knows how the loops stood at the look before."""

    def __init__(self, loops: LoopHooks) -> None:
        """`loops` has their clocks."""
        self._loops = loops
        # By the lane of a loop's thread: when it was looked at, how long it had polled in all, and
        # whether it did so then.
        self._looked: dict[int, tuple[int, int, bool]] = {}
        self._turn = 0

    def divide(
        self, tasks: list[TaskSample], previous_ns: int, now: int
    ) -> Iterator[tuple[int, int, bytearray]]:
        """Yields the parts in the order of time: the end, and the number of samples and all of them."""
        runs = self._runs(tasks, previous_ns, now)
        edges = {edge for times in runs.values() for time in times for edge in time}
        begin = previous_ns
        for end in sorted({*(edge for edge in edges if previous_ns < edge < now), now}):
            samples, count = bytearray(), 0
            for lane, _, before, after, _ in tasks:
                sample = _sample(runs.get(lane), (before, after), begin, end)
                samples += sample
                count += bool(sample)
            yield end, count, samples
            begin = end

    def _runs(self, tasks: list[TaskSample], previous_ns: int, now: int) -> Runs:
        loops: dict[int, dict[int, int]] = {}
        for lane, loop_lane, _, _, key in tasks:
            ran = loops.setdefault(loop_lane, {})
            if key:
                ran[key] = lane
        runs: Runs = {}
        for loop_lane, ran in loops.items():
            clock = self._loops.clock_of(loop_lane)
            if clock is not None:
                self._add_runs(runs, ran, self._busy(clock, loop_lane, previous_ns, now), clock)
        return runs

    def _add_runs(self, runs: Runs, ran: dict[int, int], busy: tuple[int, int], clock: LoopClock) -> None:
        began, rest_ns = busy
        for step_began, step_ended, key in clock.take_long_steps():
            rest_ns -= max(step_ended - max(step_began, began), 0)
            began = max(began, step_ended) if rest_ns > 0 else began
            if key in ran:
                runs.setdefault(ran[key], []).append((step_began, step_ended))
        lanes = [lane for lane in ran.values() if lane not in runs]
        count = min(len(lanes), _MAX_EQUAL) if rest_ns > 0 else 0
        for index in range(count):
            lane = lanes[(self._turn + index) % len(lanes)]
            runs[lane] = [(began + rest_ns * index // count, began + rest_ns * (index + 1) // count)]
        self._turn += count

    def _busy(self, clock: LoopClock, loop_lane: int, previous_ns: int, now: int) -> tuple[int, int]:
        """Returns when the loop began to be busy since the look before, and how long it was; 0: unknown."""
        left_ns, _, is_polling = clock.look()
        polled_ns = clock.polled_until(now)
        looked_ns, polled_before_ns, was_polling = self._looked.get(loop_lane, (-1, 0, False))
        self._looked[loop_lane] = (now, polled_ns, is_polling)
        if looked_ns != previous_ns:
            return previous_ns, 0
        began = left_ns if was_polling and previous_ns < left_ns < now else previous_ns
        return began, min(now - previous_ns - (polled_ns - polled_before_ns), now - began)


def _sample(
    times: list[tuple[int, int]] | None, sides: tuple[bytes, bytes], begin: int, end: int
) -> bytes:
    """Returns what a task's sample is between two edges; empty while it runs."""
    before, after = sides
    if times is None:
        return after
    if any(began <= begin and end <= ended for began, ended in times):
        return b""
    return before if end <= times[0][0] else after
