"""Starts the call counter: `count_calls.py SCRIPT|-m MODULE|-c CODE [ARGS]`, result in `PYROLENS_RUN_DIR`."""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    sys.path.insert(0, _FOLDER)
    from pyrolens_collect import call_counts

    sys.path.remove(_FOLDER)
    call_counts.main(sys.argv[1:])
