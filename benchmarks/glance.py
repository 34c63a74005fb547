"""What one poll costs: the client's `glance` beside what else one could write with `requests`.

    python -m benchmarks.glance

A small server in a second process answers every request with the same run. Printed are medians of three
rounds: calls a second, and the client's own CPU (all threads) a call, from which polls per second per core
follow. Times of the two processes do not mix, but on a busy machine only the CPU column can be compared.
"""

import asyncio
import contextlib
import multiprocessing
import statistics
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from time import perf_counter, process_time

import requests

from assistants_app.api.client import connect

CALLS = 2_016  # a multiple of THREADS
ROUNDS = 3
THREADS = 32
RUN = b'{"id":"run_1","object":"thread.run","status":"in_progress","thread_id":"thread_1"}'.ljust(1_200)
HEAD = (
    b"HTTP/1.1 200 OK\r\ndate: Sat, 01 Jan 2000 00:00:00 GMT\r\nserver: uvicorn\r\n"
    b"content-type: application/json\r\nopenai-version: 2020-10-01\r\nx-request-id: req_0123456789abcdef\r\n"
    b"openai-processing-ms: 12\r\nstrict-transport-security: max-age=31536000\r\n"
    b"content-length: %d\r\n\r\n" % len(RUN)
)
PATH = "/threads/thread_1/runs/run_1"


def main() -> None:
    receiving, sending = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(sending,), daemon=True)
    server.start()
    try:
        compare(f"http://127.0.0.1:{receiving.recv()}/v1")
    finally:
        server.terminate()
        server.join()


def serve(sending: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(HEAD + RUN)
        writer.close()

    async def run() -> None:
        listener = await asyncio.start_server(answer, "127.0.0.1", 0)
        sending.send(listener.sockets[0].getsockname()[1])
        await listener.serve_forever()

    asyncio.run(run())


def compare(base_url: str) -> None:
    with requests.Session() as session, connect(endpoint="openai", dialect="v2", base_url=base_url, key="k") as client:
        session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
        prepared = session.prepare_request(requests.Request("GET", base_url + PATH))
        ways: dict[str, Callable[[], object]] = {
            "Session.get": lambda: session.get(base_url + PATH, timeout=5).content,
            "prepared, sent again": lambda: session.send(prepared, timeout=5).content,
            "runs.get": lambda: client.threads.runs.get("thread_1", "run_1"),
            "runs.glance": lambda: client.threads.runs.glance("thread_1", "run_1"),
        }
        print(f"{'':24}{'threads':>8}{'calls/s':>9}{'CPU ms':>8}{'calls/s/core':>14}")
        for threads in (1, THREADS):
            for name, call in ways.items():
                rate, cpu = measured(call, threads)
                print(f"{name:24}{threads:8}{rate:9.0f}{cpu * 1000:8.3f}{1 / cpu:14.0f}")


def measured(call: Callable[[], object], threads: int) -> tuple[float, float]:
    """Calls a second and CPU seconds a call."""
    rounds = [one_round(call, threads) for _ in range(ROUNDS)]
    return CALLS / statistics.median(wall for wall, _ in rounds), statistics.median(cpu for _, cpu in rounds) / CALLS


def one_round(call: Callable[[], object], threads: int) -> tuple[float, float]:
    ready = threading.Barrier(threads + 1)

    def work() -> None:
        call()
        ready.wait()
        ready.wait()
        for _ in range(CALLS // threads):
            call()

    with ThreadPoolExecutor(threads) as pool:
        done = [pool.submit(work) for _ in range(threads)]
        ready.wait()
        wall, cpu = perf_counter(), process_time()
        ready.wait()
        for one in done:
            one.result()
        return perf_counter() - wall, process_time() - cpu


if __name__ == "__main__":
    main()
