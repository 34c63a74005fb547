"""What many build first: a Celery task a run, which asks, writes what changed, and calls itself again in a second.

`celery -A benchmarks.polling.chain worker` works, `python -m benchmarks.polling.chain RUNS` starts the chains.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import cache

import django
import requests
from celery import Celery

django.setup()

from assistants_app.models import Run  # noqa: E402  settings must be there first

app = Celery("chain", broker=os.environ["BROKER_URL"])
app.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)


@cache
def session() -> requests.Session:
    """One a process, as a careful user would."""
    made = requests.Session()
    made.headers.update({"Authorization": "Bearer local", "OpenAI-Beta": "assistants=v2"})
    made.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))
    return made


@app.task(name="poll")
def poll(thread_id: str, run_id: str, known: str) -> None:
    """Asks once, and leaves the next asking to the broker."""
    url = f"{os.environ['BENCHMARK_URL']}/threads/{thread_id}/runs/{run_id}"
    answer = session().get(url, timeout=10)
    digest = hashlib.blake2b(answer.content, digest_size=8).hexdigest()
    if answer.ok and digest != known:
        Run.objects.filter(remote_id=run_id).update(status=answer.json()["status"], raw=answer.text)
    poll.apply_async([thread_id, run_id, digest], countdown=1)


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        poll.delay(f"thread_{number:024}", f"run_{number:024}", "")
