"""The chunk stream on disk (`../FORMAT.md`): checksummed chunks, each written by one append."""

from __future__ import annotations

import binascii
import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

META, DATA, END = 1, 2, 3

_MAGIC = b"PYROLENS"
_VERSION = 1
# A program that is out of file descriptors for a moment gets them back; everything else lasts.
_PASSING = (errno.EMFILE, errno.ENFILE, errno.EINTR, errno.EAGAIN)


def chunk(kind: int, payload: bytes) -> bytes:
    """Returns the bytes of one chunk: length, kind, CRC-32, payload."""
    head = len(payload).to_bytes(4, "little") + bytes((kind, 0, 0, 0))
    return head + binascii.crc32(payload).to_bytes(4, "little") + payload


def is_passing(error: OSError) -> bool:
    """Tells whether the same append may work a moment later."""
    return error.errno in _PASSING


def _nothing() -> None:
    """For writers that do not mind who runs meanwhile."""


class ChunkFile:
    """One stream file. It is opened for each append and closed again.

    Keeping it open would be cheaper and wrong: a program that closes descriptors it does not know
    (daemons do) and opens its own would then find our bytes in its file.
    """

    def __init__(self, path: str, pid: int, meta: bytes) -> None:
        """Nothing is created before the first append: most helpers' children never get there."""
        self.path = path
        self._opening = _MAGIC + _VERSION.to_bytes(2, "little") + b"\0\0" + pid.to_bytes(4, "little")
        self._opening += chunk(META, meta)
        self._is_created = False

    def append(self, kind: int, payload: bytes, after_call: Callable[[], None] = _nothing) -> None:
        """Adds one chunk. Raises OSError; a folder deleted meanwhile is not created anew.

        `after_call` is called after every call to the system, in each of which the GIL was given away.
        """
        if not self._is_created:
            self._write(os.O_CREAT | os.O_EXCL, self._opening, after_call)
            self._is_created = True
        self._write(0, chunk(kind, payload), after_call)

    def _write(self, flags: int, content: bytes, after_call: Callable[[], None]) -> None:
        flags |= os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.path, flags, 0o644)
        try:
            after_call()
            written = os.write(descriptor, content)
            after_call()
        finally:
            os.close(descriptor)
        after_call()
        if written != len(content):
            raise OSError(errno.ENOSPC, "the chunk was cut off", self.path)
