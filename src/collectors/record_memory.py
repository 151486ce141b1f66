"""Starts a program with its allocations recorded: `record_memory.py TOOL SCRIPT|-m MODULE|-c CODE [ARGS]`.

TOOL is `memray` or `tracemalloc`; the result goes to `PYROLENS_RUN_DIR`.
"""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.path.insert(0, _FOLDER)
    from pyrolens_collect import memory_recording

    sys.path.remove(_FOLDER)
    memory_recording.main(sys.argv[1], sys.argv[2:])
