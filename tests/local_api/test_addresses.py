"""The addresses of other kinds of servers: as our client's endpoints reach them."""

import pytest
import requests

from assistants_app.api.client import connect
from assistants_app.api.endpoints import ENDPOINTS
from assistants_app.api.errors import NotFound, NotOffered, Unauthenticated
from testing.local_api_process import LocalApi

BASES = {"azure_openai": "/openai", "azure_foundry": "/api/projects/hotel"}


@pytest.mark.parametrize("kind", BASES)
def test_our_client_is_at_home_there(api: LocalApi, kind: str) -> None:
    with connect(endpoint=kind, dialect="v2", base_url=api.origin + BASES[kind], key="local") as client:
        thread = client.threads.create({"metadata": {"a": "b"}})
        assert client.threads.get(thread.id) == thread
        assert thread.id in [each.id for each in client.threads.list().data]


@pytest.mark.parametrize("kind", BASES)
def test_a_wrong_key_is_refused_in_other_words(api: LocalApi, kind: str) -> None:
    with (
        connect(endpoint=kind, dialect="v2", base_url=api.origin + BASES[kind], key="no") as client,
        pytest.raises(Unauthenticated) as caught,
    ):
        client.threads.list()
    assert "OpenAI" not in caught.value.message


def test_a_version_must_be_named_where_it_always_was(api: LocalApi) -> None:
    for base, headers in (("/openai", {"api-key": "local"}), ("/api/projects/x", {"Authorization": "Bearer local"})):
        answer = requests.get(f"{api.origin}{base}/assistants", headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "Resource not found")
    unversioned = requests.get(f"{api.origin}/openai/v1/assistants", headers={"api-key": "local"}, timeout=10)
    assert unversioned.ok


def test_an_early_version_speaks_the_first_dialect(api: LocalApi) -> None:
    query, headers = {"api-version": "2024-02-15-preview"}, {"api-key": "local"}
    address = f"{api.origin}/openai/assistants"
    made = requests.post(address, json={"model": "gpt-4o"}, params=query, headers=headers, timeout=10).json()
    assert made["file_ids"] == []
    assert "api-version" in ENDPOINTS["azure_openai"].query


def test_what_a_project_lacks_is_not_there(api: LocalApi) -> None:
    with connect(
        endpoint="azure_foundry", dialect="v2", base_url=api.origin + "/api/projects/x", key="local"
    ) as client:
        thread = client.threads.create()
        message = client.threads.messages.create(thread.id, client.dialect.message("user", "Hi"))
        with pytest.raises(NotOffered):
            client.threads.messages.delete(thread.id, message.id)
        with pytest.raises(NotFound):
            client.models.list()
