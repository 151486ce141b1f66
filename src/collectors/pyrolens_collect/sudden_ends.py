"""Ends that `atexit` never hears of: a program leaves by `os._exit`, or becomes another one by `os.exec…`.

The three functions of `os` that all ways lead through are exchanged for ones that tell first. Nobody can tell
of a crash and of SIGKILL.
"""

from __future__ import annotations

import os

from pyrolens_collect.look_alike import looks_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn


def tell(finish: Callable[[], None]) -> None:
    """Has `finish` called before this process, or a forked child of it, ends so. It must not raise.

    A program that goes on because the system refuses to become the other one has been told of all the same.
    """
    leave = os._exit

    @looks_like(leave)
    def _exit(status: int) -> NoReturn:
        finish()
        leave(status)

    os._exit = _exit
    # `os.execvp` and the others call these two; Windows has them too.
    os.execv = _telling(os.execv, finish)
    os.execve = _telling(os.execve, finish)


def _telling(become: Callable[..., NoReturn], finish: Callable[[], None]) -> Callable[..., NoReturn]:
    @looks_like(become)
    def telling(path: object, *args: object, **named: object) -> NoReturn:
        # `os.execvp` tries one folder of PATH after the other.
        if _can_be_run(path):
            finish()
        become(path, *args, **named)

    return telling


def _can_be_run(path: object) -> bool:
    try:
        return isinstance(path, int) or os.access(path, os.X_OK)
    except (TypeError, ValueError):
        return False
