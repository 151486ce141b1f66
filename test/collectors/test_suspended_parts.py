"""Suspended tasks between two looks: in which parts each counts as waiting, and where."""

import unittest

import support  # noqa: F401

from pyrolens_collect.suspended_parts import SuspendedParts

LOOP = 1
START, END = 1_000, 1_100


class Clock:
    """What the clock of a loop tells at the second look; at the first it polls and has polled 0."""

    def __init__(self, left, polled, long_steps=()):
        self.looks = [(0, 0, True), (left, 0, True)]
        self.polled = [0, polled]
        self.long_steps = list(long_steps)

    def look(self):
        return self.looks.pop(0)

    def polled_until(self, now):
        return self.polled.pop(0)

    def take_long_steps(self):
        return self.long_steps if len(self.polled) == 0 else []


class Loops:
    def __init__(self, clock):
        self.clock = clock

    def clock_of(self, lane):
        return self.clock


def divided(clock, *tasks):
    """Returns the parts of the second interval: how long each is, and what the tasks wait for in it."""
    parts = SuspendedParts(Loops(clock))
    list(parts.divide([(task[0], LOOP, b"", b"", 0) for task in tasks], 0, START))
    rows, begin = [], START
    for end, count, samples in parts.divide([(lane, LOOP, *sides) for lane, *sides in tasks], START, END):
        assert count == len(samples)
        rows.append((end - begin, samples.decode()))
        begin = end
    return rows


class SuspendedPartsTest(unittest.TestCase):
    def test_a_task_that_has_not_run_waits_all_the_time(self):
        self.assertEqual(divided(Clock(1_010, 100), (7, b"a", b"a", 0)), [(100, "a")])

    def test_who_ran_is_not_suspended_for_as_long_as_the_loop_was_busy(self):
        clock = Clock(1_010, 70)
        self.assertEqual(
            divided(clock, (7, b"a", b"b", 77), (8, b"c", b"c", 0)), [(10, "ac"), (30, "c"), (60, "bc")]
        )

    def test_a_long_step_is_its_own_task_s_and_the_rest_is_the_others(self):
        clock = Clock(1_010, 60, [(1_010, 1_040, 77)])
        self.assertEqual(
            divided(clock, (7, b"a", b"b", 77), (8, b"c", b"d", 88)),
            [(10, "ac"), (30, "c"), (10, "b"), (50, "bd")],
        )

    def test_several_that_ran_are_left_out_for_equal_parts(self):
        clock = Clock(1_010, 80)
        self.assertEqual(
            divided(clock, (7, b"a", b"b", 77), (8, b"c", b"d", 88)),
            [(10, "ac"), (10, "c"), (10, "b"), (70, "bd")],
        )

    def test_without_a_clock_it_waits_where_it_was_found(self):
        self.assertEqual(divided(None, (7, b"a", b"b", 77)), [(100, "b")])


if __name__ == "__main__":
    unittest.main()
