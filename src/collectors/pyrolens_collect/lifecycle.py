"""Begins and ends sampling in a process: the thread, exit, the stop file, and fork.

    hook ── start ──> sampler thread ── ticks ──> chunks
                        │ stop file: end chunk «stopped»
    atexit, os._exit, os.exec… ┴ end chunk «exit»
    fork ── before: the thread ends ── parent: a new thread ── child: a new file and thread
    pause ─ the thread ends, the clock stands still ── resume: a new thread

The thread comes from `_thread`, so `threading` does not know it; it holds no lock of the program's.
All waiting for our own lock has a limit: a program must never hang because it is profiled.
"""

from __future__ import annotations

import _thread
import atexit
import os
import sys
import time
from time import monotonic_ns

from pyrolens_collect import process_facts, stream, sudden_ends
from pyrolens_collect.errors import ErrorLog
from pyrolens_collect.fork_warning import ForkWarning
from pyrolens_collect.json_text import to_json
from pyrolens_collect.sampler import Sampler, sampler_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

RUN_DIR_VARIABLE = "PYROLENS_RUN_DIR"
RATE_VARIABLE = "PYROLENS_RATE_HZ"
WAITING_VARIABLE = "PYROLENS_WAITS"
PAUSED_VARIABLE = "PYROLENS_PAUSED_NS"
HOOKS_VARIABLE = "PYROLENS_HOOKS"
STOP_NAME = "stop"

_DEFAULT_RATE_HZ = 100.0
_MAX_RATE_HZ = 1000.0
_STOP_CHECK_NS = 100_000_000
_JITTER = 0.2
# A tick may cost so much of the time at most: deep stacks and many threads are looked at less often. An idle
# virtual processor makes a tick of 20 us one of 300: with 0.03 such machines were looked at too seldom to
# be right (up to 13 points off where 0.06 is up to 4 off).
_MAX_COST_SHARE = 0.06
_SHORTEST_REST_NS = 1_000_000
_LONGEST_REST_NS = 500_000_000
_LOCK_LIMIT_S = 1.0
_THREAD_END_LIMIT_NS = 200_000_000
# Of a forked child that leaves sooner nobody wants a file: most become another program at once.
_SHORTEST_CHILD_NS = 20_000_000


def _nothing() -> None:
    """For recordings whose end nobody waits for."""


def _never() -> bool:
    return False


class Recording:
    """Sampling in this process, from the start to the exit; renewed in forked children."""

    part_prefix = "samples"

    def __init__(self, run_dir: str, rate_hz: float) -> None:
        """Nothing starts before `begin`."""
        self.run_dir = run_dir
        self._rate_hz = rate_hz
        self._log = ErrorLog(run_dir)
        self._sampler: Sampler | None = None
        self._runner: _Runner | None = None
        self._pid = os.getpid()
        self._forked_ns = 0
        self._finalizer: object = None
        self._fork_warning = ForkWarning()
        # How long after `resume` the next tick is due.
        self._rest_ns = 0
        self._is_paused = False
        # Set by the launcher's hook: event loops are measured from inside.
        self.has_hooks = False
        self.max_cost_share = _MAX_COST_SHARE
        self.end_limit_s = _LOCK_LIMIT_S
        # Set by `attach`: called in the sampler thread when the recording is over, and asked now and then
        # whether it is.
        self.on_end: Callable[[], None] = _nothing
        self.is_over: Callable[[], bool] = _never

    def begin(self, is_running: bool = False) -> None:
        """Starts the sampler thread, or writes why this process is not sampled.

        `is_running`: the program has run for a while, and only what it does from now on counts.
        """
        if self._is_stopped() or os.environ.get(WAITING_VARIABLE):
            return
        meta = self.meta()
        file = sampler_file(self.run_dir, meta, self.part_prefix)
        refusal = self.refusal()
        if refusal is not None:
            self._refuse(file, refusal)
            return
        self._pid = os.getpid()
        self._sampler = self.make_sampler(file, meta)
        self._sampler.attach()
        if is_running:
            self._sampler.forget_past()
        self._run()

    def meta(self) -> dict[str, object]:
        """Returns what the file says of this process first."""
        return process_facts.meta(self._rate_hz)

    def interval_ns(self) -> int:
        """Returns the time between ticks."""
        return int(1e9 / self._rate_hz)

    def refusal(self) -> str | None:
        """Returns why this process cannot be recorded; None when it can."""
        return process_facts.refusal()

    def make_sampler(self, file: stream.ChunkFile, meta: dict[str, object]) -> Sampler:
        """Returns what is asked to look, again and again, by a thread of its own."""
        return Sampler(file, self._log, meta["cwd"], _paused_ns(), self.has_hooks)

    def resume(self) -> None:
        """Records from now on, in a process that was told to wait for it; children inherit the state."""
        os.environ.pop(WAITING_VARIABLE, None)
        if self._sampler is None:
            self.begin()
        elif self._is_paused and self._sampler.is_open:
            self._is_paused = False
            os.environ[PAUSED_VARIABLE] = str(self._sampler.resume())
            self._run(self._rest_ns)

    def pause(self) -> None:
        """Leaves out what happens until `resume`, as if the clock stood still."""
        runner, sampler = self._runner, self._sampler
        if runner is not None and sampler is not None and runner.stop():
            self._runner, self._is_paused = None, True
            self._rest_ns = runner.rest_ns()
            sampler.pause()
            # The next runner would take a thread that is still ending for one of the program's.
            runner.wait_until_gone()
        os.environ[WAITING_VARIABLE] = "1"

    def note(self, **facts: object) -> None:
        """Adds facts to the end chunk."""
        if self._sampler is not None:
            self._sampler.ending_facts.update(facts)

    @property
    def is_recording(self) -> bool:
        """Tells whether this process is being sampled."""
        return self._sampler is not None and self._sampler.is_open and self._pid == os.getpid()

    def finish(self, reason: str = "exit") -> None:
        """Writes the end of the stream, when this process has one."""
        if self._is_paused and self._pid == os.getpid():
            self._finish_paused(reason)
            return
        runner, self._runner = self._runner, None
        sampler, self._sampler = self._sampler, None
        if runner is None or sampler is None or self._pid != os.getpid():
            return
        if runner.stop():
            sampler.finish(reason)

    def finish_suddenly(self) -> None:
        """Writes the end before `os._exit` and its like, unless this is a child that has only just begun."""
        if monotonic_ns() - self._forked_ns > _SHORTEST_CHILD_NS:
            self.finish()

    def _finish_paused(self, reason: str) -> None:
        """Needs no thread: an interpreter that shuts down gives none any more."""
        sampler, self._sampler = self._sampler, None
        self._is_paused = False
        if sampler is not None and sampler.is_open:
            sampler.resume()
            sampler.finish(reason)

    def before_fork(self) -> None:
        """Ends the thread: from 3.12 on Python warns of forking with more than one."""
        if self._runner is not None and not self._runner.is_own_thread():
            self._runner.stop()
            self._runner.wait_until_gone()
            self._fork_warning.note_thread_count()

    def after_fork_in_parent(self) -> None:
        """Goes on with a new thread."""
        runner = self._runner
        if runner is not None and not runner.is_own_thread():
            self._run()
            self._fork_warning.expect()

    def after_fork_in_child(self) -> None:
        """Starts anew: another file, and all lanes and definitions from the beginning."""
        sampler, self._sampler, self._runner = self._sampler, None, None
        self._is_paused = False
        self._forked_ns = monotonic_ns()
        if sampler is not None:
            sampler.close()
        self.begin()
        if self._runner is not None:
            self._runner.watch_multiprocessing(self)

    def finish_at_multiprocessing_exit(self) -> None:
        """Asks multiprocessing to end the stream: its children leave without atexit.

        Its table of finalizers is emptied when the child begins, so this is repeated until it holds.
        """
        util = sys.modules.get("multiprocessing.util")
        finalize = getattr(util, "Finalize", None)
        if finalize is None:
            return
        if self._finalizer is None or not self._finalizer.still_active():
            self._finalizer = finalize(None, self.finish, exitpriority=-1000)

    def _run(self, rest_ns: int | None = None) -> None:
        if self._sampler is None or not self._sampler.is_open:
            return
        runner = _Runner(self._sampler, self.interval_ns, self._is_stopped, self._log)
        if rest_ns is not None:
            runner.first_rest_ns = rest_ns
        runner.fork_warning = self._fork_warning
        runner.max_cost_share = self.max_cost_share
        runner.end_limit_s = self.end_limit_s
        runner.on_end = self.on_end
        self._runner = runner
        runner.start()

    def _refuse(self, file: stream.ChunkFile, message: str) -> None:
        now = {"monotonicNs": monotonic_ns(), "epochNs": time.time_ns()}
        zeros = {"lookCount": 0, "samplerCpuNs": 0, "maxLatenessNs": 0, "tasksLeftOut": 0}
        ending = {"reason": "refused", **now, **zeros, "message": message}
        try:
            file.append(stream.END, to_json(ending).encode())
        except OSError as error:
            self._log.write(f"not recorded: {message} ({error})")

    def _is_stopped(self) -> bool:
        return os.path.exists(os.path.join(self.run_dir, STOP_NAME)) or self.is_over()


class _Runner:
    """One run of the sampler thread; a fork needs several in a process."""

    def __init__(
        self,
        sampler: Sampler,
        interval_ns: Callable[[], int],
        is_stopped: Callable[[], bool],
        log: ErrorLog,
    ) -> None:
        self._sampler = sampler
        self._interval_ns = interval_ns
        self.first_rest_ns = interval_ns()
        self._due_ns = 0
        self._is_stopped = is_stopped
        self._log = log
        self._lock = _thread.allocate_lock()
        # Held while the thread shall sleep on; released to wake it before its time.
        self._sleep = _thread.allocate_lock()
        self._sleep.acquire()
        self._is_stopping = False
        self._ident = 0
        self._tid = 0
        self._is_gone = True
        self._random = monotonic_ns() & 0x7FFFFFFF
        self._next_stop_check_ns = 0
        self._multiprocessing_owner: Recording | None = None
        self.fork_warning: ForkWarning | None = None
        self.max_cost_share = _MAX_COST_SHARE
        self.end_limit_s = _LOCK_LIMIT_S
        self.on_end: Callable[[], None] = _nothing

    def start(self) -> None:
        """Starts the thread; a system that has none left is logged."""
        try:
            self._is_gone = False
            self._due_ns = monotonic_ns() + self.first_rest_ns
            self._ident = _thread.start_new_thread(self._loop, ())
        except RuntimeError as error:
            self._is_gone = True
            self._log.write(f"no sampler thread: {error}")

    def stop(self) -> bool:
        """Makes the thread end. Returns True when it does not use the sampler any more.

        False after `end_limit_s`: it hangs in a write to a disk that does not answer.
        """
        self._is_stopping = True
        self._wake()
        is_idle = self._lock.acquire(True, self.end_limit_s)
        if is_idle:
            self._lock.release()
        return is_idle

    def rest_ns(self) -> int:
        """Returns how long after now the next tick would have been due.

        One that is due already was missed by the thread's end: made up for at once, it would always fall on
        what comes first then, so it comes at a random moment of the next interval.
        """
        rest_ns = self._due_ns - monotonic_ns()
        return rest_ns if rest_ns > 0 else self._interval_with_jitter_ns() * self._random >> 31

    def is_own_thread(self) -> bool:
        """Tells whether the caller is the sampler thread: a finalizer of the program's may fork."""
        return _thread.get_ident() == self._ident

    def watch_multiprocessing(self, owner: Recording) -> None:
        """Makes the thread register `owner` with multiprocessing when that is loaded."""
        self._multiprocessing_owner = owner

    def wait_until_gone(self) -> None:
        """Returns when the operating system has no such thread any more, or after 200 ms."""
        limit = monotonic_ns() + _THREAD_END_LIMIT_NS
        while monotonic_ns() < limit and not self._is_gone:
            time.sleep(0.0001)
        # Its id is known only now: it may have been asked to end before it began.
        place = f"/proc/self/task/{self._tid}"
        while monotonic_ns() < limit and os.path.exists(place):
            time.sleep(0.0001)

    def _wake(self) -> None:
        try:
            self._sleep.release()
        except RuntimeError:
            pass

    def _loop(self) -> None:
        try:
            self._tid = _thread.get_native_id()
            self._ident = _thread.get_ident()
            self._tick_until_stopped()
        except Exception as error:
            self._log.write_exception("sampling", error)
            self._sampler.close()
        finally:
            self._is_gone = True
            if not self._sampler.is_open:
                self.on_end()

    def _tick_until_stopped(self) -> None:
        sampler = self._sampler
        cpu_before, cpu = sampler.cpu_ns, 0
        # From due time to due time: a program that computes makes each look late, but not fewer of them.
        due = self._due_ns
        while not self._is_stopping:
            pause_ns = due - monotonic_ns()
            # When it is due already, the GIL has just been won: giving it away would miss a whole call.
            if pause_ns > 0:
                self._sleep.acquire(True, pause_ns / 1e9)
            with self._lock:
                if self._is_stopping or not sampler.is_open:
                    return
                began = monotonic_ns()
                self._tick(max(began - due, 0))
                cost = time.thread_time_ns() - cpu
                cpu += cost
                sampler.cpu_ns = cpu_before + cpu
            due = max(due + self._interval_with_jitter_ns(), began + self._pause_after_ns(cost))
            self._due_ns = due

    def _tick(self, lateness_ns: int) -> None:
        now = monotonic_ns()
        self._sampler.tick(lateness_ns)
        if now < self._next_stop_check_ns:
            return
        self._next_stop_check_ns = now + _STOP_CHECK_NS
        if self.fork_warning is not None:
            self.fork_warning.withdraw()
        if self._multiprocessing_owner is not None:
            self._multiprocessing_owner.finish_at_multiprocessing_exit()
        is_stopped = self._is_stopped()
        self._sampler.look_again()
        if is_stopped:
            self._sampler.finish("stopped")

    def _interval_with_jitter_ns(self) -> int:
        """Returns the time between ticks, with a jitter so as not to beat with the program."""
        self._random = (self._random * 1103515245 + 12345) & 0x7FFFFFFF
        jitter = 1 + _JITTER * (self._random / 0x40000000 - 1)
        return int(self._interval_ns() * jitter)

    def _pause_after_ns(self, cost_ns: int) -> int:
        return min(max(int(cost_ns / self.max_cost_share), _SHORTEST_REST_NS), _LONGEST_REST_NS)


def start_in_process(run_dir: str, kind: type[Recording] = Recording) -> None:
    """Starts recording in this process and its forked children. Called once, by the hook."""
    if process_facts.is_helper() or process_facts.is_runner() or not process_facts.is_main_interpreter():
        return
    recording = kind(run_dir, _rate_hz())
    # Not where recording pauses now and then: what a loop does meanwhile does not count.
    recording.has_hooks = os.environ.get(HOOKS_VARIABLE) != "0" and not os.environ.get(WAITING_VARIABLE)
    _in_process.append(recording)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=recording.before_fork,
            after_in_parent=recording.after_fork_in_parent,
            after_in_child=recording.after_fork_in_child,
        )
    atexit.register(recording.finish)
    sudden_ends.tell(recording.finish_suddenly)
    if not process_facts.is_fork_server():
        recording.begin()


def recording_in_process() -> Recording | None:
    """Returns the recording that the hook has made in this process."""
    return _in_process[0] if _in_process else None


_in_process: list[Recording] = []


def _paused_ns() -> int:
    paused = os.environ.get(PAUSED_VARIABLE, "")
    return int(paused) if paused.isdigit() else 0


def _rate_hz() -> float:
    try:
        rate = float(os.environ.get(RATE_VARIABLE, ""))
    except ValueError:
        return _DEFAULT_RATE_HZ
    return min(max(rate, 1.0), _MAX_RATE_HZ) if rate == rate else _DEFAULT_RATE_HZ
