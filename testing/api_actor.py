"""Somebody else's program at the local API: makes threads and runs there, and sets faults and scripts."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import requests

from testing.local_api_process import LocalApi
from testing.stack import ApiAddress


class ApiActor:
    """Speaks plain HTTP to a local API, as no code of the dashboard does."""

    def __init__(self, api: LocalApi | ApiAddress) -> None:
        self.api = api
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"Authorization": "Bearer local", "OpenAI-Beta": "assistants=v2"})
        self.runs: list[str] = []

    def get(self, path: str, **query: Any) -> Any:
        return self._asked("GET", self.api.url + path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        made = self._asked("POST", self.api.url + path, json=body if body is not None else {})
        if path.endswith("/runs"):
            self.runs.append(f"/threads/{made['thread_id']}/runs/{made['id']}")
        return made

    def delete(self, path: str) -> Any:
        return self._asked("DELETE", self.api.url + path)

    def control(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        return self._asked(method, self.api.control + path, json=body)

    def _asked(self, method: str, url: str, **more: Any) -> Any:
        answer = self.session.request(method, url, timeout=30, **more)
        assert answer.ok, f"{method} {url}: {answer.status_code} {answer.text}"
        return answer.json()

    def fault(self, method: str, path: str, **fault: Any) -> None:
        """The next requests (one, unless `times` says more) to a path that matches are spoilt."""
        self.control("/faults", {"method": method, "path": path, **fault})

    def sent(self, method: str, path: str) -> int:
        """How many requests to exactly this path arrived."""
        made = self.control("/requests", method="GET")["requests"]
        return sum(1 for each in made if each["method"] == method and each["path"] == path)

    def assistant(self, **fields: Any) -> dict[str, Any]:
        body = {"model": "gpt-4o", "name": f"Assistant {uuid4().hex[:6]}", **fields}
        made: dict[str, Any] = self.post("/assistants", body)
        return made

    def script(self, *rounds: list[tuple[str, dict[str, Any]]], reply: str | None = "Done.", **turn: Any) -> str:
        """Loads a script whose rounds ask for these calls; gives the user's text that starts it."""
        text = f"Please help me, {uuid4().hex}."
        calls = [
            [{"name": name, "arguments": json.dumps(arguments), "output": "{}"} for name, arguments in each]
            for each in rounds
        ]
        assistant = {"name": "Scripted", "model": "gpt-4o", "instructions": "", "tools": []}
        turns = [{"user": text, "rounds": calls, "reply": reply, **turn}]
        self.control("/scripts", [{"id": uuid4().hex, "assistant": assistant, "turns": turns}])
        return text

    def run(self, *rounds: list[tuple[str, dict[str, Any]]], **script: Any) -> tuple[str, str]:
        """A thread with a run that asks for these calls; gives their ids."""
        return self.start_run(self.script(*rounds, **script))

    def start_run(self, text: str) -> tuple[str, str]:
        """A thread in which the user says this, with a run; gives their ids."""
        thread = self.post("/threads", {"messages": [{"role": "user", "content": text}]})
        run = self.post(f"/threads/{thread['id']}/runs", {"assistant_id": self.assistant()["id"]})
        return thread["id"], run["id"]

    def asking_consent(self, *calls: tuple[str, dict[str, Any]], reply: str = "Done.") -> tuple[str, str]:
        """A thread with a run that wants consent to these calls of another server's tools; gives their ids."""
        rounds = [
            [
                {"name": name, "arguments": json.dumps(given), "server_label": "crm", "output": "made"}
                for name, given in calls
            ]
        ]
        text = f"Please help me, {uuid4().hex}."
        turns = [{"user": text, "rounds": rounds, "reply": reply}]
        self.control("/scripts", [{"id": uuid4().hex, "turns": turns}])
        return self.start_run(text)

    def cancel_runs(self) -> None:
        """Cancels the runs of this actor that have not ended: a dashboard that goes on would poll and list them."""
        for path in self.runs:
            # A server refuses it for a run that has ended.
            self.session.post(f"{self.api.url}{path}/cancel", json={}, timeout=30).close()

    def outputs(self, thread_id: str, run_id: str, output: str = "ok") -> Any:
        """Answers whatever the run waits for."""
        run = self.get(f"/threads/{thread_id}/runs/{run_id}")
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        body = {"tool_outputs": [{"tool_call_id": call["id"], "output": output} for call in calls]}
        return self.post(f"/threads/{thread_id}/runs/{run_id}/submit_tool_outputs", body)
