"""Records the memory of a program, and of the processes that it starts, each into a file of its own."""

from __future__ import annotations

import os

from pyrolens_collect import launched, process_facts
from pyrolens_collect.memory_table import MemoryTable
from pyrolens_collect.memray_file import MemrayFile

TOOL_VARIABLE = "PYROLENS_MEMORY"
CHILDREN_VARIABLE = "PYROLENS_CHILDREN"

_INJECT_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "inject")


def main(tool: str, words: list[str]) -> None:
    """Runs the program that `words` name, as Python's own command line does, with `tool` recording.

    Processes that are started anew are recorded by tracemalloc only: of a process that it does not start from
    its bottom, memray leaves out the outermost frames.
    """
    run_dir = launched.run_folder()
    follows = os.environ.pop(CHILDREN_VARIABLE, "") == "1"
    if tool == "memray":
        launched.run(words, launched.Saver(MemrayFile(run_dir, follows)))
        return
    if follows:
        _invite(tool)
    launched.run(words, _table_saver(run_dir, follows))


def start_in_process(run_dir: str) -> None:
    """Records this process, which a recorded program has started. Called once, by the hook."""
    if process_facts.is_helper() or not process_facts.is_main_interpreter():
        return
    saver = _table_saver(run_dir, True)
    saver.watch()
    saver.recorder.start()


def _table_saver(run_dir: str, follows_forks: bool) -> launched.Saver:
    table = MemoryTable(run_dir)
    saver = launched.Saver(table)
    if follows_forks:
        saver.follow_forks(table.begin_in_child)
    return saver


def _invite(tool: str) -> None:
    """Has processes that are started from here on load the hook."""
    os.environ[TOOL_VARIABLE] = tool
    path = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([_INJECT_FOLDER, path] if path else [_INJECT_FOLDER])
