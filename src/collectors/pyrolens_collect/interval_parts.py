"""Divides the interval between two ticks wherever a thread or a task went over to something else.

Threads are placed by `transitions.py`. A suspended task that is found waiting for something else has run in
between: where the clock of its loop tells when the loop went on, that is when. Without a clock it is when the
last thread moved.
"""

from __future__ import annotations

from pyrolens_collect.records import TASK_FOLLOWS, add_varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrolens_collect.tasks import TaskSample
    from pyrolens_collect.transitions import Look

_MAX_TASK_AGES = 4


class IntervalParts:
    """The parts of one interval: how long ago each ended, and what is to be written of it."""

    def __init__(self, looks: list[Look], tasks: list[TaskSample], ages: list[int], weight_ns: int) -> None:
        """`ages` are the ends of the parts in which no thread moves: ns before now, the last one 0."""
        self._looks = looks
        self._tasks = tasks
        self._weight_ns = weight_ns
        self._loop_ages = {look.lane.lane: look.steps_age_ns for look in looks if look.steps_age_ns >= 0}
        self._default_age = ages[-2] if len(ages) > 1 else weight_ns
        self._ran = {lane for look in looks for lane in (look.before[1], look.now[1])}
        self.ages = sorted({*ages, *self._task_ages()}, reverse=True)

    def samples(self, age: int, length_ns: int) -> tuple[int, bytearray]:
        """Returns the number of samples of the part of `length_ns` that ended `age` ago, and all of them."""
        samples = bytearray()
        running = set()
        for look in self._looks:
            place = look.place(age)
            running.add(place[1])
            cpu_ns = look.part_cpu_ns(age, length_ns, self._weight_ns)
            add_sample(samples, look.lane.lane, place, cpu_ns)
        count = len(self._looks)
        for lane, _, loop_lane, before, after in self._tasks:
            if lane in running:
                continue
            sample = after if age < self._changed_age(loop_lane) else before
            if not sample and lane in self._ran:
                # It did not run in this part, so it was suspended, whichever side it is known of.
                sample = before or after
            if sample:
                samples += sample
                count += 1
        return count, samples

    def _changed_age(self, loop_lane: int) -> int:
        return self._loop_ages.get(loop_lane, self._default_age)

    def _task_ages(self) -> set[int]:
        changed = {self._changed_age(loop) for _, _, loop, before, after in self._tasks if before != after}
        ages = {age for age in changed if 0 < age < self._weight_ns}
        return ages if len(ages) <= _MAX_TASK_AGES else set()


def add_sample(samples: bytearray, lane: int, place: tuple[int, int | None], cpu_ns: int | None) -> None:
    """Adds the sample of a thread to those of a tick; `place` is its stack and the lane of its task."""
    stack, task = place
    add_varint(samples, lane)
    add_varint(samples, stack)
    add_varint(samples, 0 if task is None else TASK_FOLLOWS)
    add_varint(samples, 0 if cpu_ns is None else cpu_ns + 1)
    if task is not None:
        add_varint(samples, task)
