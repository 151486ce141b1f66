"""Lets a program measure itself: which share of its run it spent at the lines marked `# truth:`.

    began = truth.now()
    digest = hashlib.sha256(block)  # truth: hashing computing
    truth.add("hashing", began)

The marker names the line and its kind. Stretches of the same name are united over threads and tasks, so a
share is the part of the run's wall clock during which at least one of them was at the line.
"""

from __future__ import annotations

import json
import os
import re
import time

_MARKER = re.compile(r"# truth: (\w+) (computing|waiting)")


class Truth:
    """The measurements of one program, from its making to `report`."""

    def __init__(self, file: str) -> None:
        """`file` is the program's own `__file__`."""
        self._file = os.path.abspath(file)
        self._stretches: dict[str, list[tuple[int, int]]] = {}
        self._began = self.now()

    @staticmethod
    def now() -> int:
        """Returns the clock all measurements use, in nanoseconds."""
        return time.perf_counter_ns()

    def add(self, name: str, began: int) -> None:
        """Notes a stretch from `began` until now. Callable from any thread."""
        self._stretches.setdefault(name, []).append((began, self.now()))

    def is_before(self, seconds: float) -> bool:
        """Tells whether the program has run for less than this long."""
        return self.now() - self._began < seconds * 1e9

    def report(self) -> None:
        """Prints the measurements as one JSON line."""
        duration = self.now() - self._began
        truth = []
        for line, (name, kind) in self._marked_lines():
            share = _united(self._stretches.get(name, [])) / duration
            row = {"line": line, "file": self._file, "name": name, "shareOfRun": share}
            truth.append({**row, "kind": kind})
        print(json.dumps({"truth": truth, "durationNs": duration}), flush=True)

    def _marked_lines(self) -> list[tuple[int, tuple[str, str]]]:
        with open(self._file, encoding="utf-8") as source:
            found = [(number, _MARKER.search(text)) for number, text in enumerate(source, 1)]
        return [(number, (match[1], match[2])) for number, match in found if match]


def _united(stretches: list[tuple[int, int]]) -> int:
    total = 0
    end_of_last = 0
    for began, ended in sorted(stretches):
        total += max(0, ended - max(began, end_of_last))
        end_of_last = max(end_of_last, ended)
    return total
