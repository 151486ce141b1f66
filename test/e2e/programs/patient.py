"""Works until it is told to end: a line on standard input."""

import threading
import time

ended = threading.Event()
threading.Thread(target=lambda: (input("Enter ends: "), ended.set()), daemon=True).start()


def spin():
    return sum(n * n for n in range(2000))


started = time.monotonic()
while not ended.is_set() and time.monotonic() - started < 120:
    spin()
print("patient has ended")
