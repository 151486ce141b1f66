"""What a lock is, and what it tells of itself: its kind, whether it is taken, and by whom."""

from __future__ import annotations

import sys
from _thread import RLock, allocate_lock

from pyrolens_collect.static_values import NOTHING, static_attribute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from pyrolens_collect.lock_places import Expression

PLAIN, REENTRANT, SHARED = range(3)
LockType = type(allocate_lock())
_OWNER = "owner="


def kind_of(lock: object) -> int | None:
    """Returns PLAIN, REENTRANT or, for one that processes share, SHARED; None for anything else."""
    if type(lock) is LockType:
        return PLAIN
    if type(lock) is RLock:
        return REENTRANT
    return None if shared_name(lock) is None else SHARED


def is_taken(lock: object) -> bool:
    """Tells whether somebody has it, where that can be asked; True elsewhere."""
    return lock.locked() if type(lock) is LockType else True


def owner_of(lock: object) -> int | None:
    """Returns the ident of the thread that has a lock, which only reentrant ones know."""
    if type(lock) is not RLock:
        return None
    text = RLock.__repr__(lock)
    at = text.find(_OWNER)
    owner = text[at + len(_OWNER) :].split(" ", 1)[0] if at >= 0 else ""
    return int(owner) if owner.isdigit() and owner != "0" else None


def shared_name(lock: object) -> str | None:
    """Returns by what all processes know a lock of multiprocessing; None for anything else.

    It has a name until all have it; where processes are forked, it lies at one address in all of them.
    """
    module = sys.modules.get("multiprocessing.synchronize")
    if module is None or type(lock) not in (getattr(module, "Lock", None), getattr(module, "RLock", None)):
        return None
    inner = static_attribute(lock, "_semlock")
    name, handle = getattr(inner, "name", None), getattr(inner, "handle", None)
    if type(name) is str:
        return name
    return f"lock {handle:#x}" if type(handle) is int else None


def name_of(frame: FrameType, expression: Expression, owner: object) -> str:
    """Returns how people know a lock: `Account.mutex`, `cache.lock`, or a local variable's name."""
    if expression.attributes:
        last = expression.attributes[-1]
        kind = owner if type in type.__dict__["__mro__"].__get__(type(owner)) else type(owner)
        if owner is NOTHING:
            return last
        name = owner.__name__ if type(owner) is type(sys) else type.__dict__["__qualname__"].__get__(kind)
        return f"{name}.{last}"
    if expression.scope == 0:
        return expression.name
    return f"{frame.f_globals.get('__name__', '')}.{expression.name}"
