"""What a broken answer leaves behind: nothing."""

import gc
import warnings

import pytest

from assistants_app.api.client import Client
from assistants_app.api.errors import ApiError

from .conftest import Server, sends, sends_and_closes
from .test_answers import CUTS, NO_HTTP

BROKEN = {
    **CUTS,
    **{name: sends_and_closes(content) for name, content in NO_HTTP.items()},
    "a redirect with half a body": sends(b"HTTP/1.1 302 Found\r\nContent-Length: 9\r\n\r\nabc"),
    "a refusal with half a body": sends_and_closes(b"HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nabc"),
}


@pytest.mark.slow
@pytest.mark.parametrize("glancing", [False, True])
@pytest.mark.parametrize("name", BROKEN)
def test_no_socket_is_left_open(server: Server, client: Client, name: str, glancing: bool) -> None:
    server.plays(BROKEN[name])
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ApiError):
            client.threads.runs.glance("t", "r") if glancing else client.threads.create()
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
