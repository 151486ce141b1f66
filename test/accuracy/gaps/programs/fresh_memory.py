"""Memory is touched for the first time, page by page; later a file that must come from the disk, mapped."""

import mmap
import os
import resource
import tempfile

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
PAGE = mmap.PAGESIZE
FRESH_SIZE = 256 << 20
FILE_SIZE = 64 << 20


def usage():
    """CPU seconds in the program and in the kernel, and pages that came from the disk, of this thread."""
    facts = resource.getrusage(resource.RUSAGE_THREAD)
    return facts.ru_utime, facts.ru_stime, facts.ru_majflt


def touch(memory, size):
    for offset in range(0, size, PAGE):  # fresh
        memory[offset] = 1  # fresh


def touch_fresh():
    with mmap.mmap(-1, FRESH_SIZE) as memory:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        (began, (user_before, kernel_before, _)) = now(), usage()
        touch(memory, FRESH_SIZE)
        ended, (user, kernel, _) = now(), usage()
    user_s, kernel_s = user - user_before, kernel - kernel_before
    is_fault = kernel_s > user_s and user_s + kernel_s > (ended - began) * 0.6e-9
    truth.add("run.fault" if is_fault else "unsettled", began, ended, victim="fresh", role="culprit")


def look_up(memory, places):
    return sum(memory[place] for place in places)  # cold


def read_cold(file):
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as memory:
        memory.madvise(mmap.MADV_RANDOM)
        (began, (*_, before)) = now(), usage()
        look_up(memory, range(0, FILE_SIZE, 16 * PAGE))
        ended, (*_, after) = now(), usage()
    is_cold = after - before >= FILE_SIZE // (32 * PAGE)
    truth.add("mem.major" if is_cold else "unsettled", began, ended, victim="cold", role="culprit")


for _ in range(10):
    touch_fresh()
with tempfile.NamedTemporaryFile() as cold_file:
    cold_file.write(bytes(FILE_SIZE))
    cold_file.flush()
    os.fsync(cold_file.fileno())
    for _ in range(10):
        read_cold(cold_file)
truth.write()
