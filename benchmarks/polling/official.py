"""The official SDK: `runs.poll` in a thread a run: `python -m benchmarks.polling.official RUNS URL`."""

from __future__ import annotations

import sys
import threading
import time
import warnings

import openai

warnings.simplefilter("ignore")


def follow(client: openai.OpenAI, number: int) -> None:
    """Polls one run until it ends, as the SDK does it; a refusal that outlasted its own retries starts it anew."""
    while True:
        try:
            client.beta.threads.runs.poll(f"run_{number:024}", thread_id=f"thread_{number:024}", poll_interval_ms=1000)
        except openai.APIError:
            time.sleep(1)


def main(runs: int, url: str) -> None:
    client = openai.OpenAI(api_key="local", base_url=url, timeout=30)
    threading.stack_size(256 * 1024)
    for number in range(runs):
        threading.Thread(target=follow, args=(client, number), daemon=True).start()
    print("following", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
