"""Places a thread's change of stack between two ticks.

The sampler looks when it gets the GIL, and that moment is not a random one. Giving all the time since the
previous tick to what is found now shifts time from one line to another, always in the same direction.

    program   ====== computing ======|------ sleeping ------      the GIL is free from | on
    sampler                  due ^...^ looks                       «released»

A thread that lets go of the GIL by itself, to sleep or to read, is found in a call that has only just
begun: the time before belongs to where it was seen last (measured: 28 % computing shown as 24 %).

    program   ---- sleeping ----|======= a C call that keeps the GIL =======|
    sampler   ^ looks                 due ^.................................^ looks      «forced»

After the switch interval the GIL is taken from a thread in the midst of its work, or, where the wait was
longer, at the end of a call that kept it: that began at the latest when the sampler was due, and what comes
next begins right after.

The best evidence is the clock of an event loop, which notes when each step and each poll began. The next best
is the thread's CPU time. Whether a stack computes or waits is learnt from the ticks
between which a thread stayed there; where one side of a change waits, the CPU time is the other side's and
tells how long that was. Without any evidence the change is put in the middle.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrolens_collect.threads import ThreadLane

    Place = tuple[int, "int | None"]

# Timers are this late without anybody holding the GIL: a sleeping virtual processor wakes up 130 to 400 us
# late, and with less slack that was taken for a wait for the GIL (5 points off where it is 1).
_TIMER_SLACK_NS = 500_000
_MOST, _LITTLE = 0.9, 0.1
# A thread that computes while others do has a part of the CPU time, hardly less than this.
_LEAST_RATE = 0.25
# Bytecode lets go of the GIL within one interval; what takes longer is a single instruction.
_BEYOND_INTERVALS = 1.1
# A shorter interval between two looks says little of how busy a stack is.
_LEAST_LEARNT_NS = 5_000_000
# A thread that waits may wake up now and then.
_LITTLE_CPU_NS = 500_000
_MAX_PARTS = 4
_MAX_RATES = 50_000


class Look:
    """What one tick found of a thread, and since when it was there."""

    __slots__ = (
        "before",
        "cpu_ns",
        "cpu_share",
        "cpu_side",
        "is_at_entry",
        "is_certain",
        "is_changed",
        "lane",
        "now",
        "since_ns",
        "steps_age_ns",
        "turn_age_ns",
        "turn_cpu_side",
    )

    def __init__(self, lane: ThreadLane, cpu_ns: int | None) -> None:
        """Call it before `lane` is renewed; `cpu_ns` was used since the tick before."""
        self.lane = lane
        self.cpu_ns = cpu_ns
        # Its part of the CPU time of all threads: the rate to expect of a stack not known yet.
        self.cpu_share = 1.0
        self.before: Place = (lane.stack, lane.task)
        self.now: Place = self.before
        self.is_changed = False
        # A function was entered at this moment: nothing of it has run yet.
        self.is_at_entry = False
        self.since_ns = 0
        # A clock, and no guess, tells `since_ns`.
        self.is_certain = False
        # Which side of the change used the CPU: 1 the later, -1 the earlier, 0 both alike.
        self.cpu_side = 0
        # How long ago its event loop turned to what it does now; -1: unknown.
        self.turn_age_ns = -1
        self.turn_cpu_side = 0
        # How long ago its loop ran steps that no look has seen; -1: unknown.
        self.steps_age_ns = -1

    def note_turn(self, left_age_ns: int, age_ns: int, is_polling: bool) -> None:
        """Takes over how long ago the event loop left what it did at the last look, and began what it does.

        Between the two are other steps and polls. Polls are longer as a rule, and alike.
        """
        if is_polling:
            self.turn_age_ns, self.turn_cpu_side = left_age_ns, -1
        elif self.lane.is_polling:
            self.turn_age_ns, self.turn_cpu_side = age_ns, 1
        else:
            self.turn_age_ns = (left_age_ns + age_ns) // 2
        self.steps_age_ns = (left_age_ns + age_ns) // 2
        self.lane.is_polling = is_polling

    def finish(self) -> None:
        """Takes over what was found; call it when `lane` is renewed."""
        self.now = (self.lane.stack, self.lane.task)
        self.is_changed = self.now != self.before and self.before[0] > 0

    def is_still(self) -> bool:
        """Tells whether the thread has not moved since the tick before, as far as its CPU time can tell."""
        return not self.is_changed and (self.cpu_ns is None or self.cpu_ns < _LITTLE_CPU_NS)

    def place(self, age_ns: int) -> Place:
        """Returns stack and task lane for the part of the interval that ended `age_ns` ago."""
        return self.now if self.since_ns > age_ns else self.before

    def part_cpu_ns(self, age_ns: int, part_ns: int, weight_ns: int) -> int | None:
        """Returns the CPU time of a part of the interval, from what the whole of it took."""
        if self.cpu_ns is None or weight_ns <= 0:
            return self.cpu_ns
        side = 1 if self.since_ns > age_ns else -1
        if self.cpu_side == 0 or self.since_ns in (0, weight_ns):
            return self.cpu_ns * part_ns // weight_ns
        if self.cpu_side != side:
            return 0
        length = self.since_ns if side == 1 else weight_ns - self.since_ns
        return self.cpu_ns * part_ns // length


class Transitions:
    """Divides intervals, and learns which stacks compute and which wait."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._rates: dict[int, float] = {}

    def settle(self, looks: list[Look], lateness_ns: int, weight_ns: int) -> list[int]:
        """Sets `since_ns` of all; returns at which ages (ns before now) the interval is divided.

        The last of them is 0. `weight_ns` is the interval, `lateness_ns` the wait for the GIL in it.
        """
        forced_ns = lateness_ns if lateness_ns >= sys.getswitchinterval() * 1e9 else 0
        movers = [look for look in looks if look.is_changed]
        total_cpu_ns = sum(look.cpu_ns or 0 for look in looks)
        for look in looks:
            is_alone = total_cpu_ns - (look.cpu_ns or 0) < weight_ns * _LITTLE
            look.cpu_share = (look.cpu_ns or 0) / total_cpu_ns if total_cpu_ns else 1.0
            look.since_ns = weight_ns
            if not look.is_changed:
                self._learn(look, weight_ns)
            elif 0 <= look.turn_age_ns < weight_ns:
                look.since_ns, look.cpu_side, look.is_certain = look.turn_age_ns, look.turn_cpu_side, True
            elif not self._place_by_cpu(look, weight_ns, lateness_ns if is_alone else 0):
                look.since_ns = _since_ns(look, forced_ns, weight_ns, is_alone)
            look.lane.note_run(look.cpu_ns, forced_ns, is_alone)
        if not forced_ns and lateness_ns > _TIMER_SLACK_NS:
            for look in _releasing(movers, lateness_ns):
                look.since_ns = look.cpu_side = 0
        return _ages(movers, weight_ns)

    def _learn(self, look: Look, weight_ns: int) -> None:
        if look.cpu_ns is None or weight_ns < _LEAST_LEARNT_NS:
            return
        if len(self._rates) > _MAX_RATES:
            self._rates.clear()
        rate = look.cpu_ns / weight_ns
        stack = look.now[0]
        self._rates[stack] = (self._rates.get(stack, rate) + rate) / 2

    def _place_by_cpu(self, look: Look, weight_ns: int, kept_ns: int) -> bool:
        """Sets `since_ns` when one side of the change is known to wait and the other may compute.

        `kept_ns` is how long this thread, and no other, kept the GIL from the sampler just before. A busy
        machine gives a computing thread less CPU time than that.
        """
        cpu_ns = look.cpu_ns
        if cpu_ns is None:
            return False
        before, now = self._rates.get(look.before[0]), self._rates.get(look.now[0])
        was_waiting = before is not None and before < _LITTLE
        is_waiting = now is not None and now < _LITTLE
        if was_waiting == is_waiting:
            return False
        if is_waiting:
            look.cpu_side = -1
            look.since_ns = weight_ns - _computing_ns(look, before, weight_ns)
            if kept_ns > _TIMER_SLACK_NS and cpu_ns > weight_ns * _LITTLE:
                look.since_ns = 0
            return True
        if now is None and cpu_ns < weight_ns * _LITTLE:
            return False
        look.cpu_side = 1
        look.since_ns = min(max(_computing_ns(look, now, weight_ns), kept_ns), weight_ns)
        return True


def _computing_ns(look: Look, rate: float | None, weight_ns: int) -> int:
    """Returns the time in which a stack of this rate used the CPU time of the interval."""
    expected = look.cpu_share if rate is None else rate
    return min(int((look.cpu_ns or 0) / max(expected, _LEAST_RATE)), weight_ns)


def _since_ns(look: Look, forced_ns: int, weight_ns: int, is_alone: bool) -> int:
    cpu_ns = look.cpu_ns
    if look.is_at_entry and forced_ns > _BEYOND_INTERVALS * sys.getswitchinterval() * 1e9:
        # What kept the GIL was no call but, say, the freeing of a large list, and it is over.
        return 0
    if look.lane.was_at_call_end and (forced_ns or cpu_ns is None):
        return weight_ns
    has_stopped = look.lane.was_running and not forced_ns
    if has_stopped and is_alone and cpu_ns is not None and cpu_ns < weight_ns * _MOST:
        look.cpu_side = -1
        return weight_ns - cpu_ns
    # With others running, the wait may have been for them.
    certain_ns = forced_ns if is_alone else 0
    return min(max(weight_ns // 2, certain_ns), weight_ns)


def _releasing(movers: list[Look], lateness_ns: int) -> list[Look]:
    """Returns the threads that may have let go of the GIL just now, of those not placed by CPU time.

    Nothing tells which one it was: a thread seen elsewhere than before that used the CPU, and
    either the only one or one that used it all the while the sampler waited.
    """
    ran = [look for look in movers if look.cpu_side == 0 and look.cpu_ns != 0 and not look.is_certain]
    if len(ran) > 1:
        ran = [look for look in ran if look.cpu_ns is None or look.cpu_ns > lateness_ns * _MOST]
    return ran


def _ages(movers: list[Look], weight_ns: int) -> list[int]:
    ages = {look.since_ns for look in movers if look.since_ns < weight_ns} | {0}
    if len(ages) > _MAX_PARTS:
        for look in movers:
            look.since_ns, look.cpu_side = weight_ns // 2, 0
        ages = {weight_ns // 2, 0}
    return sorted(ages, reverse=True)
