"""Runs code from standard input as a Jupyter kernel does, and answers on descriptor 3."""

import json
import os
import sys

from ipykernel.compiler import XCachingCompiler
from IPython.core.interactiveshell import InteractiveShell


class Shell(InteractiveShell):
    compiler_class = XCachingCompiler


shell = Shell.instance()
replies = os.fdopen(3, "w")
for line in sys.stdin:
    request = json.loads(line)
    result = shell.run_cell(request["code"], store_history=request["isCell"])
    error = result.error_before_exec or result.error_in_exec
    shown = error and {"name": type(error).__name__, "message": str(error), "stack": ""}
    replies.write(json.dumps({"error": shown}) + "\n")
    replies.flush()
