"""Bytes held by lines whose sizes are known: for the recorders of memory."""

import json
import os

SIZES = {"large": 24_000_000, "middle": 12_000_000, "small": 4_000_000}


def keep(size):
    return bytearray(size)


first = keep(SIZES["large"])  # truth: large
second = [keep(SIZES["middle"] // 12) for _ in range(12)]  # truth: middle
third = bytes(SIZES["small"])  # truth: small

total = sum(SIZES.values())
truth = []
with open(__file__, encoding="utf-8") as source:
    for number, text in enumerate(source, 1):
        name = text.strip().rpartition("# truth: ")[2]
        if name in SIZES:
            truth.append(
                {
                    "line": number,
                    "file": os.path.abspath(__file__),
                    "name": name,
                    "shareOfRun": SIZES[name] / total,
                }
            )
print(json.dumps({"truth": truth, "durationNs": total}), flush=True)
