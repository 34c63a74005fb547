"""The official client as the oracle: it has to be at home here."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from assistants_app.api.operations import OPERATIONS
from testing.local_api_process import LocalApi
from testing.recording_proxy import RecordingProxy, record_requests
from testing.specifications import specification
from tests.api.everything import QUESTION, SCRIPT
from tests.local_api import official_v2
from tests.local_api.conftest import Http

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def client(api: LocalApi) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=api.url, api_key="local", max_retries=0) as official:
        yield official


def test_it_talks_through_tool_calls(client: openai.OpenAI, greeting: str) -> None:
    beta = client.beta
    assistant = beta.assistants.create(model="gpt-4o", name="Tester")
    thread = beta.threads.create(messages=[{"role": "user", "content": greeting}])
    run: Any = beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    rounds = 0
    while run.status == "requires_action":
        rounds += 1
        calls = run.required_action.submit_tool_outputs.tool_calls
        outputs: list[Any] = [{"tool_call_id": call.id, "output": call.function.name} for call in calls]
        run = beta.threads.runs.submit_tool_outputs_and_poll(run_id=run.id, thread_id=thread.id, tool_outputs=outputs)
    assert (run.status, rounds) == ("completed", 2)
    messages: list[Any] = list(beta.threads.messages.list(thread.id, order="asc", limit=1))
    assert [message.content[0].text.value for message in messages] == [greeting, "All **done**."]
    steps = list(beta.threads.runs.steps.list(run_id=run.id, thread_id=thread.id, limit=1))
    assert [step.type for step in steps] == ["message_creation", "tool_calls", "tool_calls"]


def test_its_objects_have_no_field_that_it_misses(client: openai.OpenAI) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assistant = client.beta.assistants.create(model="gpt-4o")
        run = client.beta.threads.create_and_run(assistant_id=assistant.id)
        message = client.beta.threads.messages.list(run.thread_id)
    assert not assistant.model_extra
    assert not run.model_extra
    assert run.model_fields_set == set(type(run).model_fields)
    assert message.has_more is False


def test_it_knows_the_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No thread found with id 'thread_x'"):
        client.beta.threads.retrieve("thread_x")
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").beta.assistants.list()


@pytest.fixture
def recorder(api: LocalApi, http: Http) -> Iterator[RecordingProxy]:
    http.post("/control/scripts", [SCRIPT])
    with record_requests(api.origin) as running:
        yield running


def assert_everything_is_as_specified(recorder: RecordingProxy, dialect: str) -> None:
    """Every operation of the dialect was done, and every answer is what its specification says."""
    specified = specification(dialect)
    made = {specified.name_of(each) for each in recorder.exchanges}
    assert {name for name, each in OPERATIONS.items() if dialect in each.dialects} <= made
    faults = {f"{each.method} {each.path}: {fault}" for each in recorder.exchanges for fault in specified.faults(each)}
    assert not faults


@pytest.mark.slow
def test_every_method_of_the_newest_release_is_answered(recorder: RecordingProxy) -> None:
    with openai.OpenAI(base_url=recorder.url, api_key="local", max_retries=0) as official:
        official_v2.do_everything(official)
    assert_everything_is_as_specified(recorder, "v2")


@pytest.fixture(scope="session")
def python_of_the_first_dialect(request: pytest.FixtureRequest) -> Path:
    """An environment with openai 1.20.0, kept between runs. Skips the test where it cannot be had.

    That release fails on Python 3.14, whose unions take no attributes: there an older Python of this machine is used.
    """
    wanted = (ROOT / "requirements/official-v1.txt").read_bytes()
    base = sys.executable if sys.version_info < (3, 14) else "<3.14"
    folder = Path(request.config.cache.mkdir(f"official-v1-{sys.version_info.minor}"))
    python, stamp = folder / "bin/python", folder / "installed.txt"
    if not (stamp.exists() and stamp.read_bytes() == wanted):
        uv = [sys.executable, "-m", "uv"]
        steps = (
            [*uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", base, str(folder)],
            [*uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python), "-r",
             str(ROOT / "requirements/official-v1.txt")],
        )  # fmt: skip
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"openai 1.20.0 cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
        stamp.write_bytes(wanted)
    return python


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_method_of_the_last_release_of_the_first_dialect_is_answered(
    recorder: RecordingProxy, python_of_the_first_dialect: Path
) -> None:
    script = Path(__file__).with_name("official_v1.py")
    command = [str(python_of_the_first_dialect), str(script), recorder.url, QUESTION]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_everything_is_as_specified(recorder, "v1")
