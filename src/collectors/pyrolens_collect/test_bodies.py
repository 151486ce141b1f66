"""Records the bodies of tests: short ones again and again, each time with fixtures of its own.

Setting up and tearing down are left out of the recording. A body that takes a millisecond would hardly be
seen by a sampler, so it is repeated until its runs add up to a second, or a hundred times.
"""

from __future__ import annotations

import functools
import inspect
import sys
import time

from pyrolens_collect.lifecycle import recording_in_process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_ENOUGH_BODY_S = 1.0
_MOST_RUNS = 100
# Fixtures may be dear: repeating ends after so long, with whatever has been seen.
_MOST_IN_ALL_S = 10.0
# The sampler must get a word in before a short body is over; normally that takes up to 5 ms.
_SWITCH_INTERVAL_S = 0.0002


class TestBody:
    """One test's body and its runs so far: `with body: …` is one run of it."""

    def __init__(self, runs: BodyRuns) -> None:
        """Counts for `runs`."""
        self._runs = runs
        self._began_s = time.perf_counter()
        self._entered_s = 0.0
        self._body_s = 0.0
        self._run_count = 0
        self._switch_interval_s = 0.0

    def __enter__(self) -> None:
        """Recording goes on."""
        self._switch_interval_s = sys.getswitchinterval()
        sys.setswitchinterval(min(_SWITCH_INTERVAL_S, self._switch_interval_s))
        self._runs.resume()
        # Not before: on a busy machine the sampler's thread takes its time to start and to end.
        self._entered_s = time.perf_counter()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Recording pauses."""
        self._body_s += time.perf_counter() - self._entered_s
        self._runs.pause()
        sys.setswitchinterval(self._switch_interval_s)
        self._run_count += 1
        self._runs.count(is_first=self._run_count == 1)

    def is_worth_repeating(self) -> bool:
        """Tells whether another run would make the picture better; not so when there was none at all."""
        is_short = 0 < self._run_count < _MOST_RUNS and self._body_s < _ENOUGH_BODY_S
        return is_short and time.perf_counter() - self._began_s < _MOST_IN_ALL_S


class BodyRuns:
    """All bodies of a process, and the recording that they are recorded in."""

    def __init__(self) -> None:
        """Without a recording in this process, tests just run."""
        self._recording = recording_in_process()
        self._test_count = 0
        self._run_count = 0

    def resume(self) -> None:
        """A body begins."""
        if self._recording is not None:
            self._recording.resume()

    def pause(self) -> None:
        """A body has ended."""
        if self._recording is not None:
            self._recording.pause()

    def count(self, is_first: bool) -> None:
        """Notes a run of a body; `is_first`: of another test than before."""
        self._test_count += is_first
        self._run_count += 1
        if self._recording is not None:
            self._recording.note(testCount=self._test_count, bodyCount=self._run_count)


def recorded(method: Callable[..., object], body: TestBody) -> Callable[..., object]:
    """Returns a function that does what `method` does while recording goes on.

    A reader of the stream lets stacks begin above it: what runs the tests is not of interest.
    """
    if inspect.iscoroutinefunction(method):

        @functools.wraps(method)
        async def run_recorded_async(*arguments: object, **named: object) -> object:
            with body:
                return await method(*arguments, **named)

        return run_recorded_async

    @functools.wraps(method)
    def run_recorded(*arguments: object, **named: object) -> object:
        with body:
            return method(*arguments, **named)

    return run_recorded
