"""The chunk stream: what is written is what an independent reader reads."""

import json
import os
import tempfile
import unittest

import chunk_reader
import support  # noqa: F401

from pyrolens_collect import stream
from pyrolens_collect.json_text import to_json
from pyrolens_collect.records import GC, TASK_LANE, THREAD_LANE, Records, add_varint


class StreamTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = os.path.join(holder.name, "samples-1-a.chunks")
        self.file = stream.ChunkFile(self.path, 1, b"{}")

    def test_nothing_is_created_before_the_first_chunk(self):
        self.assertFalse(os.path.exists(self.path))

    def test_records_come_back(self):
        records = Records()
        lane = records.lane(THREAD_LANE, None, 77, 5, "Main \udcff ü")
        task = records.lane(TASK_LANE, lane, 0, 0, "t")
        records.rename_lane(task, "renamed")
        records.add(GC, 2**50, 1000, 2, 300, lane + 1)
        samples = bytearray()
        for number in (lane, 0, 2, 1, task):
            add_varint(samples, number)
        records.tick(500, 1, samples)
        self.file.append(stream.DATA, (2**40).to_bytes(8, "little") + records.take())
        self.file.append(stream.END, b'{"reason": "exit"}')
        read = chunk_reader.read(self.path)
        self.assertEqual(read.problems, [])
        self.assertEqual(read.pid, 1)
        self.assertEqual(read.lanes[lane].name, "Main \\udcff ü")
        self.assertEqual(read.lanes[task].names, ["t", "renamed"])
        self.assertEqual(read.lanes[task].parent, lane)
        self.assertEqual(read.pauses[0]["start"], 2**50)
        (sample,) = read.samples
        self.assertEqual((sample.at_ns, sample.weight_ns), (2**40 + 500, 500))
        self.assertEqual((sample.cpu_ns, sample.task, sample.stack), (0, task, []))
        self.assertEqual(read.end["reason"], "exit")

    def test_a_damaged_chunk_and_a_cut_tail_are_named(self):
        for _ in range(3):
            self.file.append(stream.DATA, bytes(8))
        with open(self.path, "r+b") as file:
            content = bytearray(file.read())
            content[16 + 12 + 2 + 12] ^= 1
            file.seek(0)
            file.write(content[:-3])
            file.truncate()
        problems = chunk_reader.read(self.path).problems
        self.assertEqual([problem.split(" at ")[0] for problem in problems], ["checksum", "truncated"])

    def test_a_deleted_folder_is_not_made_anew(self):
        self.file.append(stream.DATA, bytes(8))
        os.unlink(self.path)
        with self.assertRaises(OSError):
            self.file.append(stream.DATA, bytes(8))

    def test_strings_are_defined_once_and_ids_never_used_twice(self):
        records = Records()
        self.assertEqual(records.string("a"), records.string("a"))
        numbers = {records.string(str(number)) for number in range(60_000)}
        self.assertEqual(len(numbers), 60_000)
        self.assertNotIn(records.string("a"), numbers)

    def test_json_equals_the_librarys(self):
        for value in (None, True, -5, 'ü\n"\\\x01\U0001f600\udcff', {"a": [1, "b", {}]}, []):
            self.assertEqual(json.loads(to_json(value)), value)


if __name__ == "__main__":
    unittest.main()
