"""What waits are for, who has it and who ended them; and that programs do not notice."""

import os
import sys
import unittest

from support import ProgramTest

# `hold` keeps a lock until somebody has been seen waiting for a while.
SLOW = """
import threading, time
def start(function, *args, name="holder"):
    is_inside = threading.Event()
    thread = threading.Thread(target=function, args=(is_inside, *args), name=name)
    thread.start()
    is_inside.wait()
    return thread
def hold(is_inside, lock):
    with lock:
        is_inside.set()
        time.sleep(.25)
"""


class WaitHooksTest(ProgramTest):
    def record(self, program, expected="", **more):
        """Runs a program; returns the recording of its first process."""
        self.write("w.py", SLOW + program)
        result = self.run_python("-W", "ignore", "w.py", env=self.environment(**more))
        self.assertEqual(result, (0, expected, ""))
        self.assertEqual(self.log(), "")
        first, *_ = self.recordings()
        self.assertIsNone(first.end.get("hookFailure"))
        return first

    def waits(self, recording, kind):
        """Returns the main thread's waits of a kind that have a holder, without repetition."""
        seen = []
        for wait in recording.waits:
            facts = (wait["name"], wait["holder"], wait["function"])
            is_meant = wait["kind"] == kind and wait["lane"] == "MainThread" and wait["holder"]
            if is_meant and facts not in seen:
                seen.append(facts)
        return seen

    def test_a_with_on_an_attribute_names_the_lock_and_who_stands_inside(self):
        recording = self.record("""
class Account:
    def __init__(self):
        self.mutex = threading.Lock()
    def enter(self):
        with self.mutex:
            pass
mine, other = Account(), Account()
threads = start(hold, other.mutex, name="other"), start(hold, mine.mutex, name="mine")
mine.enter()
""")
        self.assertEqual(self.waits(recording, "lock"), [("Account.mutex", "mine", "hold")])

    def test_acquire_with_a_limit_and_a_holder_without_with(self):
        recording = self.record("""
lock = threading.Lock()
def take(is_inside):
    lock.acquire()
    try:
        is_inside.set()
        time.sleep(.25)
    finally:
        lock.release()
start(take)
lock.acquire(timeout=5)
lock.release()
""")
        self.assertEqual(self.waits(recording, "lock"), [("__main__.lock", "holder", "take")])

    def test_who_has_released_a_lock_does_not_hold_it(self):
        recording = self.record("""
lock = threading.Lock()
def take(is_inside):
    lock.acquire()
    lock.release()
    is_inside.set()
    time.sleep(.25)
start(take, name="innocent")
start(hold, lock)
with lock:
    pass
""")
        self.assertEqual(self.waits(recording, "lock"), [("__main__.lock", "holder", "hold")])

    def test_a_reentrant_lock_tells_its_owner_wherever_that_is(self):
        recording = self.record("""
lock = threading.RLock()
def take_elsewhere():
    lock.acquire()
def take(is_inside):
    take_elsewhere()
    is_inside.set()
    time.sleep(.25)
    lock.release()
start(take)
with lock:
    pass
""")
        self.assertEqual(self.waits(recording, "reentrant lock"), [("__main__.lock", "holder", None)])

    def test_events_conditions_and_queues_tell_who_notified(self):
        recording = self.record("""
import queue
def signal(is_inside, act):
    is_inside.set()
    time.sleep(.2)
    act()
ready, orders, condition = threading.Event(), queue.Queue(), threading.Condition()
def set_it(): ready.set()
def put_it(): orders.put(1)
def notify_it():
    with condition:
        condition.notify_all()
start(signal, set_it, name="setter"); ready.wait()
start(signal, put_it, name="putter"); orders.get()
start(signal, notify_it, name="notifier")
with condition:
    condition.wait()
""")
        told = [found for found in self.waits(recording, "signal") if found[2] != "hold"]
        told = [
            found for found in told if found[1] in ("setter", "putter", "notifier") and found[2] != "signal"
        ]
        self.assertEqual(
            told,
            [("Event", "setter", "set_it"), ("Queue", "putter", "put_it"), ("", "notifier", "notify_it")],
        )

    def test_giving_up_is_nobodys_doing(self):
        recording = self.record("threading.Event().wait(.1)\n")
        self.assertEqual(self.waits(recording, "signal"), [])

    def test_join_names_the_thread_that_ends(self):
        recording = self.record("""
def rest(is_inside):
    is_inside.set()
    time.sleep(.1)
start(rest, name="rester").join()
""")
        self.assertEqual(self.waits(recording, "join"), [("", "rester", None)])

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_lock_of_processes_has_one_name_in_all_of_them(self):
        self.record("""
import multiprocessing
context = multiprocessing.get_context("fork")
lock, is_inside = context.Lock(), context.Event()
child = context.Process(target=hold, args=(is_inside, lock))
child.start()
is_inside.wait()
with lock:
    pass
child.join()
""")
        first, second = self.recordings()
        waited = {wait["name"] for wait in first.waits if wait["kind"] == "shared lock"}
        held = {wait["name"] for wait in second.waits if wait["kind"] == "holds a shared lock"}
        self.assertTrue(waited & held, (waited, held))

    def test_the_program_does_not_notice(self):
        recording = self.record(
            """
import _thread, collections, copy, pickle, queue
signal, lock = threading.Event(), threading.Lock()
class Sly:
    looked = 0
    @property
    def lock(self):
        Sly.looked += 1
        return lock
    def __getattr__(self, name):
        raise SystemError(name)
def enter(sly):
    before = dict(locals())
    kept = locals()
    with sly.lock:
        pass
    return list(before) == ["sly"] and kept["sly"] is sly
start(hold, lock)
print(enter(Sly()), Sly.looked)
def act(is_inside):
    is_inside.set()
    time.sleep(.1)
    signal.set()
start(act)
signal.wait()
waiters = signal._cond._waiters
print(type(lock) is _thread.allocate_lock().__class__, isinstance(signal, threading.Event))
print(isinstance(waiters, collections.deque), len(waiters), "resource" in __import__("sys").modules)
for one in lock, signal:
    try:
        pickle.dumps(one)
    except TypeError as error:
        print("cannot pickle" in str(error))
signal.clear()
print(signal.wait(.05), len(signal._cond._waiters))
""",
            "True 1\nTrue True\nTrue 0 False\nTrue\nTrue\nFalse 0\n",
        )
        self.assertEqual(self.waits(recording, "lock"), [])

    def test_no_variable_lives_longer_because_somebody_looked(self):
        self.record(
            """
import weakref
lock = threading.Lock()
class Thing: pass
def enter():
    thing = Thing()
    seen = weakref.ref(thing)
    start(hold, lock)
    with lock:
        del thing
        return seen() is None
print(enter())
""",
            "True\n",
        )

    def test_many_threads_pass_work_on_without_a_loss(self):
        self.record(
            """
import queue
there, back = queue.Queue(2), queue.Queue(2)
def work():
    for item in iter(there.get, None):
        if item % 50 == 0: time.sleep(.02)
        back.put(item)
workers = [threading.Thread(target=work) for _ in range(4)]
for worker in workers: worker.start()
def feed():
    for number in range(2000): there.put(number)
    for _ in workers: there.put(None)
feeder = threading.Thread(target=feed); feeder.start()
print(sum(back.get() for _ in range(2000)))
for thread in workers + [feeder]: thread.join()
""",
            f"{sum(range(2000))}\n",
        )

    def test_hooks_can_be_turned_off(self):
        recording = self.record(
            "lock = threading.Lock()\nstart(hold, lock)\nwith lock: pass\n", PYROLENS_HOOKS="0"
        )
        self.assertEqual(recording.waits, [])


class LockPlacesTest(unittest.TestCase):
    def test_every_interpreter_tells_where_locks_are_entered_and_held(self):
        from pyrolens_collect.lock_places import LockPlaces

        def use(self, lock):
            with self.a.lock:
                work()
            work()
            lock.acquire(timeout=1)
            try:
                work()
            finally:
                lock.release()
            with self.make():
                work()

        first = use.__code__.co_firstlineno
        places = LockPlaces().of(use.__code__)
        lines = {
            place.expression.attributes or place.expression.name: held_lines(use.__code__, place)
            for place in places
        }
        self.assertEqual(set(lines), {("a", "lock"), "lock"})
        self.assertIn(first + 2, lines[("a", "lock")])
        self.assertNotIn(first + 3, lines[("a", "lock")])
        self.assertIn(first + 6, lines["lock"])
        self.assertNotIn(first + 10, lines["lock"])


def work():
    """For the code above, which is read and never run."""


def held_lines(code, place):
    """Returns the lines whose calls stand within what a place holds."""
    import dis

    found, line = set(), 0
    for one in dis.get_instructions(code):
        starts = one.starts_line
        if sys.version_info >= (3, 13):
            line = one.line_number or line
        elif starts is not None:
            line = starts
        if one.opname.startswith("CALL") and place.is_held_at(one.offset):
            found.add(line)
    return found


if __name__ == "__main__":
    unittest.main()
