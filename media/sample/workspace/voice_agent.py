"""A small voice agent: it listens, understands, answers and speaks, many turns in a row.

Profile it and see how one event loop, a pool of processes, a thread and a lock share the time.
It works, but it carries a mistake that real agents carry too: one call in the loop blocks everybody.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from audio import recognise, record
from tokens import best_reply

UTTERANCES = [
    "please play some quiet music",
    "what is the forecast for tomorrow",
    "set a timer for ten minutes",
    "play the music a little louder",
    "what will the weather be tomorrow",
    "stop the timer please",
]
TURNS = 24


class Transcript:
    """The conversation so far. A thread saves it to a slow disk, holding the lock meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._turns: list[dict[str, str]] = []
        self.saved_bytes = 0

    def add(self, heard: str, reply: str) -> None:
        with self._lock:
            self._turns.append({"heard": heard, "reply": reply})

    def save_until_closed(self) -> None:
        while not self._closing.wait(0.05):
            with self._lock:
                self._save()
        self._save()

    def close(self) -> None:
        self._closing.set()

    def _save(self) -> None:
        self.saved_bytes = len(json.dumps(self._turns, indent=2))
        time.sleep(0.04)  # the disk


async def listen(microphone: asyncio.Queue[bytes]) -> None:
    """Someone speaks, pauses, and speaks again."""
    for turn in range(TURNS):
        await microphone.put(record(UTTERANCES[turn % len(UTTERANCES)]))
        await asyncio.sleep(0.05)


async def understand(pool: ProcessPoolExecutor, sound: bytes) -> str:
    """Recognising speech is hard work: another process does it."""
    return await asyncio.get_running_loop().run_in_executor(pool, recognise, sound)


def fetch_voice(reply: str) -> bytes:
    """Asks the voice service for the reply as sound, with a client library that blocks."""
    time.sleep(0.04)  # the mistake: the whole loop waits, not only this turn
    return record(reply)


async def speak(voice: bytes) -> int:
    """Sends the sound in chunks, each wrapped in JSON, at the pace of the loudspeaker."""
    sent = 0
    for start in range(0, len(voice), 32_000):
        sent += len(json.dumps({"at": start, "samples": list(voice[start : start + 32_000])}))
        await asyncio.sleep(0.01)
    return sent


async def converse(pool: ProcessPoolExecutor, transcript: Transcript) -> int:
    """Takes turns until the microphone falls silent."""
    microphone: asyncio.Queue[bytes] = asyncio.Queue(maxsize=2)
    listener = asyncio.create_task(listen(microphone), name="listener")
    sent = 0
    for _ in range(TURNS):
        heard = await understand(pool, await microphone.get())
        reply = best_reply(heard)
        transcript.add(heard, reply)
        sent += await speak(fetch_voice(reply))
    await listener
    return sent


def main() -> None:
    transcript = Transcript()
    saver = threading.Thread(target=transcript.save_until_closed, name="saver")
    saver.start()
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        sent = asyncio.run(converse(pool, transcript))
    transcript.close()
    saver.join()
    print(f"{TURNS} turns, {sent:,} bytes spoken, {transcript.saved_bytes:,} bytes saved")


if __name__ == "__main__":
    main()
