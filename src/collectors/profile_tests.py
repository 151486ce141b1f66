"""Runs tests of which only the bodies are recorded: `python profile_tests.py pytest|unittest [ARGS]`.

The hook has to have been told to wait (`PYROLENS_WAITS`), so that collecting the tests is not recorded.
"""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    # As with `python -m pytest` and `python -m unittest`: the working folder is where modules are found.
    sys.path[0] = _FOLDER
    if sys.argv[1] == "pytest":
        from pyrolens_collect import pytest_bodies as runner
    else:
        from pyrolens_collect import unittest_bodies as runner
    sys.path[0] = os.getcwd()
    sys.argv[:] = [sys.argv[1], *sys.argv[2:]]
    sys.exit(runner.main(sys.argv[1:]))
