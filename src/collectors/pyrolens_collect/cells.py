"""Recording around a notebook cell, in the notebook's own kernel.

IPython compiles each cell under the name of a file that does not exist: `end` tells which texts those are.
"""

from __future__ import annotations

import json
import linecache
import os
import sys
import tempfile

from pyrolens_collect import attach

_CELLS_NAME = "cells.json"
_TEXT_INDEX = 2


def begin(run_dir: str, rate_hz: float, owner_pid: int) -> None:
    """Starts recording into `run_dir`; why not, if not, is in `attach.refused` there."""
    attach.begin(run_dir, rate_hz, owner_pid)


def end(run_dir: str, texts: list[str]) -> None:
    """Ends recording and writes `cells.json`.

    It holds `{"paths": […], "texts": {…}}`: the name under which each of `texts`, the notebook's cells, is
    compiled, and the text of every cell that has run, by that name.
    """
    attach.end(run_dir)
    found = {"paths": [_compiled_name(text) for text in texts], "texts": _texts_of_cells()}
    draft = os.path.join(run_dir, f".{_CELLS_NAME}")
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(found, file)
    os.replace(draft, os.path.join(run_dir, _CELLS_NAME))


def _compiled_name(text: str) -> str | None:
    shell = _shell()
    try:
        return shell.compile.get_code_name(text, text, shell.execution_count)
    except Exception:
        # An IPython that names its cells in another way.
        return None


def _shell() -> object:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _texts_of_cells() -> dict[str, str]:
    root = os.path.join(tempfile.gettempdir(), "ipykernel_")
    return {
        path: "".join(entry[_TEXT_INDEX])
        for path, entry in list(linecache.cache.items())
        if path.startswith(root) and len(entry) > _TEXT_INDEX and not _is_ours(entry[_TEXT_INDEX])
    }


def _is_ours(lines: list[str]) -> bool:
    """Tells whether a text is one of the two calls of these functions, which are run as cells are."""
    return any("from pyrolens_collect import cells" in line for line in lines)
