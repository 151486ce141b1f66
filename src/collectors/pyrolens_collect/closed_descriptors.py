"""Tells that a program is about to close descriptors that a tool in it has opened, as daemons do with all."""

from __future__ import annotations

import os

from pyrolens_collect.look_alike import looks_like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LINKS = "/proc/self/fd"


def tell(is_tools: Callable[[str], bool], give_up: Callable[[], None]) -> None:
    """Has `give_up` called before `os.close` or `os.closerange` close a descriptor of the tool's (Linux).

    `is_tools` is asked with what the descriptor's link says.
    """
    if not os.path.isdir(_LINKS):
        return

    def spare(numbers: Iterable[object]) -> None:
        if any(is_tools(_link(number)) for number in numbers):
            give_up()

    close, close_range = os.close, os.closerange

    @looks_like(close)
    def telling_close(fd: int) -> None:
        spare((fd,))
        close(fd)

    @looks_like(close_range)
    def telling_close_range(fd_low: int, fd_high: int, /) -> None:
        spare(number for number in map(int, os.listdir(_LINKS)) if fd_low <= number < fd_high)
        close_range(fd_low, fd_high)

    os.close, os.closerange = telling_close, telling_close_range


def _link(number: object) -> str:
    try:
        return os.readlink(f"{_LINKS}/{number}")
    except OSError:
        return ""
