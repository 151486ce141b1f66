"""Where a change of stack is placed between two ticks."""

import unittest

import support  # noqa: F401

from pyrolens_collect.interval_parts import IntervalParts
from pyrolens_collect.transitions import Look, Transitions

MS = 1_000_000


class FakeLane:
    """The part of a thread's lane that transitions look at."""

    def __init__(self):
        self.stack, self.task = 1, None
        self.lane = 0
        self.was_running = self.was_at_call_end = self.is_polling = False

    def note_run(self, cpu_ns, forced_ns, is_alone):
        pass


class TransitionsTest(unittest.TestCase):
    def setUp(self):
        self.transitions = Transitions()

    def learn(self, stack, cpu_ms, ms=20):
        """Has a thread stay at a stack for a while."""
        lane = FakeLane()
        lane.stack = stack
        look = Look(lane, cpu_ms * MS)
        look.finish()
        self.transitions.settle([look], 0, ms * MS)

    def look(self, cpu_ms, is_moved=True, **state):
        lane = FakeLane()
        vars(lane).update(state)
        look = Look(lane, None if cpu_ms is None else cpu_ms * MS)
        lane.stack = 2 if is_moved else 1
        look.finish()
        return look

    def parts(self, looks, lateness_ms, weight_ms=20):
        """Returns of the first look the milliseconds at the old and new stack, and the CPU of both."""
        weight = weight_ms * MS
        ages = self.transitions.settle(looks, int(lateness_ms * MS), weight)
        spent, used = {1: 0, 2: 0}, {1: 0, 2: 0}
        began = weight
        for age in ages:
            stack = looks[0].place(age)[0]
            spent[stack] += (began - age) / MS
            used[stack] += (looks[0].part_cpu_ns(age, began - age, weight) or 0) / MS
            began = age
        return (spent[1], spent[2]), (used[1], used[2])

    def test_an_unmoved_thread_has_the_whole_interval(self):
        self.assertEqual(self.parts([self.look(5, is_moved=False)], 0), ((20, 0), (5, 0)))

    def test_a_move_without_evidence_is_put_in_the_middle(self):
        self.assertEqual(self.parts([self.look(0)], 0), ((10, 10), (0, 0)))
        self.assertEqual(self.parts([self.look(None)], 0)[0], (10, 10))

    def test_a_function_entered_after_a_long_instruction_gets_nothing(self):
        look = self.look(20)
        look.is_at_entry = True
        self.assertEqual(self.parts([look], 9)[0], (20, 0))

    def test_a_function_entered_within_the_switch_interval_is_no_evidence(self):
        look = self.look(20)
        look.is_at_entry = True
        self.assertEqual(self.parts([look], 5.2)[0], (10, 10))

    def test_a_short_interval_teaches_nothing(self):
        self.learn(1, 0, ms=1)
        self.assertEqual(self.parts([self.look(15)], 12)[0], (8, 12))

    def test_a_call_that_has_just_begun_gets_nothing(self):
        self.assertEqual(self.parts([self.look(20)], 3), ((20, 0), (20, 0)))

    def test_from_known_waiting_to_computing(self):
        self.learn(1, 0)
        self.assertEqual(self.parts([self.look(15)], 12), ((5, 15), (0, 15)))

    def test_from_computing_to_known_waiting(self):
        self.learn(2, 0)
        self.assertEqual(self.parts([self.look(6)], 0), ((6, 14), (6, 0)))

    def test_a_busy_machine_gives_less_cpu_time_than_the_gil_was_kept(self):
        self.learn(1, 0)
        self.assertEqual(self.parts([self.look(4)], 12), ((8, 12), (0, 4)))
        self.learn(2, 0)
        self.learn(1, 20)
        self.assertEqual(self.parts([self.look(14, was_running=True)], 7)[0], (20, 0))

    def test_computing_beside_others_takes_longer_than_its_cpu_time(self):
        self.learn(1, 10)
        self.learn(2, 0)
        self.assertEqual(self.parts([self.look(6)], 0), ((12, 8), (6, 0)))

    def test_without_cpu_times_the_wait_alone_is_certain(self):
        self.assertEqual(self.parts([self.look(None)], 12)[0], (8, 12))

    def test_work_that_went_over_to_waiting(self):
        self.assertEqual(self.parts([self.look(6, was_running=True)], 0), ((6, 14), (6, 0)))

    def test_after_a_long_calls_end_comes_something_else(self):
        state = {"was_running": True, "was_at_call_end": True}
        self.assertEqual(self.parts([self.look(20, **state)], 10)[0], (0, 20))

    def test_with_several_running_threads_cpu_times_prove_nothing(self):
        looks = [self.look(10), self.look(10, is_moved=False)]
        self.assertEqual(self.parts(looks, 0), ((10, 10), (5, 5)))

    def turned(self, left_ms, began_ms, is_polling, was_polling):
        """A look at a thread whose event loop left what it did, and turned to what it does, so long ago."""
        look = self.look(20, is_polling=was_polling)
        look.note_turn(left_ms * MS, began_ms * MS, is_polling)
        return look

    def test_the_clock_of_a_loop_knows_when_a_step_began(self):
        look = self.turned(9, 6, is_polling=False, was_polling=True)
        self.assertEqual(self.parts([look], 12), ((14, 6), (0, 20)))

    def test_the_clock_of_a_loop_knows_when_a_step_was_over(self):
        # Since then the loop has polled, run a short step of something else, and polls again.
        look = self.turned(9, 6, is_polling=True, was_polling=False)
        self.assertEqual(self.parts([look], 0), ((11, 9), (20, 0)))

    def test_between_two_steps_the_middle_is_taken(self):
        look = self.turned(9, 5, is_polling=False, was_polling=False)
        self.assertEqual(self.parts([look], 0)[0], (13, 7))

    def test_what_a_loop_did_before_the_interval_places_nothing(self):
        look = self.turned(25, 22, is_polling=False, was_polling=False)
        self.assertEqual(self.parts([look], 0)[0], (10, 10))

    def task_parts(self, looks, *task):
        """Returns the milliseconds of a task's samples in an interval of 20 ms; its lane is 7."""
        ages = self.transitions.settle(looks, 0, 20 * MS)
        parts = IntervalParts(looks, [(7, 0, 0, *task)], ages, 20 * MS)
        began, spent = 20 * MS, {}
        for age in parts.ages:
            _, samples = parts.samples(age, began - age)
            for sample in (b"before", b"after"):
                spent[sample] = spent.get(sample, 0) + samples.count(sample) * (began - age) / MS
            began = age
        return spent[b"before"], spent[b"after"]

    def test_a_task_changes_when_its_loop_runs(self):
        look = self.look(0, is_moved=False, is_polling=True)
        look.note_turn(7 * MS, 7 * MS, True)
        self.assertEqual(self.task_parts([look], b"before", b"after"), (13, 7))

    def test_a_task_that_ends_has_no_more_than_it_was_there(self):
        look = self.look(0, is_moved=False, is_polling=True)
        look.note_turn(7 * MS, 7 * MS, True)
        self.assertEqual(self.task_parts([look], b"before", b""), (13, 0))

    def test_a_task_that_ran_is_suspended_from_the_end_of_its_step_on(self):
        look = self.look(20, is_polling=False, task=7)
        look.lane.task = None
        look.note_turn(9 * MS, 2 * MS, True)
        look.finish()
        self.assertEqual(self.task_parts([look], b"", b"after"), (0, 9))

    def test_without_a_clock_a_task_changes_with_its_thread(self):
        self.assertEqual(self.task_parts([self.look(20, is_moved=False)], b"before", b"after"), (0, 20))
        self.assertEqual(self.task_parts([self.look(20)], b"before", b"after"), (10, 10))

    def test_parts_never_lose_time(self):
        looks = [self.look(cpu) for cpu in (1, 5, 9, 13, 17)]
        (before, after), _ = self.parts(looks, 6)
        self.assertEqual(before + after, 20)


if __name__ == "__main__":
    unittest.main()
