"""Writes the jobs that were handed to executors, as the sampler's thread finds them."""

from __future__ import annotations

import os

from pyrolens_collect.handoff_clock import PROCESS, Job, in_process
from pyrolens_collect.records import HANDOFF, Records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyrolens_collect.stacks import Stacks
    from pyrolens_collect.tasks import TaskWatch
    from pyrolens_collect.threads import ThreadLanes


class HandoffHooks:
    """The hand-offs of a process. Used by the sampler's thread."""

    def __init__(self, records: Records, stacks: Stacks, threads: ThreadLanes) -> None:
        """Writes into `records`, with functions numbered by `stacks` and lanes by `threads`."""
        self._records = records
        self._stacks = stacks
        self._threads = threads
        self._pid = os.getpid()
        self.failures: list[str] = []
        in_process.forget()

    def write(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Takes over what the program has imported, and writes the jobs that have ended since then."""
        in_process.enter()
        pending = in_process.pending
        for _ in range(len(pending)):
            self._write_job(pending.popleft(), tasks, paused_ns)
        if in_process.failure:
            self.failures.append(in_process.failure)
            in_process.failure = ""

    def finish(self, tasks: TaskWatch | None, paused_ns: int) -> None:
        """Writes the last jobs and ends."""
        self.write(tasks, paused_ns)
        self.close()

    def close(self) -> None:
        """Puts the program's libraries back as they were; in a forked child they go on to be used."""
        if os.getpid() == self._pid:
            in_process.leave()

    def _write_job(self, job: Job, tasks: TaskWatch | None, paused_ns: int) -> None:
        submitted, *later = job.moments
        stages = [after - before for before, after in zip(job.moments, later)]
        function = 0 if job.code is None else self._stacks.function(job.code) + 1
        worker = job.worker if job.kind == PROCESS else self._lane_above(job.worker)
        lanes = (self._lane_above(job.submitter), _task_above(job, tasks))
        place = (function, job.line, worker, submitted - paused_ns)
        sizes = (job.request_bytes, job.result_bytes, len(stages))
        self._records.add(HANDOFF, job.kind, *lanes, *place, *sizes, *stages)

    def _lane_above(self, ident: int) -> int:
        lane = self._threads.by_ident.get(ident)
        return 0 if lane is None else lane.lane + 1


def _task_above(job: Job, tasks: TaskWatch | None) -> int:
    if tasks is None or job.task_ref is None or job.loop_ref is None:
        return 0
    return tasks.lane_above((job.loop_key, job.loop_ref()), job.task_ref, job.task_key)
