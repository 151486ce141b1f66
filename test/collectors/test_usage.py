"""What the kernel counts is written where it is much, and the program finds its own modules."""

import os
import sys
import unittest

from support import ProgramTest

PAGE_COUNT = 20_000


@unittest.skipUnless(sys.platform.startswith("linux"), "reads what Linux counts")
class UsageTest(ProgramTest):
    def record(self, program):
        self.write("u.py", program)
        self.assertEqual(self.run_python("u.py", env=self.environment()), (0, "", ""))
        self.assertEqual(self.log(), "")
        (recording,) = self.recordings()
        return recording

    def test_fresh_pages_are_counted_while_they_are_touched(self):
        recording = self.record(f"""
import mmap
for _ in range(5):
    with mmap.mmap(-1, {PAGE_COUNT} * mmap.PAGESIZE) as memory:
        if hasattr(mmap, "MADV_NOHUGEPAGE"):
            memory.madvise(mmap.MADV_NOHUGEPAGE)
        for offset in range(0, len(memory), mmap.PAGESIZE):
            memory[offset] = 1
""")
        self.assertGreater(sum(usage["minor"] for usage in recording.usages), PAGE_COUNT)
        self.assertGreater(sum(usage["kernel"] for usage in recording.usages), 0)

    def test_a_module_of_the_programs_own_is_found_where_ours_was(self):
        self.write("resource.py", "name = 'the program has its own'\n")
        self.record("import resource, sys\nassert resource.name, resource\n")

    def test_a_limit_is_read_from_the_groups_file(self):
        from pyrolens_collect import usage

        folder = os.path.join(self.folder, "group", "one")
        os.makedirs(folder)
        self.write("group/one/cpu.stat", "nr_throttled 3\nthrottled_usec 5000\n")
        listed = self.write("listed", "4:memory:/elsewhere\n0::/one\n")
        file, roots = usage._GROUP_FILE, usage._ROOTS
        self.addCleanup(setattr, usage, "_GROUP_FILE", file)
        self.addCleanup(setattr, usage, "_ROOTS", roots)
        usage._GROUP_FILE, usage._ROOTS = listed, (os.path.join(self.folder, "group"),)
        self.assertEqual(usage._throttled_ns(), (os.path.join(folder, "cpu.stat"), 5_000_000))


if __name__ == "__main__":
    unittest.main()
