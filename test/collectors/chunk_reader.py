"""An independent reader of `src/collectors/FORMAT.md`, for tests and for the accuracy driver.

Written from the format's description alone; shares no code with the writer.
"""

from __future__ import annotations

import glob
import json
import os
import sys
import zlib
from dataclasses import dataclass, field
from typing import Any

WAIT_KINDS = ("lock", "reentrant lock", "shared lock", "signal", "join", "holds a shared lock")
GENERATOR_FLAGS = {1: "coroutine", 2: "generator", 4: "async generator"}


@dataclass
class Frame:
    """One location of a stack."""

    function: str
    file: str
    line: int
    end_line: int
    column: int
    end_column: int
    first_line: int
    flags: int


@dataclass
class Lane:
    """A thread or task."""

    kind: str
    parent: int | None
    identity: int
    tid: int
    names: list[str]
    ended_ns: int | None = None

    @property
    def name(self) -> str:
        """Returns the newest name."""
        return self.names[-1]


@dataclass
class Sample:
    """One lane at one tick, weighing the time since the tick before."""

    at_ns: int
    weight_ns: int
    lane: int
    stack: list[Frame]
    is_suspended: bool
    cpu_ns: int | None
    task: int | None


@dataclass
class Recording:
    """Everything in one stream file."""

    path: str
    pid: int = 0
    meta: dict[str, Any] = field(default_factory=dict)
    end: dict[str, Any] | None = None
    lanes: dict[int, Lane] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    ticks: list[tuple[int, int]] = field(default_factory=list)
    pauses: list[dict[str, int]] = field(default_factory=list)
    files: dict[str, tuple[int, int]] = field(default_factory=dict)
    loop_steps: list[dict[str, Any]] = field(default_factory=list)
    loop_delays: list[dict[str, Any]] = field(default_factory=list)
    loop_rounds: list[dict[str, int]] = field(default_factory=list)
    loop_seconds: list[dict[str, int]] = field(default_factory=list)
    handoffs: list[dict[str, Any]] = field(default_factory=list)
    waits: list[dict[str, Any]] = field(default_factory=list)
    missed_wakes: list[dict[str, Any]] = field(default_factory=list)
    usages: list[dict[str, int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    # A tracer's records in their order: ("calls", lane, [(function name or None, at)]), ("stack", lane, at,
    # names), ("begun", lane, at, names) and ("folded", name, at, is folded, calls, mean).
    trace: list[tuple] = field(default_factory=list)

    @property
    def duration_ns(self) -> int:
        """Returns the time all ticks stand for."""
        return sum(weight for _, weight in self.ticks)

    def lane_named(self, name: str) -> Lane:
        """Returns the lane that had this name at some time."""
        return next(lane for lane in self.lanes.values() if name in lane.names)


def read_run(run_dir: str, prefix: str = "samples") -> list[Recording]:
    """Reads all stream files of a sort in a run folder, in the order of their starts."""
    paths = glob.glob(os.path.join(glob.escape(run_dir), f"{prefix}-*.chunks"))
    return sorted((read(path) for path in paths), key=lambda r: r.meta.get("monotonicNs", 0))


def read(path: str) -> Recording:
    """Reads one stream file; damage ends in `problems`."""
    with open(path, "rb") as file:
        content = file.read()
    recording = Recording(path)
    if content[:8] != b"PYROLENS" or content[8:10] != b"\1\0":
        recording.problems.append("no header")
        return recording
    recording.pid = int.from_bytes(content[12:16], "little")
    decoder = _Decoder(recording)
    offset = 16
    while offset < len(content):
        size = int.from_bytes(content[offset : offset + 4], "little")
        payload = content[offset + 12 : offset + 12 + size]
        if len(payload) < size or offset + 12 > len(content):
            recording.problems.append(f"truncated at {offset}")
            break
        if zlib.crc32(payload) != int.from_bytes(content[offset + 8 : offset + 12], "little"):
            recording.problems.append(f"checksum at {offset}")
        else:
            decoder.chunk(content[offset + 4], payload)
        offset += 12 + size
    return recording


class _Decoder:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.strings: dict[int, str] = {}
        self.functions: dict[int, tuple[str, str, int, int]] = {}
        self.locations: dict[int, Frame] = {}
        self.stacks: dict[int, list[Frame]] = {-1: []}
        self.payload = b""
        self.offset = 0
        self.now_ns = 0
        # Lanes that have events, or a stack from before.
        self.begun: set[int] = set()

    def chunk(self, kind: int, payload: bytes) -> None:
        if kind == 1:
            self.recording.meta = json.loads(payload)
        elif kind == 3:
            self.recording.end = json.loads(payload)
        elif kind == 2:
            self.payload, self.offset = payload, 8
            self.now_ns = int.from_bytes(payload[:8], "little")
            while self.offset < len(payload):
                self.record()

    def record(self) -> None:
        tag = self.payload[self.offset]
        self.offset += 1
        getattr(self, f"record_{tag}")()

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.payload[self.offset]
            self.offset += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def numbers(self, count: int) -> list[int]:
        return [self.number() for _ in range(count)]

    def record_1(self) -> None:
        identity, size = self.numbers(2)
        text = self.payload[self.offset : self.offset + size]
        self.offset += size
        assert identity not in self.strings, "a string id was used twice"
        self.strings[identity] = text.decode("utf-8")

    def record_2(self) -> None:
        identity, name, file, line, flags = self.numbers(5)
        assert identity not in self.functions, "a function id was used twice"
        self.functions[identity] = (self.strings[name], self.strings[file], line, flags)

    def record_3(self) -> None:
        identity, function, line, end_line, column, end_column = self.numbers(6)
        name, file, first_line, flags = self.functions[function]
        self.locations[identity] = Frame(
            name, file, line, end_line, column - 1, end_column - 1, first_line, flags
        )

    def record_4(self) -> None:
        identity, parent, location = self.numbers(3)
        self.stacks[identity] = [*self.stacks[parent - 1], self.locations[location]]

    def record_5(self) -> None:
        identity, kind, parent, key, tid, name = self.numbers(6)
        assert identity not in self.recording.lanes, "a lane id was used twice"
        above = parent - 1 if parent else None
        kinds = ("thread", "task")
        self.recording.lanes[identity] = Lane(kinds[kind], above, key, tid, [self.strings[name]])

    def record_6(self) -> None:
        delta, count = self.numbers(2)
        self.now_ns += delta
        self.recording.ticks.append((self.now_ns, delta))
        for _ in range(count):
            self.sample(delta)

    def sample(self, delta: int) -> None:
        lane, stack, state, cpu = self.numbers(4)
        task = self.number() if state & 2 else None
        assert lane in self.recording.lanes, "a sample of an undefined lane"
        self.recording.samples.append(
            Sample(
                self.now_ns,
                delta,
                lane,
                self.stacks[stack - 1],
                bool(state & 1),
                cpu - 1 if cpu else None,
                task,
            )
        )

    def record_7(self) -> None:
        keys = ("start", "duration", "generation", "collected", "lane")
        self.recording.pauses.append(dict(zip(keys, self.numbers(5))))

    def record_8(self) -> None:
        name, modified, size = self.numbers(3)
        self.recording.files[self.strings[name]] = (modified, size)

    def record_9(self) -> None:
        lane, name = self.numbers(2)
        self.recording.lanes[lane].names.append(self.strings[name])

    def record_10(self) -> None:
        lane, ended = self.numbers(2)
        assert self.recording.lanes[lane].ended_ns is None, "a lane ended twice"
        self.recording.lanes[lane].ended_ns = ended

    def record_11(self) -> None:
        self.numbers(2)

    def record_48(self) -> None:
        keys = ("lane", "start", "duration", "cpu", "delay", "ready", "task", "function")
        self.recording.loop_steps.append(self.of_task(dict(zip(keys, self.numbers(8)))))

    def record_49(self) -> None:
        keys = ("lane", "start", "delay", "task", "function")
        self.recording.loop_delays.append(self.of_task(dict(zip(keys, self.numbers(5)))))

    def record_50(self) -> None:
        keys = ("lane", "start", "duration", "steps", "cpu", "delayed", "ready")
        self.recording.loop_rounds.append(dict(zip(keys, self.numbers(7))))

    def record_51(self) -> None:
        keys = ("lane", "start", "duration", "rounds", "steps", "busy", "polled", "cpu")
        more = ("longest", "longest_delay", "ready")
        self.recording.loop_seconds.append(dict(zip(keys + more, self.numbers(11))))

    def record_52(self) -> None:
        keys = ("kind", "lane", "task", "function", "line", "worker", "start", "request", "result", "stages")
        record = self.of_task(dict(zip(keys, self.numbers(10))))
        record["stages"] = self.numbers(record["stages"])
        self.recording.handoffs.append(record)

    def record_53(self) -> None:
        keys = ("lane", "kind", "start", "duration", "object", "name", "holder", "function", "line")
        record = dict(zip(keys, self.numbers(9)))
        record["kind"] = WAIT_KINDS[record["kind"]]
        record["name"] = self.strings[record["name"]]
        self.recording.waits.append(self.of_holder(record))

    def record_54(self) -> None:
        keys = ("lane", "start", "duration", "holder", "function", "line")
        self.recording.missed_wakes.append(self.of_holder(dict(zip(keys, self.numbers(6)))))

    def record_55(self) -> None:
        keys = ("lane", "end", "duration", "kernel", "minor", "major", "throttled")
        self.recording.usages.append(dict(zip(keys, self.numbers(7))))

    def of_holder(self, record: dict[str, Any]) -> dict[str, Any]:
        lane, function = record["holder"], record["function"]
        record["lane"] = self.recording.lanes[record["lane"]].name
        record["holder"] = self.recording.lanes[lane - 1].name if lane else None
        record["function"] = self.functions[function - 1][0] if function else None
        return record

    def of_task(self, record: dict[str, Any]) -> dict[str, Any]:
        task, function = record["task"], record["function"]
        record["task"] = self.recording.lanes[task - 1].name if task else None
        record["function"] = self.functions[function - 1][0] if function else None
        return record

    def record_32(self) -> None:
        lane, at_ns, count, *sizes = self.numbers(6)
        columns = []
        for size in sizes:
            columns.append(self.payload[self.offset : self.offset + size])
            self.offset += size
        tokens, deltas = ([ord(c) for c in text.decode("utf-8", "surrogatepass")] for text in columns[:2])
        assert len(tokens) == len(deltas) == count, "columns of different lengths"
        end, self.payload, self.offset = (self.payload, self.offset), columns[2], 0
        events = []
        for token, delta in zip(tokens, deltas):
            at_ns += self.number() if delta == 0x10FFFF else delta
            name = self.functions[token - 2][0] if token > 1 else ("exit", "resume")[token]
            events.append((token, name, at_ns))
        self.payload, self.offset = end
        self.begun.add(lane)
        self.recording.trace.append(("calls", lane, events))

    def record_33(self) -> None:
        lane, at_ns, depth = self.numbers(3)
        names = [self.functions[function][0] for function in self.numbers(depth)]
        self.recording.trace.append(("stack", lane, at_ns, names))

    def record_35(self) -> None:
        lane, at_ns, depth = self.numbers(3)
        names = [self.functions[function][0] for function in self.numbers(depth)]
        assert lane not in self.begun, "what had begun stands behind events"
        self.begun.add(lane)
        self.recording.trace.append(("begun", lane, at_ns, names))

    def record_34(self) -> None:
        function, at_ns, is_folded, calls, mean_ns = self.numbers(5)
        name = self.functions[function][0]
        self.recording.trace.append(("folded", name, at_ns, is_folded, calls, mean_ns))


def line_shares(recording: Recording) -> dict[tuple[str, int], float]:
    """Returns for each (file, line) the share of the run during which some lane was inside it."""
    inside: dict[tuple[str, int], int] = {}
    by_tick: dict[int, set[tuple[str, int]]] = {}
    weights: dict[int, int] = {}
    for sample in recording.samples:
        lines = by_tick.setdefault(sample.at_ns, set())
        lines.update((frame.file, frame.line) for frame in sample.stack)
        weights[sample.at_ns] = sample.weight_ns
    for at_ns, lines in by_tick.items():
        for line in lines:
            inside[line] = inside.get(line, 0) + weights[at_ns]
    whole = recording.duration_ns or 1
    return {line: value / whole for line, value in inside.items()}


def main() -> None:
    """Prints the line shares of each process of a run folder as one JSON line."""
    processes = []
    for recording in read_run(sys.argv[1]):
        shares = [
            {"file": file, "line": line, "share": share}
            for (file, line), share in line_shares(recording).items()
        ]
        overhead = (recording.end or {}).get("samplerCpuNs", 0) / (recording.duration_ns or 1)
        processes.append(
            {
                "pid": recording.pid,
                "lines": shares,
                "problems": recording.problems,
                "durationNs": recording.duration_ns,
                "tickCount": len(recording.ticks),
                "samplerShare": overhead,
            }
        )
    print(json.dumps(processes))


if __name__ == "__main__":
    main()
