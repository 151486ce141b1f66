"""Starts a program with its allocations recorded: `record_memory.py TOOL SCRIPT|-m MODULE|-c CODE [ARGS]`.

TOOL is `memray` or `tracemalloc`; the result goes to `PYROLENS_RUN_DIR`.
"""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.path.insert(0, _FOLDER)
    from pyrolens_collect import launched, memory_table, memray_file

    sys.path.remove(_FOLDER)
    recorders = {"memray": memray_file.MemrayFile, "tracemalloc": memory_table.MemoryTable}
    launched.run(sys.argv[2:], recorders[sys.argv[1]](launched.run_folder()))
