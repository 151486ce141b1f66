"""cProfile's raw statistics, freed of the launcher, as `pstats` reads them."""

from __future__ import annotations

import marshal
import os

from pyrolens_collect.target import is_own_file
from pyrolens_collect.whole_file import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    Key = tuple[str, int, str]
    Numbers = tuple[int, int, float, float]
    Stats = dict[Key, tuple[int, int, float, float, dict[Key, Numbers]]]

_BUILT_IN = "~"


def without_launcher(stats: Stats, cwd: str) -> Stats:
    """Returns the statistics without our functions and what only they called; files absolute.

    The numbers of an entry are primitive calls, calls, own and total seconds, callers; those of a caller
    are calls, primitive calls, own and total seconds, in this order (the other way round).
    """
    cleaned: Stats = {}
    for key, (primitive, calls, own, total, callers) in stats.items():
        if is_own_file(key[0]):
            continue
        kept = {}
        for caller, numbers in callers.items():
            if not is_own_file(caller[0]):
                kept[_absolute(caller, cwd)] = numbers
            elif key[0] == _BUILT_IN:
                calls, primitive = calls - numbers[0], primitive - numbers[1]
                own, total = own - numbers[2], total - numbers[3]
        if calls > 0 and not _is_switch(key):
            cleaned[_absolute(key, cwd)] = (primitive, calls, own, total, kept)
    return cleaned


def save(stats: Stats, path: str) -> None:
    """Writes the file at once and completely or not at all. Raises OSError."""
    write_whole(path, marshal.dumps(stats))


def _is_switch(key: Key) -> bool:
    """Tells whether it is the call that switched the profiler off."""
    return key[0] == _BUILT_IN and key[2] == "<method 'disable' of '_lsprof.Profiler' objects>"


def _absolute(key: Key, cwd: str) -> Key:
    file, line, name = key
    if file == _BUILT_IN or file.startswith("<") or os.path.isabs(file):
        return key
    return os.path.join(cwd, file), line, name
