"""Functions that stand in for the standard library's; `functools` would be loaded for nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Function = TypeVar("Function", bound=Callable[..., object])


def looks_like(original: Callable[..., object]) -> Callable[[Function], Function]:
    """Returns a decorator that gives a function the name, module and description of another one."""

    def dress(function: Function) -> Function:
        for attribute in ("__name__", "__qualname__", "__module__", "__doc__"):
            setattr(function, attribute, getattr(original, attribute, None))
        return function

    return dress
