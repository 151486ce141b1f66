"""The chain of awaits of a suspended coroutine: what it waits in, what that waits in, and so on."""

from __future__ import annotations

import gc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# Attribute names per kind of object: frame, what it waits for, running, suspended (3.11+).
_KINDS = (
    ("cr_frame", "cr_await", "cr_running", "cr_suspended"),
    ("gi_frame", "gi_yieldfrom", "gi_running", "gi_suspended"),
    ("ag_frame", "ag_await", "ag_running", "ag_suspended"),
)
# C objects between an `await` and the (async) generator or coroutine that does the waiting.
_GO_BETWEENS = ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper")
_MAX_DEPTH = 500


def suspended_frames(awaitable: object) -> list[FrameType] | None:
    """Returns the frames from the outermost coroutine inwards, each at its `await`.

    None when it does not wait at an `await`: running, not yet started or finished. Foreign awaitables
    (futures, compiled coroutines) end the chain.
    """
    frames: list[FrameType] = []
    while awaitable is not None and len(frames) < _MAX_DEPTH:
        kind = _kind(awaitable)
        if kind is None:
            awaitable = _behind(awaitable)
            continue
        frame = getattr(awaitable, kind[0])
        if not frames and not _is_suspended(awaitable, kind, frame):
            return None
        if frame is None:
            break
        frames.append(frame)
        awaitable = getattr(awaitable, kind[1])
    return frames


def _kind(awaitable: object) -> tuple[str, str, str, str] | None:
    for kind in _KINDS:
        if hasattr(awaitable, kind[0]):
            return kind
    return None


def _is_suspended(awaitable: object, kind: tuple[str, ...], frame: FrameType | None) -> bool:
    if frame is None or getattr(awaitable, kind[2]):
        return False
    # Before 3.11 an offset below 0 is the only sign that it was never started.
    return bool(getattr(awaitable, kind[3], frame.f_lasti >= 0))


def _behind(awaitable: object) -> object | None:
    """Returns the generator or coroutine that a go-between drives; only the collector knows it."""
    if type(awaitable).__name__ not in _GO_BETWEENS:
        return None
    for candidate in gc.get_referents(awaitable):
        if _kind(candidate) is not None:
            return candidate
    return None
