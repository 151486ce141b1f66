"""What becomes of the noted calls, a hundred times a second, and the chunks they are gathered in."""

from __future__ import annotations

import gc
import os
import sys
import time
from _collections import deque
from _thread import get_ident, get_native_id
from itertools import chain
from operator import sub

from pyrolens_collect import stream
from pyrolens_collect.gc_pauses import GcPauses
from pyrolens_collect.json_text import to_json
from pyrolens_collect.process_facts import has_unsafe_interpreters
from pyrolens_collect.records import CALL_STACK, CALLS, FOLDED, GC, Records, add_varint
from pyrolens_collect.stacks import Stacks
from pyrolens_collect.threads import ThreadLanes, active_threads
from pyrolens_collect.trace_clock import clock_ns, monotonic_shift_ns
from pyrolens_collect.trace_codes import FIRST_FUNCTION, TraceCodes
from pyrolens_collect.trace_events import BEGIN, PORTION, RESUME, EventLog
from pyrolens_collect.trace_heat import TraceHeat
from pyrolens_collect.trace_numbers import LARGEST, to_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from pyrolens_collect.errors import ErrorLog
    from pyrolens_collect.trace_monitoring import Monitoring
    from pyrolens_collect.trace_profile import ProfileHook

_FLUSH_NS = 250_000_000
_FLUSH_BYTES = 1 << 20
# While there is something to write, program and writer take turns of this length: longer ones cost less,
# but leave more unwritten when the program ends suddenly, and in memory.
_SWITCH_INTERVAL_S = 0.05
# Who waited for the GIL before gets it once after all, and keeps it as long: what is to be folded goes on.
_ADAPTIVE_INTERVAL_S = 0.02
_MAX_FUNCTIONS = 200_000
_STACK_TRIES = 5
_BUDGET_MESSAGE = "The trace reached its limit of {} MB, and ends there."
_CODE_MESSAGE = "The program makes functions without end; the trace ends where it had made {}."
_REPLACED_MESSAGE = (
    "The program set a profile function of its own: its main thread is traced only until then."
)


class Tracer:
    """Records one process. Its owner calls `tick` and `finish` under a lock."""

    def __init__(
        self,
        file: stream.ChunkFile,
        log: ErrorLog,
        cwd: str,
        hooks: Monitoring | ProfileHook,
        events: EventLog,
        *,
        is_adaptive: bool,
        budget_mb: int,
    ) -> None:
        """Call it in the main thread."""
        self._file = file
        self._log = log
        self._hooks = hooks
        self._events = events
        self._budget_mb = budget_mb
        self._records = self.make_records()
        self._stacks = Stacks(self._records, cwd)
        self._codes = TraceCodes(self._stacks)
        self._heat = TraceHeat() if is_adaptive else None
        self._threads = ThreadLanes(self._records, get_ident(), get_native_id())
        self._pauses = GcPauses()
        self._shift_ns = monotonic_shift_ns()
        self._own_thread = 0
        self._now_ns = self._base_ns = clock_ns()
        self._event_count = 0
        # Threads whose next event is of a function that is folded already.
        self._surplus: set[int] = set()
        self.ending_facts: dict[str, object] = {}
        self.is_open = True
        self.cpu_ns = 0

    def make_records(self) -> Records:
        """Returns where records are gathered."""
        return Records()

    def attach(self) -> None:
        """Begins; the calls that go on are on the stack of the calling thread."""
        self._pauses.attach()

    def begin_inside(self, codes: list[CodeType]) -> None:
        """Notes the calls that go on already, in a forked child."""
        for code in getattr(self._hooks, "folded", ()):
            self._write_folded(code, 0)
        self._write_stack(get_ident(), codes, clock_ns())

    def tick(self, lateness_ns: int = 0) -> None:
        """Writes down what was noted since the last call."""
        self.catch_up()
        if clock_ns() - self._base_ns > _FLUSH_NS or len(self._records) > _FLUSH_BYTES:
            self.flush()
            self._stop_at_limits()

    def catch_up(self) -> None:
        """Makes records of everything that was noted."""
        self._own_thread = get_ident()
        self._now_ns = clock_ns()
        with _Undisturbed(_SWITCH_INTERVAL_S if self._heat is None else _ADAPTIVE_INTERVAL_S):
            self._look()
        self._stacks.describe_files(_nothing)

    def look_again(self) -> None:
        """Nothing is missed between two calls of `tick`."""

    def pause(self) -> None:
        """Notes nothing until `resume`; the clock goes on."""
        self._hooks.detach()

    def resume(self) -> int:
        """Goes on; no time is left out of the clock."""
        self._hooks.attach()
        return 0

    def finish(self, reason: str) -> None:
        """Writes what is left and the end chunk. Callable from any thread; the second call does nothing."""
        if not self.is_open:
            return
        if reason == "exit" and self._hooks.replaced():
            self.ending_facts.setdefault("message", _REPLACED_MESSAGE)
        self._now_ns = clock_ns()
        self._hooks.detach()
        while self._events.items:
            deque(self._take(len(self._events.items)), 0)
        self._write_pauses()
        self.flush()
        self.end_file(to_json(self._ending(reason)).encode())
        self.is_open = False
        self._pauses.detach()

    def end_file(self, ending: bytes) -> None:
        """Writes the last chunk."""
        if self.is_open:
            self._append(stream.END, ending)

    def close(self) -> None:
        """Stops without writing; the hooks stay, for the tracer of a forked child."""
        self.is_open = False
        self._pauses.detach()

    def _look(self) -> None:
        # Before the events are taken, so that those of a thread that has ended are all there.
        alive = set() if has_unsafe_interpreters() else set(sys._current_frames())
        self._take_all()
        self._unfold_slow()
        self._write_pauses()
        self._rename_and_end(alive)

    def _rename_and_end(self, alive: set[int]) -> None:
        active = active_threads()
        for ident in active:
            if ident in self._threads.by_ident:
                self._threads.lane(ident, active)
        if alive:
            self._threads.begin_tick(self._now_ns + self._shift_ns)
            self._threads.end_missing(dict.fromkeys(alive))

    def _take(self, count: int) -> Iterator[list[tuple[list[int], list[int]]]]:
        """Writes the first `count` items that were noted; yields the tokens and times of each portion."""
        for parts in self._events.take(count, self._own_thread):
            threads = []
            for ident, happened, times in parts:
                self._take_thread(ident, happened, times, threads)
            yield threads

    def _take_all(self) -> None:
        """Does so with all, and folds what proves tiny."""
        count = len(self._events.items)
        if self._heat is None:
            deque(self._take(count), 0)
            return
        # Portion by portion: what is folded early does not add to what waits.
        while count > 0:
            for threads in self._take(min(count, PORTION, len(self._events.items))):
                self._fold(self._heat.judge(threads))
            count -= PORTION

    def _take_thread(
        self, ident: int, happened: list[object], times: list[int], threads: list[tuple[list[int], list[int]]]
    ) -> None:
        if ident in self._surplus:
            self._surplus.discard(ident)
            surplus_count = 2 if happened[0] is RESUME else 1
            del happened[:surplus_count], times[:surplus_count]
        begun = self._events.begun.get(ident)
        while begun:
            at = next((index for index, item in enumerate(happened) if item is BEGIN), None)
            if at is None:
                break
            self._write_calls(ident, happened[:at], times[:at], threads)
            tid, name = begun.pop(0)
            self._threads.begin(ident, tid, name, times[at] + self._shift_ns)
            del happened[: at + 1], times[: at + 1]
        self._write_calls(ident, happened, times, threads)

    def _write_calls(
        self, ident: int, happened: list[object], times: list[int], threads: list[tuple[list[int], list[int]]]
    ) -> None:
        if not happened:
            return
        tokens = self._codes.tokens(happened)
        lane = self._lane(ident)
        self._event_count += len(tokens)
        threads.append((tokens, times))
        self.note_calls(lane, tokens, times[-1])
        deltas = list(map(sub, times, chain(times[:1], times)))
        long = _take_long(deltas)
        columns = [to_bytes(tokens), to_bytes(deltas), long]
        sizes = map(len, columns)
        base_ns = times[0] + self._shift_ns
        self._records.add(CALLS, lane, base_ns, len(tokens), *sizes, content=b"".join(columns))

    def note_calls(self, lane: int, tokens: list[int], last_ns: int) -> None:
        """Called with what is written of a lane."""

    def note_stack(self, lane: int, tokens: list[int]) -> None:
        """Called with what is written to be on the stack of a lane."""

    def _lane(self, ident: int) -> int:
        known = self._threads.by_ident.get(ident)
        return (known or self._threads.lane(ident, active_threads())).lane

    def _fold(self, tiny: dict[int, int]) -> None:
        """Switches the calls of tiny functions off, but for those that call themselves."""
        if not tiny or has_unsafe_interpreters():
            return
        nested = self._nested_codes()
        folded = []
        for token in tiny:
            item = self._codes.by_token[token]
            if item not in nested:
                self._hooks.fold(item)
                folded.append(token)
        if folded:
            self._write_stacks()
        for token in folded:
            self._write_folded(self._codes.by_token[token], tiny[token])

    def _nested_codes(self) -> set[CodeType]:
        nested = set()
        for ident, frame in sys._current_frames().items():
            codes = self._hooks.stack(frame) if ident != get_ident() else ()
            seen = set()
            for code in codes:
                (nested if code in seen else seen).add(code)
        return nested

    def _unfold_slow(self) -> None:
        """Notes the calls again of a folded function that is in a long one."""
        if self._heat is None or not self._hooks.folded or has_unsafe_interpreters():
            return
        frames = sys._current_frames()
        frames.pop(get_ident(), None)
        slow = self._hooks.lasting(frames, self._now_ns)
        frames.clear()
        for code, since_ns in slow.items():
            token = self._codes.token(code)
            self._heat.doubt(token)
            self._hooks.unfold(code)
            self._records.add(FOLDED, token - FIRST_FUNCTION, since_ns + self._shift_ns, 0, 0, 0)
        if slow:
            self._write_stacks(min(slow.values()))

    def _write_stacks(self, since_ns: int = 0) -> None:
        """Writes what is on all stacks now, behind the events that led there."""
        for _ in range(_STACK_TRIES):
            count = len(self._events.items)
            frames = sys._current_frames()
            frames.pop(get_ident(), None)
            stacks = {ident: self._hooks.stack(frame) for ident, frame in frames.items()}
            surplus = {ident for ident, frame in frames.items() if self._hooks.is_about_to_note(frame)}
            frames.clear()
            at_ns = clock_ns()
            if len(self._events.items) == count:
                break
        deque(self._take(count), 0)
        self._surplus = surplus
        for ident, codes in stacks.items():
            if ident in self._threads.by_ident:
                self._write_stack(ident, codes, since_ns or at_ns)

    def _write_stack(self, ident: int, codes: list[CodeType], at_ns: int) -> None:
        tokens = [self._codes.token(code) for code in codes]
        lane = self._lane(ident)
        functions = [token - FIRST_FUNCTION for token in tokens]
        self._records.add(CALL_STACK, lane, at_ns + self._shift_ns, len(functions), *functions)
        self.note_stack(lane, tokens)

    def _write_folded(self, item: object, mean_ns: int) -> None:
        token = self._codes.tokens([item])[0]
        calls = self._heat.calls.get(token, 0) if self._heat is not None else 0
        at_ns = self._now_ns + self._shift_ns
        self._records.add(FOLDED, token - FIRST_FUNCTION, at_ns, 1, calls, mean_ns)

    def _write_pauses(self) -> None:
        for started, duration, generation, collected, ident in self._pauses.fetch():
            lane = self._threads.by_ident.get(ident)
            above = 0 if lane is None else lane.lane + 1
            self._records.add(GC, started, duration, generation, collected, above)

    def flush(self) -> None:
        """Hands on what was gathered since the last call."""
        payload = (self._base_ns + self._shift_ns).to_bytes(8, "little") + self._records.take()
        self._base_ns = self._now_ns
        self._append(stream.DATA, payload)

    def _append(self, kind: int, payload: bytes) -> None:
        try:
            self._file.append(kind, payload)
        except OSError as error:
            self._log.write(f"recording ends: {error}")
            self._hooks.detach()
            self.close()

    def _stop_at_limits(self) -> None:
        if not self.is_open:
            return
        if self.is_over_budget():
            self._end_early(_BUDGET_MESSAGE.format(self._budget_mb))
        elif len(self._codes.by_token) > _MAX_FUNCTIONS:
            self._end_early(_CODE_MESSAGE.format(_MAX_FUNCTIONS))

    def is_over_budget(self) -> bool:
        """Tells whether the run has taken what it may take on the disk."""
        return _folder_bytes(os.path.dirname(self._file.path)) > self._budget_mb << 20

    def _end_early(self, message: str) -> None:
        self.ending_facts["message"] = message
        self.finish("budget")

    def _ending(self, reason: str) -> dict[str, object]:
        return {
            **self.ending_facts,
            "reason": reason,
            "monotonicNs": self._now_ns + self._shift_ns,
            "epochNs": time.time_ns(),
            "lookCount": 0,
            "samplerCpuNs": self.cpu_ns,
            "maxLatenessNs": 0,
            "tasksLeftOut": 0,
            "eventCount": self._event_count,
        }


def _take_long(deltas: list[int]) -> bytes:
    """Replaces what cannot be written among the others, and returns it."""
    long = bytearray()
    at = 0
    if max(deltas) >= LARGEST:
        for delta in list(filter(LARGEST.__le__, deltas)):
            add_varint(long, delta)
            at = deltas.index(delta, at)
            deltas[at] = LARGEST
    return bytes(long)


class _Undisturbed:
    """Keeps the GIL, and finalizers of the program's out of our thread.

    A program that calls all the time notes more than can be written while it runs at the same time, and what
    waits takes memory. Nothing inside may give the GIL away: who waits for it would wait for long.
    """

    def __init__(self, switch_interval_s: float) -> None:
        """Whoever has the GIL may keep it for so long."""
        self._keep_s = switch_interval_s

    def __enter__(self) -> None:
        self._was_collecting = gc.isenabled()
        self._interval_s = sys.getswitchinterval()
        gc.disable()
        sys.setswitchinterval(self._keep_s)

    def __exit__(self, *error: object) -> None:
        sys.setswitchinterval(self._interval_s)
        if self._was_collecting:
            gc.enable()


def _folder_bytes(folder: str) -> int:
    """Returns how much all processes of the run have written."""
    size = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".chunks"):
                size += entry.stat().st_size
    return size


def _nothing() -> None:
    """The writer does not mind who runs meanwhile."""
