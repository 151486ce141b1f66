"""What file descriptors of this process are, and how much lies in their queues (Linux).

Nothing is opened, copied or closed that is the program's: links below `/proc` and the lengths of queues are
all that is asked for. `after_call` is called after each call to the system, in which the GIL was given away.
"""

from __future__ import annotations

import os
import sys
from time import monotonic_ns, thread_time_ns

from pyrolens_collect.wait_codes import FILE, OTHER, PIPE, POLL, TCP, TERMINAL, UDP, UNIX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

# ioctl(2) of tty and tcp(7), fcntl(2).
_FIONREAD, _SIOCOUTQ, _SIOCOUTQNSD, _F_GETPIPE_SZ = 0x541B, 0x5411, 0x894B, 1032
# Tables of sockets with the column of the inode, the cheapest first: one of TCP took the kernel 6 ms.
_TABLES = {"unix": (UNIX, 6), "udp": (UDP, 9), "udp6": (UDP, 9), "tcp": (TCP, 9), "tcp6": (TCP, 9)}
_TABLE_LIMIT = 1 << 20
# Reading them takes at most this part of the time.
_LOOKUP_SHARE = 0.005
_MAX_KNOWN = 2_000
_TERMINALS = ("/dev/tty", "/dev/pts/", "/dev/console")


class Descriptor:
    """What is behind a descriptor."""

    __slots__ = ("capacity", "kind", "name")

    def __init__(self, kind: int, name: str, capacity: int | None = None) -> None:
        """`capacity`: bytes that fit into it; None unknown."""
        self.kind = kind
        self.name = name
        self.capacity = capacity


class Descriptors:
    """Knows descriptors by what their links say: numbers are used again."""

    def __init__(self, after_call: Callable[[], None]) -> None:
        """Knows none."""
        self._after_call = after_call
        self._known: dict[str, Descriptor] = {}
        self._tables: dict[str, bytes] = {}
        self._lookup_due_ns = 0

    def at(self, tid: int, number: int) -> tuple[str, Descriptor] | None:
        """Returns the link of a thread's descriptor and what it is; None when that may not be asked now.

        A descriptor that was closed meanwhile is an OSError.
        """
        link = os.readlink(f"/proc/self/task/{tid}/fd/{number}")
        self._after_call()
        known = self._known.get(link)
        if known is None:
            known = self._describe(link, number)
            if known is None:
                return None
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[link] = known
        return link, known

    def queues(self, number: int, kind: int) -> tuple[int | None, int | None, int | None]:
        """Returns the bytes queued to be sent, those of them not sent yet, and those that can be read.

        What cannot be told is None. Of a pipe what is in it counts as queued, whichever end is asked.
        """
        if kind == PIPE:
            return self._ioctl(number, _FIONREAD), None, None
        if kind not in (TCP, UNIX, UDP):
            return None, None, None
        queued = self._ioctl(number, _SIOCOUTQ)
        unsent = self._ioctl(number, _SIOCOUTQNSD) if kind == TCP else None
        return queued, unsent, self._ioctl(number, _FIONREAD)

    def _ioctl(self, number: int, request: int) -> int | None:
        if _fcntl is None:
            return None
        try:
            answer = _fcntl.ioctl(number, request, b"\0\0\0\0")
        except OSError:
            return None
        finally:
            self._after_call()
        return int.from_bytes(answer, sys.byteorder)

    def _describe(self, link: str, number: int) -> Descriptor | None:
        if link.startswith("socket:["):
            return self._socket(link[len("socket:[") : -1])
        if link.startswith("anon_inode:"):
            return Descriptor(POLL if "eventpoll" in link else OTHER, "")
        capacity = self._pipe_capacity(number)
        if capacity is not None:
            return Descriptor(PIPE, "" if link.startswith("pipe:") else link, capacity)
        if link.startswith(_TERMINALS):
            return Descriptor(TERMINAL, link)
        is_file = link.startswith("/") and not link.startswith("/dev/")
        return Descriptor(FILE, link) if is_file else Descriptor(OTHER, "")

    def _pipe_capacity(self, number: int) -> int | None:
        """Asks the kernel: a named pipe looks like a file. What is none is refused."""
        if _fcntl is None:
            return None
        try:
            return _fcntl.fcntl(number, _F_GETPIPE_SZ)
        except OSError:
            return None
        finally:
            self._after_call()

    def _socket(self, inode: str) -> Descriptor | None:
        """Looks into the tables as they were read last, and reads them again when it is in none and may."""
        wanted = inode.encode()
        found = self._in_tables(wanted)
        if found is not None or monotonic_ns() < self._lookup_due_ns:
            return found
        before = thread_time_ns()
        try:
            for name in _TABLES:
                self._tables[name] = self._table(name)
                found = self._in_tables(wanted)
                if found is not None:
                    return found
        finally:
            self._lookup_due_ns = monotonic_ns() + int((thread_time_ns() - before) / _LOOKUP_SHARE)
        return Descriptor(OTHER, "")

    def _in_tables(self, inode: bytes) -> Descriptor | None:
        for name, text in self._tables.items():
            kind, column = _TABLES[name]
            for line in text.splitlines()[1:] if inode in text else ():
                row = line.split()
                if len(row) <= column or row[column] != inode:
                    continue
                if kind != UNIX:
                    return Descriptor(kind, _address(row[2]) or _address(row[1]))
                return Descriptor(UNIX, row[7].decode("utf-8", "replace") if len(row) > 7 else "")
        return None

    def _table(self, name: str) -> bytes:
        """Returns the beginning of a table of sockets, empty when there is none."""
        try:
            descriptor = os.open(f"/proc/self/net/{name}", os.O_RDONLY)
        except FileNotFoundError:
            return b""
        text = b""
        try:
            while len(text) < _TABLE_LIMIT:
                part = os.read(descriptor, 1 << 16)
                self._after_call()
                if not part:
                    break
                text += part
        finally:
            os.close(descriptor)
        self._after_call()
        return text


def _address(text: bytes) -> str:
    """Returns `10.0.0.5:443` of the kernel's `0500000A:01BB`; empty for one without a port (nobody)."""
    digits, port = text.decode("ascii").split(":")
    number = int(port, 16)
    if number == 0:
        return ""
    words = [bytes.fromhex(digits[at : at + 8]) for at in range(0, len(digits), 8)]
    content = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    if len(content) > 4 and content.startswith(b"\0" * 10 + b"\xff\xff"):
        content = content[12:]
    if len(content) == 4:
        return f"{'.'.join(map(str, content))}:{number}"
    groups = [content[at : at + 2].hex().lstrip("0") or "0" for at in range(0, 16, 2)]
    return f"[{':'.join(groups)}]:{number}"


def _own_fcntl() -> ModuleType | None:
    """Returns the module without leaving it among those that the program has imported."""
    was_imported = "fcntl" in sys.modules
    try:
        import fcntl
    except ImportError:
        return None
    if not was_imported:
        sys.modules.pop("fcntl", None)
    return fcntl


_fcntl = _own_fcntl()
