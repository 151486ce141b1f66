"""Learns who ends a wait at a condition: an event, a queue, a semaphore, a future.

A condition of `threading` keeps its waiters in a deque and takes one out when it is notified. Once a thread
was seen waiting, that deque is replaced by one whose `remove` notes who calls it, for one time; then it is a
deque like any other again. No class is changed and nothing is replaced before somebody has waited for long.

The exchange must not fall into somebody's notifying: it is made while the condition's lock is held, and from
taking the lock to giving it back no bytecode runs, so that nobody else can see it taken.
"""

from __future__ import annotations

import sys
from _collections import deque
from _functools import partial
from _operator import methodcaller
from _thread import RLock, get_ident, get_native_id
from time import monotonic_ns

from pyrolens_collect.lock_objects import LockType
from pyrolens_collect.static_values import instance_dict, static_attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_MAX_PENDING = 10_000
_MAX_DEPTH = 12
# Whoever passes a notice on: the line that counts is the one that called them.
_LIBRARIES = ("threading", "queue", "concurrent.futures", "asyncio", "multiprocessing", "pyrolens_collect")
_call = methodcaller("__call__")
_remove = deque.remove


class Notice:
    """Somebody ended the wait of whoever waits at `waiter`."""

    __slots__ = ("at_ns", "code", "line", "notifier", "notifier_tid", "waiter")

    def __init__(self, waiter: object) -> None:
        """Call it in the thread that notifies, beneath `remove`."""
        self.waiter = waiter
        self.at_ns = monotonic_ns()
        # Idents are used again.
        self.notifier, self.notifier_tid = get_ident(), get_native_id()
        self.code, self.line = _notify_place()


class WatchedWaiters(deque):
    """A condition's waiters; tells `notices` who takes the next one out."""

    __slots__ = ("notices",)

    def remove(self, waiter: object) -> None:
        """Takes a waiter out: it was notified, or gave up."""
        _remove(self, waiter)
        self.__class__ = QuietWaiters
        try:
            if len(self.notices) < _MAX_PENDING:
                self.notices.append(Notice(waiter))
        except Exception:
            # Nobody may notice that we looked.
            return


class QuietWaiters(deque):
    """What `WatchedWaiters` become when nobody watches: laid out alike, and as fast as any deque."""

    __slots__ = ("notices",)


def watch(condition: object, notices: deque[Notice]) -> object:
    """Notes the next notice of a condition of `threading`; returns its waiters, None when that cannot be."""
    waiters = static_attribute(condition, "_waiters")
    if isinstance(waiters, (WatchedWaiters, QuietWaiters)):
        waiters.notices = notices
        waiters.__class__ = WatchedWaiters
        return waiters
    if type(waiters) is not deque or not _exchange(condition, waiters):
        return None
    ours = static_attribute(condition, "_waiters")
    if type(ours) is not QuietWaiters:
        return None
    ours.notices = notices
    ours.__class__ = WatchedWaiters
    return ours


def let_go(waiters: object) -> None:
    """Watches no more."""
    waiters.__class__ = QuietWaiters


def _exchange(condition: object, waiters: deque[object]) -> bool:
    """Puts a deque of ours in place of the condition's; False when its lock is taken, or not a plain one."""
    lock = static_attribute(condition, "_lock")
    values = instance_dict(condition)
    if type(lock) not in (LockType, RLock) or values is None or "_waiters" not in values:
        return False
    # Lazy, so that the copy is made when the lock is ours.
    change = zip(("_waiters",), map(QuietWaiters, (waiters,)))
    steps = (partial(lock.acquire, False), partial(values.__ior__, change), lock.release)
    # Stops at the first false answer, which is that of the lock; the last one, of `release`, is None.
    all(map(_call, steps))
    return True


def _notify_place() -> tuple[CodeType | None, int]:
    """Returns the code and line that notified, outside of the libraries that pass it on."""
    frame = sys._getframe(3)
    for _ in range(_MAX_DEPTH):
        if frame is None:
            break
        if not str(frame.f_globals.get("__name__")).startswith(_LIBRARIES):
            return frame.f_code, frame.f_lineno or 0
        frame = frame.f_back
    return None, 0
