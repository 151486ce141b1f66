"""Nothing is wrong here: a coroutine awaits a slow server, and its loop is free."""

import asyncio
import socket
import threading
import time

from truth_rows import TruthRows, now

truth = TruthRows(__file__)
truth.watch_collections()
server = socket.create_server(("127.0.0.1", 0))


def serve():
    connection, _ = server.accept()
    with connection, connection.makefile("r") as lines:
        for line in lines:
            time.sleep(float(line))
            connection.sendall(b"done\n")


async def main():
    reader, writer = await asyncio.open_connection(*server.getsockname())
    with truth.span("loop.idle", role="benign"):
        for _ in range(20):
            writer.write(f"{truth.seconds(30)}\n".encode())
            began = now()
            await reader.readline()  # awaiting
            facts = {"task": "client", "victim": "awaiting", "role": "dependency"}
            truth.add("task.await.net", began, now(), **facts)
    writer.close()


async def named():
    await asyncio.create_task(main(), name="client")


threading.Thread(target=serve, name="server").start()
asyncio.run(named())
truth.write()
