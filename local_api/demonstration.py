"""`python -m local_api.demonstration`: fill a server with a few conversations, for something to see.

It loads our own scripts on the control path and plays them over HTTP, as any client would. Run again, it adds
what is missing: conversations that ended are made once, those that wait for a human when none waits any more.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

Document = dict[str, Any]

FOLDER = Path(__file__).parent / "scripts"
WAITING = ("hotel-airport-transfer", "orders-two-questions", "oncall-latency")
SHELF = "Runbooks"
PATIENCE = 120.0
_LABEL = "demonstration"
_MOVING = ("queued", "in_progress", "cancelling")


class Client:
    """The few requests that the demonstration makes."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self.control = self.url.removesuffix("/v1") + "/control"
        self.headers = {"Authorization": f"Bearer {key}", "OpenAI-Beta": "assistants=v2"}

    def get(self, path: str, **query: str) -> Document:
        return self._answer(requests.get(self.url + path, params=query, headers=self.headers, timeout=10))

    def post(self, path: str, body: Document) -> Document:
        return self._answer(requests.post(self.url + path, json=body, headers=self.headers, timeout=10))

    def load(self, scripts: list[Document]) -> None:
        answer = requests.post(self.control + "/scripts", json=scripts, headers=self.headers, timeout=10)
        self._answer(answer)

    def every(self, path: str) -> Iterator[Document]:
        """All objects of a list, page by page."""
        page = self.get(path, limit="100")
        yield from page["data"]
        while page["has_more"]:
            page = self.get(path, limit="100", after=page["last_id"])
            yield from page["data"]

    @staticmethod
    def _answer(response: requests.Response) -> Document:
        if not response.ok:
            raise RuntimeError(f"{response.request.method} {response.url}: {response.text[:300]}")
        answer: Document = response.json()
        return answer


@dataclass(frozen=True)
class Scene:
    """A script to play: to its end with the recorded outputs, or only until its first call waits."""

    script: Document
    topic: str
    waits: bool

    @property
    def label(self) -> str:
        """What the thread's metadata says once the scene is played."""
        return f"{self.script['id']} {'waiting' if self.waits else 'finished'}"


def scenes() -> list[Scene]:
    """All scenes, those that wait for a human first."""
    waiting, finished = [], []
    for path in sorted(FOLDER.glob("*.json")):
        written = json.loads(path.read_text(encoding="utf-8"))
        for each in written["scripts"]:
            script = {"id": each["id"], "assistant": written["assistant"], "turns": each["turns"]}
            script["files"] = each.get("files", [])
            if each["id"] in WAITING:
                waiting.append(Scene(script, each["topic"], waits=True))
            if each["id"] not in WAITING or len(each["turns"][0]["rounds"]) > 1:
                finished.append(Scene(script, each["topic"], waits=False))
    return waiting + finished


def show(client: Client, *, at_once: int = 0) -> int:
    """Load the scripts and play what is missing, all at once or so many. Returns how many threads were made."""
    all_scenes = scenes()
    client.load([scene.script for scene in all_scenes])
    missing = _missing(client, all_scenes)
    assistants = _assistants(client, missing)
    with ThreadPoolExecutor(max_workers=at_once or len(missing) or 1) as pool:
        played = [pool.submit(_play, client, scene, assistants[scene.script["assistant"]["name"]]) for scene in missing]
    for each in played:
        each.result()
    _shelve(client, all_scenes)
    return len(played)


def _shelve(client: Client, all_scenes: list[Scene]) -> None:
    """Put what assistants may read into a vector store, once."""
    ids = [each["id"] for scene in all_scenes for each in scene.script["files"] if each["purpose"] == "assistants"]
    if not any(each["name"] == SHELF for each in client.every("/vector_stores")):
        client.post("/vector_stores", {"name": SHELF, "file_ids": list(dict.fromkeys(ids))})


def _missing(client: Client, all_scenes: list[Scene]) -> list[Scene]:
    threads: dict[str, list[Document]] = {}
    for thread in client.every("/threads"):
        threads.setdefault(thread["metadata"].get(_LABEL, ""), []).append(thread)
    anything_waits = any(
        _waits(client, thread) for scene in all_scenes if scene.waits for thread in threads.get(scene.label, [])
    )
    return [scene for scene in all_scenes if not (anything_waits if scene.waits else scene.label in threads)]


def _waits(client: Client, thread: Document) -> bool:
    newest = client.get(f"/threads/{thread['id']}/runs", limit="1")["data"]
    return bool(newest) and newest[0]["status"] == "requires_action"


def _assistants(client: Client, missing: list[Scene]) -> dict[str, str]:
    """Ids of the assistants by name; those not there yet are made."""
    there = {
        assistant["metadata"][_LABEL]: assistant["id"]
        for assistant in client.every("/assistants")
        if _LABEL in assistant["metadata"]
    }
    for scene in missing:
        wanted = scene.script["assistant"]
        if wanted["name"] not in there:
            body = {**wanted, "metadata": {_LABEL: wanted["name"]}}
            there[wanted["name"]] = client.post("/assistants", body)["id"]
    return there


def _play(client: Client, scene: Scene, assistant_id: str) -> None:
    """Play one scene. Its thread is labelled at the end, so that one broken off is played again."""
    metadata = {"topic": scene.topic}
    thread = client.post("/threads", {"metadata": metadata})
    path = f"/threads/{thread['id']}"
    for turn in scene.script["turns"]:
        client.post(path + "/messages", _message(turn))
        run = client.post(path + "/runs", {"assistant_id": assistant_id})
        run = _settled(client, run)
        if scene.waits:
            break
        for calls in (calls for calls in turn["rounds"] if "name" in calls[0]):
            run = _settled(client, _submit(client, run, calls))
    client.post(path, {"metadata": {**metadata, _LABEL: scene.label}})


def _message(turn: Document) -> Document:
    """What the user says, with the images and files that were sent along."""
    parts = [{"type": "text", "text": turn["user"]}, *turn.get("parts", [])]
    return {"role": "user", "content": parts, "attachments": turn.get("attachments", [])}


def _submit(client: Client, run: Document, recorded: list[Document]) -> Document:
    waiting = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    outputs = [
        {"tool_call_id": call["id"], "output": known["output"]} for call, known in zip(waiting, recorded, strict=True)
    ]
    path = f"/threads/{run['thread_id']}/runs/{run['id']}/submit_tool_outputs"
    return client.post(path, {"tool_outputs": outputs})


def _settled(client: Client, run: Document) -> Document:
    """The run once it waits or has ended."""
    deadline = time.monotonic() + PATIENCE
    while run["status"] in _MOVING:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{run['id']} is still {run['status']} after {PATIENCE:g} s")
        time.sleep(0.1)
        run = client.get(f"/threads/{run['thread_id']}/runs/{run['id']}")
    return run


def main() -> int:
    """Returns the exit code: 1, and one sentence, where the server does not answer as it should."""
    parser = argparse.ArgumentParser(
        prog="switchboard demonstration", description="Fill a local API server with a few conversations."
    )
    parser.add_argument("--url", default="http://127.0.0.1:8001/v1")
    parser.add_argument("--key", default="local")
    chosen = parser.parse_args()
    try:
        made = show(Client(chosen.url, chosen.key))
    except (requests.RequestException, RuntimeError) as problem:
        print(f"The demonstration could not be played: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"Demonstration: {made} threads added.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
