import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing.backing_services import ROOT
from testing.local_api_process import start
from tests.local_api.conftest import Http, calls_of, path_of


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Http]:
    api = start(tmp_path)
    yield Http(api)
    api.stop()


def demonstrate(http: Http) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local_api.demonstration", "--url", http.api.url, "--key", "local"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def newest_runs(http: Http) -> list[Any]:
    threads = http.get("/threads", limit=100)["data"]
    return [http.get(f"/threads/{thread['id']}/runs", limit=1)["data"][0] for thread in threads]


def test_a_newcomer_sees_all_kinds_of_runs(fresh: Http) -> None:
    done = demonstrate(fresh)
    assert done.returncode == 0, done.stderr
    runs = newest_runs(fresh)
    assert Counter(run["status"] for run in runs) == {"requires_action": 3, "failed": 1, "completed": 9}
    waiting = [len(calls_of(run)) for run in runs if run["status"] == "requires_action"]
    assert sorted(waiting) == [1, 1, 2]
    steps = [Counter(step["type"] for step in fresh.get(path_of(run) + "/steps")["data"]) for run in runs]
    assert {"tool_calls": 3, "message_creation": 1} in steps
    assert len(fresh.get("/assistants")["data"]) == 3


def test_a_conversation_has_images_files_and_citations(fresh: Http) -> None:
    demonstrate(fresh)
    threads = fresh.get("/threads", limit=100)["data"]
    messages = [each for thread in threads for each in fresh.get(f"/threads/{thread['id']}/messages")["data"]]
    parts = [part for message in messages for part in message["content"]]
    assert {part["type"] for part in parts} == {"text", "image_file", "image_url"}
    annotated = [part["text"] for part in parts if part["type"] == "text" and part["text"]["annotations"]]
    kinds = set()
    for text in annotated:
        for each in text["annotations"]:
            assert text["value"][each["start_index"] : each["end_index"]] == each["text"]
            kinds.add(each["type"])
    assert kinds == {"file_citation", "file_path"}
    assert any(message["attachments"] for message in messages)


def test_it_improvises_nothing(fresh: Http) -> None:
    demonstrate(fresh)
    for thread in fresh.get("/threads", limit=100)["data"]:
        for message in fresh.get(f"/threads/{thread['id']}/messages")["data"]:
            assert "I only play recorded" not in message["content"][0]["text"]["value"]


def test_a_second_time_adds_only_what_no_longer_waits(fresh: Http) -> None:
    demonstrate(fresh)
    assert "0 threads" in demonstrate(fresh).stdout
    for run in newest_runs(fresh):
        if run["status"] == "requires_action":
            fresh.post(path_of(run) + "/cancel")
    assert "3 threads" in demonstrate(fresh).stdout
    assert len(fresh.get("/assistants")["data"]) == 3


def test_no_server_is_one_sentence(fresh: Http) -> None:
    fresh.api.stop()
    done = demonstrate(fresh)
    assert done.returncode == 1
    assert done.stderr.startswith("The demonstration could not be played")
