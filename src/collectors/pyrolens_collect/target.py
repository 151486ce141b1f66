"""Runs a program as if Python had been started with it, from a launcher that is `__main__` before."""

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
_LAUNCHER_FOLDER = os.path.dirname(_OWN_FOLDER)


def prepare(words: list[str]) -> Callable[[], Callable[[], object]]:
    """Sets `sys.argv` and `sys.path[0]` and makes `__main__`, as `python` followed by `words` would.

    `words` begins with a script, `-m NAME` or `-c CODE`. Returns a function that loads the program and
    returns another one that runs it. Loading raises OSError and SyntaxError, as reading and compiling do.
    """
    # The launcher's module must live on: the names in it are cleared with it.
    _KEPT.append(sys.modules["__main__"])
    if words[0] == "-m" and len(words) > 1:
        return _prepare_module(words[1], words[2:])
    if words[0] == "-c" and len(words) > 1:
        return _prepare_code(words[1], words[2:])
    return _prepare_script(words)


def _prepare_script(words: list[str]) -> Callable[[], Callable[[], object]]:
    # Absolute, as since Python 3.9.
    path = os.path.abspath(words[0])
    # Python takes the folder behind a symbolic link to the script.
    _set_command_line(words, os.path.dirname(os.path.realpath(path)))
    module = _make_main(__file__=path, __loader__=importlib.machinery.SourceFileLoader("__main__", path))

    def load() -> Callable[[], object]:
        with io.open_code(path) as file:
            return _function(file.read(), path, module)

    return load


def _prepare_code(text: str, arguments: list[str]) -> Callable[[], Callable[[], object]]:
    _set_command_line(["-c", *arguments], "")
    module = _make_main(__loader__=importlib.machinery.BuiltinImporter)
    if sys.version_info >= (3, 14):
        import textwrap

        text = textwrap.dedent(text)
    if sys.version_info >= (3, 13):
        import linecache

        # Tracebacks show the lines of such code since then.
        linecache.cache["<string>"] = (len(text), None, text.splitlines(True), "<string>")
    return lambda: _function(text, "<string>", module)


def _prepare_module(name: str, arguments: list[str]) -> Callable[[], Callable[[], object]]:
    # Python leaves its own option in place of the path while it looks for the module.
    _set_command_line(["-m", *arguments], os.getcwd())
    module = _make_main()

    def run() -> object:
        import runpy

        # What `python -m` itself calls, but for the `exec` beneath the program.
        try:
            _, spec, code = runpy._get_module_details(name, runpy._Error)
        except runpy._Error as error:
            sys.exit(f"{sys.executable}: {error}")
        sys.argv[0] = spec.origin
        facts = {"__file__": spec.origin, "__loader__": spec.loader, "__package__": spec.parent}
        if "__cached__" in module.__dict__:
            facts["__cached__"] = spec.cached
        module.__dict__.update(facts, __spec__=spec)
        return types.FunctionType(code, module.__dict__)()

    # A package is imported on the way to its module: that is part of the program.
    return lambda: run


def _set_command_line(argv: list[str], first_path: str) -> None:
    sys.argv[:] = argv
    if not getattr(sys.flags, "safe_path", False) and sys.path:
        sys.path[0] = first_path


def _make_main(**facts: object) -> types.ModuleType:
    module = types.ModuleType("__main__")
    module.__dict__.update(__builtins__=sys.modules["builtins"], **facts)
    # Names that come and go with Python's versions, and are empty in a program that is run by name.
    for name, empty in (("__cached__", None), ("__annotations__", {})):
        if name in vars(_KEPT[0]):
            module.__dict__[name] = empty
    sys.modules["__main__"] = module
    return module


def _function(source: str | bytes, path: str, module: types.ModuleType) -> Callable[[], object]:
    """A function made of the program's code has no `exec` beneath it that a profiler would count."""
    code: CodeType = compile(source, path, "exec", dont_inherit=True)
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
    return os.path.dirname(path) == _LAUNCHER_FOLDER or path.startswith(_OWN_FOLDER + os.sep)


def _without_launcher(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and is_own_file(os.path.abspath(trace.tb_frame.f_code.co_filename)):
        trace = trace.tb_next
    return trace


_KEPT: list[types.ModuleType] = []
