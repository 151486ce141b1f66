"""What a thread waits for, as numbers of the stream (`../FORMAT.md`), and which system calls say so.

The tables are those of the observer (`src/observer/kernel/callKinds.ts`); a test compares them.
"""

from __future__ import annotations

import os
import sys

# `waitReasons` of `src/shared/profile.ts`, in its order.
REASONS = (
    "none",
    "unknown",
    "timer.sleep",
    "sync.lock",
    "sync.mp",
    "rt.gil",
    "sched.runq",
    "sched.frozen",
    "io.poll",
    "ipc.pipe.read",
    "ipc.pipe.write",
    "io.net",
    "io.disk",
    "io.tty",
    "proc.wait",
    "mem.major",
)
# `resourceKinds` there.
OTHER, PIPE, TCP, UDP, UNIX, FILE, TERMINAL, POLL = range(8)
# `transferDirections` there.
NEITHER, READ, WRITE = range(3)

# Numbers on x86-64 and on arm64, -1 where there is none.
CALLS = {
    "sleep": ((35, 101), (230, 115)),
    "futex": ((202, 98),),
    "pollArray": ((7, -1), (271, 73)),
    "select": ((23, -1), (270, 72)),
    "poll": ((232, -1), (281, 22), (441, 441), (426, 426)),
    "read": ((0, 63), (17, 67), (19, 65), (295, 69), (327, 286)),
    "write": ((1, 64), (18, 68), (20, 66), (296, 70), (328, 287), (40, 71)),
    "network": ((42, 203), (43, 202), (288, 242)),
    "socketRead": ((45, 207), (47, 212), (299, 243)),
    "socketWrite": ((44, 206), (46, 211), (307, 269)),
    "disk": (
        (74, 82),
        (75, 83),
        (162, 81),
        (306, 267),
        (277, 84),
        (26, 227),
        (2, -1),
        (257, 56),
        (285, 47),
        (77, 46),
        (326, 285),
        (217, 61),
        (332, 291),
    ),
    "child": ((61, 260), (247, 95), (58, -1), (56, 220), (435, 435)),
    "sharedLock": ((73, 32), (72, 25), (65, 193), (220, 192), (69, 189), (70, 188), (242, 182), (243, 183)),
}
# Calls whose third argument is the number of bytes: read, pread64, recvfrom, write, pwrite64, sendto.
SIZED = frozenset({0, 17, 45, 1, 18, 44}), frozenset({63, 67, 207, 64, 68, 206})
# Calls whose first argument is a file that is synced: fsync, fdatasync.
SYNCING = frozenset({74, 75}), frozenset({82, 83})


def architecture() -> int | None:
    """Returns the column of the tables that holds here; None where the kernel is not known to tell."""
    if not sys.platform.startswith("linux") or sys.maxsize < 1 << 32:
        return None
    return {"x86_64": 0, "aarch64": 1}.get(os.uname().machine)


def kinds_by_number(column: int) -> dict[int, str]:
    """Returns what each system call that may block waits for."""
    rows = ((kind, row[column]) for kind, rows in CALLS.items() for row in rows)
    return {number: kind for kind, number in rows if number >= 0}
