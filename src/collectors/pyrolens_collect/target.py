"""Runs a script as if Python had been started with it, from a launcher that is `__main__` before."""

from __future__ import annotations

import importlib.machinery
import io
import os
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, TracebackType

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__))
_LAUNCHER = os.path.join(os.path.dirname(_OWN_FOLDER), "count_calls.py")


def prepare(arguments: list[str]) -> tuple[str, types.ModuleType]:
    """Sets `sys.argv` and `sys.path[0]` and makes `__main__`; returns the script's path and `__main__`.

    `arguments` begins with the script, as `sys.argv` does. The path is absolute, as since Python 3.9.
    """
    path = os.path.abspath(arguments[0])
    sys.argv[:] = arguments
    if not getattr(sys.flags, "safe_path", False) and sys.path:
        # Python takes the folder behind a symbolic link to the script.
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    # The launcher's module must live on: the names in it are cleared with it.
    _KEPT.append(sys.modules["__main__"])
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __file__=path,
        __spec__=None,
        __package__=None,
        __loader__=importlib.machinery.SourceFileLoader("__main__", path),
        __builtins__=sys.modules["builtins"],
    )
    # Names that come and go with Python's versions, and are empty in a script that is run by name.
    for name, empty in (("__cached__", None), ("__annotations__", {})):
        if name in vars(_KEPT[0]):
            module.__dict__[name] = empty
    sys.modules["__main__"] = module
    return path, module


def load(path: str, module: types.ModuleType) -> Callable[[], object]:
    """Compiles the script and returns a function that runs it in `module`.

    A function made of the script's code has no `exec` beneath it that a profiler would count. Raises
    OSError and SyntaxError, as reading and compiling do.
    """
    with io.open_code(path) as file:
        code: CodeType = compile(file.read(), path, "exec", dont_inherit=True)
    return types.FunctionType(code, module.__dict__)


def hide_launcher(error: BaseException) -> None:
    """Makes Python print the coming traceback of `error` without the launcher's frames.

    The exception travels on to the interpreter, which alone does all that ending with it entails: the
    hook, the exit code, dying by SIGINT.
    """
    hook = sys.excepthook

    def show(kind: type, value: BaseException, trace: TracebackType | None) -> None:
        sys.excepthook = hook
        value.__traceback__ = sys.last_traceback = _without_launcher(trace)
        hook(kind, value, value.__traceback__)

    if not isinstance(error, SystemExit):
        sys.excepthook = show


def is_own_file(path: str) -> bool:
    """Tells whether a file belongs to the collectors."""
    return path == _LAUNCHER or path.startswith(_OWN_FOLDER + os.sep)


def _without_launcher(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and is_own_file(os.path.abspath(trace.tb_frame.f_code.co_filename)):
        trace = trace.tb_next
    return trace


_KEPT: list[types.ModuleType] = []
