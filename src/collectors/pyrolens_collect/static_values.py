"""Reads variables and attributes of the program without running any of its code.

What a lookup would find by running something, a property or a `__getattr__`, is not found here. Values are
only compared and never kept.
"""

from __future__ import annotations

import sys

from pyrolens_collect.lock_places import GLOBAL, LOCAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from pyrolens_collect.lock_places import Expression

NOTHING = object()
_OPTIMIZED = 0x1
_HAS_SNAPSHOTS = sys.version_info < (3, 13)
# The frame's own, the variable here and the argument.
_OWN_REFERENCES = 3


class _Slotted:
    __slots__ = ("slot",)


# `types` has names for them, and is a module that programs may not have imported.
_MemberDescriptor, _GetSetDescriptor = type(_Slotted.__dict__["slot"]), type(type.__dict__["__dict__"])
_mro_of = type.__dict__["__mro__"].__get__
_dict_of = type.__dict__["__dict__"].__get__


def value_of(frame: FrameType, expression: Expression) -> tuple[object, object]:
    """Returns an expression's value in a frame, and what its last attribute was taken from; else NOTHING."""
    value = owner = _variable(frame, expression)
    for name in expression.attributes:
        if value is NOTHING:
            break
        owner, value = value, static_attribute(value, name)
    return value, owner


def local_value(frame: FrameType, name: str) -> object:
    """Returns a local variable, or one of an outer function; NOTHING when it has no value."""
    if frame.f_trace is not None:
        # A debugger may be about to write its own view of the variables back.
        return NOTHING
    variables = frame.f_locals
    try:
        return variables.get(name, NOTHING)
    finally:
        if _HAS_SNAPSHOTS and frame.f_code.co_flags & _OPTIMIZED:
            _forget(frame, variables)


def static_attribute(owner: object, name: str) -> object:
    """Returns what a plain attribute holds; NOTHING when there is none, or when code would have to run."""
    kind = type(owner)
    found = _in_classes(kind, name)
    if type(found) is _MemberDescriptor:
        try:
            return found.__get__(owner, kind)
        except AttributeError:
            return NOTHING
    values = instance_dict(owner)
    if values is not None and name in values:
        return values[name]
    if type in _mro_of(kind):
        found = _in_classes(owner, name)
    return found if _in_classes(type(found), "__get__") is NOTHING else NOTHING


def instance_dict(owner: object) -> dict[str, object] | None:
    """Returns the dict with an object's attributes, None when it has no plain one."""
    kind = type(owner)
    holder = _in_classes(kind, "__dict__")
    if type(holder) not in (_MemberDescriptor, _GetSetDescriptor):
        return None
    values = holder.__get__(owner, kind)
    return values if type(values) is dict else None


def _variable(frame: FrameType, expression: Expression) -> object:
    name = expression.name
    if expression.scope == LOCAL:
        return local_value(frame, name)
    if expression.scope != GLOBAL and name in frame.f_locals:
        return frame.f_locals[name]
    for namespace in (frame.f_globals, frame.f_builtins):
        if type(namespace) is dict and name in namespace:
            return namespace[name]
    return NOTHING


def _in_classes(kind: type, name: str) -> object:
    for one in _mro_of(kind):
        values = _dict_of(one)
        if name in values:
            return values[name]
    return NOTHING


def _forget(frame: FrameType, variables: dict[str, object]) -> None:
    """Up to 3.12 looking makes a copy of the variables, which would keep their values alive."""
    if sys.getrefcount(variables) > _OWN_REFERENCES + 1:
        # The program has asked for `locals()` itself, and kept them.
        return
    code = frame.f_code
    for name in code.co_varnames + code.co_cellvars + code.co_freevars:
        variables.pop(name, None)
