"""A tracer that keeps the last seconds in memory, and writes them when it is asked to, and at the end.

ticks ──> records ──> ring of the last seconds
file keep-1, keep-2 … in the run folder ──> a whole stream in the folder that it names
the end ──> a whole stream in the run folder, in place of the sign that this process could be asked
"""

from __future__ import annotations

import os
import time

from pyrolens_collect import stream
from pyrolens_collect.json_text import to_json
from pyrolens_collect.keep_requests import KeepRequests
from pyrolens_collect.last_records import LastRecords
from pyrolens_collect.last_segments import LastSegments, Segment
from pyrolens_collect.records import BEGUN, Records
from pyrolens_collect.trace_calls import CompiledCall
from pyrolens_collect.trace_clock import clock_ns
from pyrolens_collect.trace_codes import FIRST_FUNCTION
from pyrolens_collect.trace_open_calls import OpenCalls
from pyrolens_collect.tracer import Tracer


class LastTracer(Tracer):
    """Nothing but an empty file, `keeping-<pid>-<start>`, is written before it is asked."""

    def __init__(
        self, *parts: object, meta: dict[str, object], span_ns: int, limit_mb: int, **more: object
    ) -> None:
        """`parts` and `more` are a `Tracer`'s; `limit_mb` is what the kept events may take in memory."""
        self._last = LastRecords()
        super().__init__(*parts, **more)
        self._meta = meta
        self._span_ns = span_ns
        self._ring = LastSegments(span_ns, limit_mb << 20)
        self._open_calls = OpenCalls(self._is_compiled)
        self._open_at_base: dict[int, tuple[int, ...]] = {}
        self._last_event_ns = self._base_ns
        self._run_dir, self._name = os.path.split(self._file.path)
        self._requests = KeepRequests(self._run_dir)
        sign = self._name.replace("samples-", "keeping-", 1)[: -len(".chunks")]
        self._sign = os.path.join(self._run_dir, sign)

    def make_records(self) -> Records:
        """Returns records that are sorted by how long they are needed."""
        return self._last

    def attach(self) -> None:
        """Begins, and lets it be known that this process can be asked."""
        super().attach()
        try:
            os.close(os.open(self._sign, os.O_CREAT | os.O_WRONLY, 0o644))
        except OSError as error:
            self._log.write(f"cannot be asked to keep the last seconds: {error}")

    def look_again(self) -> None:
        """Answers new requests."""
        for folder in self._requests.take():
            self.catch_up()
            self.flush()
            self._write(folder, to_json(self._ending("kept")).encode())

    def note_calls(self, lane: int, tokens: list[int], last_ns: int) -> None:
        """Follows the stacks: the events that tell what is on them will be dropped."""
        self._open_calls.follow(lane, tokens)
        self._last_event_ns = max(self._last_event_ns, last_ns)

    def note_stack(self, lane: int, tokens: list[int]) -> None:
        """Takes over what was written."""
        self._open_calls.become(lane, tokens)

    def flush(self) -> None:
        """Puts what was gathered into the ring."""
        payload = self._base_bytes(self._base_ns) + self._records.take()
        now_ns = self._now_ns
        self._ring.add(Segment(self._base_ns, self._open_at_base, payload), now_ns)
        # No event that was taken is younger than the stacks.
        self._base_ns = max(now_ns, self._last_event_ns)
        self._open_at_base = self._open_calls.snapshot(lane.lane for lane in self._threads.by_ident.values())
        self._last.forget_lanes(self._ring.began_ns + self._shift_ns)

    def is_over_budget(self) -> bool:
        """Nothing is on the disk."""
        return False

    def end_file(self, ending: bytes) -> None:
        """Writes the last seconds of the process."""
        _forget_ended(self._run_dir, self._span_ns)
        self._write(self._run_dir, ending)
        try:
            os.unlink(self._sign)
        except OSError as error:
            self._log.write(f"still seems to be recording: {error}")

    def _write(self, folder: str, ending: bytes) -> None:
        """Writes a stream under another name, and renames it: who finds it finds all of it."""
        path = os.path.join(folder, self._name)
        draft = os.path.join(folder, f".{self._name}.tmp")
        file = stream.ChunkFile(draft, self._meta["pid"], to_json(self._kept_meta()).encode())
        try:
            file.append(stream.DATA, self._definitions())
            for segment in self._ring:
                file.append(stream.DATA, segment.payload)
            file.append(stream.END, ending)
            os.replace(draft, path)
        except OSError as error:
            self._log.write(f"the last seconds were not kept: {error}")

    def _kept_meta(self) -> dict[str, object]:
        began_ns = self._ring.began_ns
        return {
            **self._meta,
            "monotonicNs": began_ns + self._shift_ns,
            "epochNs": time.time_ns() - (clock_ns() - began_ns),
            "lastNs": self._span_ns,
            "keptNs": self._now_ns + self._shift_ns,
            "cutBy": self._ring.cut_by,
        }

    def _definitions(self) -> bytes:
        """Returns all that the events refer to, and what was on the stacks before them."""
        records = Records()
        for lane, tokens in self._ring.stacks.items():
            functions = [token - FIRST_FUNCTION for token in tokens]
            records.add(BEGUN, lane, self._ring.began_ns + self._shift_ns, len(functions), *functions)
        return self._base_bytes(self._ring.began_ns) + self._last.definitions() + records.take()

    def _base_bytes(self, base_ns: int) -> bytes:
        return (base_ns + self._shift_ns).to_bytes(8, "little")

    def _is_compiled(self, token: int) -> bool:
        return isinstance(self._codes.by_token.get(token), CompiledCall)


def _forget_ended(run_dir: str, span_ns: int) -> None:
    """Deletes what children left that had ended before the last seconds: they may be without number."""
    limit_ns = time.time_ns() - span_ns
    with os.scandir(run_dir) as entries:
        ended = [entry.path for entry in entries if entry.name.endswith(".chunks")]
    for path in ended:
        try:
            if os.stat(path).st_mtime_ns < limit_ns:
                os.unlink(path)
        except OSError:
            # A sibling was faster.
            continue
