"""Pyrolens' bundled collectors: a sampler thread inside the program, and a cProfile launcher.

Standard library only, Python 3.9 to 3.15. What they write is described in `../FORMAT.md`. Modules of
the sampler import nothing that a bare interpreter has not loaded already (no threading, json, typing):
the program must not find a module in `sys.modules` because it was profiled.
"""

ENGINE_VERSION = "0.1.0"
