"""Numbers of what a trace enters: code objects and chosen compiled calls, each defined at its first sight."""

from __future__ import annotations

from pyrolens_collect.trace_calls import CompiledCall
from pyrolens_collect.trace_events import EXIT, RESUME, TASK
from pyrolens_collect.trace_tasks import TASK_TOKEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from pyrolens_collect.stacks import Stacks

FIRST_FUNCTION = 2
"""Tokens below are `EXIT` and `RESUME`; function `n` has the token `n + FIRST_FUNCTION`."""


class TraceCodes:
    """Tokens by address. What has one is kept alive, so that the address stays its own."""

    def __init__(self, stacks: Stacks) -> None:
        """Functions are defined through `stacks`."""
        self._stacks = stacks
        self._tokens = {id(EXIT): EXIT, id(RESUME): RESUME, id(TASK): TASK_TOKEN}
        self.by_token: dict[int, CodeType | CompiledCall] = {}

    def tokens(self, happened: list[object]) -> list[int]:
        """Returns the token of each event."""
        try:
            return list(map(self._tokens.__getitem__, map(id, happened)))
        except KeyError:
            for item in happened:
                if id(item) not in self._tokens:
                    self._define(id(item), item)
        return list(map(self._tokens.__getitem__, map(id, happened)))

    def token(self, code: CodeType) -> int:
        """Returns the token of a code object."""
        return self.tokens([code])[0]

    def _define(self, address: int, item: CodeType | CompiledCall) -> None:
        if isinstance(item, CompiledCall):
            number = self._stacks.c_function(item.name, item.flags)
        else:
            number = self._stacks.function(item)
        token = number + FIRST_FUNCTION
        self._tokens[address] = token
        self.by_token[token] = item
