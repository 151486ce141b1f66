"""Pyrolens' hook: Python imports it at startup because its folder is first in `PYTHONPATH`.

It takes itself away, imports the `sitecustomize` that would have been found without it, and starts the
sampler, or waits until a tool looks at the program from outside. When there is no other `sitecustomize`,
the ImportError that `site` expects in that case is raised, so that the program cannot tell the difference.
"""

import os
import sys


def _remove_own_folder():
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    return folder


def _run_hook(collectors, name, function, argument):
    """Must not raise: what goes wrong is written down in the run folder, if that is possible."""
    try:
        module = _load(collectors, name)
        if function:
            getattr(module, function)(argument)
    except Exception as error:
        _log(argument, f"the hook failed: {type(error).__name__}: {error}")


def _load(collectors, name):
    writes_nothing = sys.dont_write_bytecode
    # Compiling our modules at each start would cost more than all the rest together.
    sys.dont_write_bytecode = False
    sys.path.insert(0, collectors)
    try:
        return __import__(f"pyrolens_collect.{name}", fromlist=[name])
    finally:
        sys.path.remove(collectors)
        sys.dont_write_bytecode = writes_nothing


def _recorder():
    if os.environ.get("PYROLENS_MEMORY"):
        return "memory_recording"
    if os.environ.get("PYROLENS_TRACE"):
        return "trace_recording"
    return "hook_recording" if os.environ.get("PYROLENS_HOOKS") == "only" else "lifecycle"


def _log(run_dir, text):
    try:
        with open(os.path.join(run_dir, "collector.log"), "a", encoding="utf-8") as file:
            file.write(f"pid {os.getpid()} {text}\n")
    except OSError:
        pass


def _import_next():
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: F401


_collectors = os.path.dirname(_remove_own_folder())
try:
    _import_next()
finally:
    if os.environ.get("PYROLENS_GATE_DIR"):
        if os.environ.get("PYROLENS_RUN_DIR"):
            # At the gate already: loading is not the program's time.
            _run_hook(_collectors, _recorder(), None, os.environ["PYROLENS_RUN_DIR"])
        _run_hook(_collectors, "start_gate", "wait", os.environ["PYROLENS_GATE_DIR"])
    if os.environ.get("PYROLENS_RUN_DIR"):
        _run_hook(_collectors, _recorder(), "start_in_process", os.environ["PYROLENS_RUN_DIR"])
