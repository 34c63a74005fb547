"""A whole conversation by our client and by the official one: the same requests on the wire."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
import requests

from assistants_app.api.client import connect
from testing.local_api_process import LocalApi, start
from testing.recording_proxy import record_requests

from .everything import LOOK, QUESTION, SCRIPT

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
INSTRUCTIONS = "Be brief."


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalApi]:
    running = start(tmp_path_factory.mktemp("traffic"))
    address = running.control + "/scripts"
    requests.post(address, json=[SCRIPT], headers={"Authorization": "Bearer local"}, timeout=30).raise_for_status()
    yield running
    running.stop()


def ours(url: str) -> None:
    with connect(endpoint="openai", dialect="v2", base_url=url, key="local") as client:
        dialect, threads = client.dialect, client.threads
        assistant = client.assistants.create(
            {"model": "gpt-4o", "name": "Everything", "instructions": INSTRUCTIONS, "tools": [LOOK]}
        )
        file = client.files.create(filename="a.txt", content=b"One.")
        thread = threads.create(dialect.thread({"a": "b"}))
        files = [(file.id, ["code_interpreter"])]
        threads.messages.create(thread.id, dialect.message("user", QUESTION, {"c": "d"}, files=files))
        body = dialect.run(assistant.id, {"e": "f"}, temperature=0.5, tool_choice="auto", max_prompt_tokens=4096)
        run = threads.runs.create(thread.id, body, include=dialect.includes)
        run = threads.runs.get(thread.id, run.id)
        assert run.required_action is not None
        outputs = dialect.tool_outputs([(call.id, "42") for call in run.required_action.calls])
        threads.runs.submit_tool_outputs(thread.id, run.id, outputs)
        threads.runs.get(thread.id, run.id)
        threads.messages.list(thread.id, limit=20, order="asc", run_id=run.id)
        steps = threads.runs.steps.list(thread.id, run.id, limit=20, order="asc", include=dialect.includes)
        threads.runs.steps.get(thread.id, run.id, steps.data[0].id, include=dialect.includes)
        threads.runs.modify(thread.id, run.id, {"metadata": {}})
        threads.delete(thread.id)
        client.assistants.delete(assistant.id)


def theirs(url: str) -> None:
    with openai.OpenAI(base_url=url, api_key="local", max_retries=0) as client:
        beta: Any = client.beta  # its types want literals where these are variables
        threads = beta.threads
        include = ["step_details.tool_calls[*].file_search.results[*].content"]
        assistant = beta.assistants.create(model="gpt-4o", name="Everything", instructions=INSTRUCTIONS, tools=[LOOK])
        file = client.files.create(file=("a.txt", b"One."), purpose="assistants")
        thread = threads.create(metadata={"a": "b"})
        attached = [{"file_id": file.id, "tools": [{"type": "code_interpreter"}]}]
        threads.messages.create(thread.id, role="user", content=QUESTION, metadata={"c": "d"}, attachments=attached)
        run = threads.runs.create(
            thread.id,
            assistant_id=assistant.id,
            metadata={"e": "f"},
            temperature=0.5,
            tool_choice="auto",
            max_prompt_tokens=4096,
            include=include,
        )
        run = threads.runs.retrieve(run.id, thread_id=thread.id)
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": call.id, "output": "42"} for call in calls]
        threads.runs.submit_tool_outputs(run.id, thread_id=thread.id, tool_outputs=outputs)
        threads.runs.retrieve(run.id, thread_id=thread.id)
        threads.messages.list(thread.id, limit=20, order="asc", run_id=run.id)
        steps = threads.runs.steps.list(run.id, thread_id=thread.id, limit=20, order="asc", include=include)
        threads.runs.steps.retrieve(steps.data[0].id, thread_id=thread.id, run_id=run.id, include=include)
        threads.runs.update(run.id, thread_id=thread.id, metadata={})
        threads.delete(thread.id)
        beta.assistants.delete(assistant.id)


def traffic(api: LocalApi, conversation: Callable[[str], None]) -> list[str]:
    """What was asked, line by line, with ids numbered in the order of their appearance."""
    with record_requests(api.origin) as recorder:
        conversation(recorder.url)
        asked = [
            json.dumps([each.method, each.path, sorted(each.query), form(each.asked)], sort_keys=True)
            for each in recorder.exchanges
        ]
    numbers: dict[str, str] = {}
    name = r"\b(asst|thread|msg|run|step|call|file)[_-][A-Za-z0-9]{24}\b"
    return re.sub(
        name, lambda found: numbers.setdefault(found[0], f"{found[1]} {len(numbers)}"), "\n".join(asked)
    ).split("\n")


def form(body: Any) -> Any:
    """A form by its fields, in any order and without its boundary; anything else as it is."""
    if not isinstance(body, bytes):
        return body
    boundary = body.split(b"\r\n", 1)[0]
    fields = [re.sub(rb"(?m)^Content-Type:.*\r\n", b"", each).strip() for each in body.split(boundary)]
    return sorted(each.decode() for each in fields if each not in (b"", b"--"))


def test_the_official_client_sends_the_same(api: LocalApi) -> None:
    assert traffic(api, ours) == traffic(api, theirs)
