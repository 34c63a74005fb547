"""The door: `connect` looks the values up once, and the client is the tree of resources over one
connection."""

import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from assistants_app.api.answers import Secret
from assistants_app.api.bodies import decode
from assistants_app.api.dialects import DIALECTS, Dialect
from assistants_app.api.endpoints import ENDPOINTS
from assistants_app.api.errors import BadSettings, Unreadable
from assistants_app.api.objects import Run
from assistants_app.api.pages import every
from assistants_app.api.resources.assistant_files import AssistantFiles
from assistants_app.api.resources.assistants import Assistants
from assistants_app.api.resources.files import Files
from assistants_app.api.resources.message_files import MessageFiles
from assistants_app.api.resources.messages import Messages
from assistants_app.api.resources.models import Models
from assistants_app.api.resources.paths import path
from assistants_app.api.resources.runs import Runs
from assistants_app.api.resources.steps import Steps
from assistants_app.api.resources.threads import Threads
from assistants_app.api.resources.vector_store_files import VectorStoreFiles
from assistants_app.api.resources.vector_stores import VectorStores
from assistants_app.api.transport import Timeouts, Transport

__all__ = ["Client", "Timeouts", "connect", "every"]

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")

Value = TypeVar("Value")


class Client:
    """`assistants`, `threads`, `threads.messages`, `threads.runs`, `threads.runs.steps`, and beside them `files`,
    `models`, `vector_stores`; `operations` has the whole table. `dialect` writes bodies.

    Safe to share between threads, not between processes. Every operation raises ApiError.
    """

    def __init__(self, *, name: str, dialect: Dialect, transport: Transport) -> None:
        self.dialect = dialect
        self._name = name
        self._transport = transport
        messages = Messages(transport, dialect, MessageFiles(transport))
        runs = Runs(transport, dialect, Steps(transport, dialect))
        self.assistants = Assistants(transport, dialect, AssistantFiles(transport, dialect))
        self.threads = Threads(transport, dialect, messages, runs)
        self.files = Files(transport, dialect)
        self.models = Models(transport)
        self.vector_stores = VectorStores(transport, dialect, VectorStoreFiles(transport, dialect))

    def read(self, *segments: str, query: Mapping[str, str] | None = None) -> Any:
        """Whatever a GET of that path gives, parsed and otherwise as the server wrote it."""
        return self._transport.request("GET", path(*segments), query=query)

    def read_run(self, body: bytes) -> Run:
        """The run in the body of a glance. Raises Unreadable."""
        raw = decode(body)
        if not isinstance(raw, Mapping):
            raise Unreadable("The answer is not the object asked for")
        return self.dialect.read_run(raw)

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {self._name} {self.dialect.name} at {self._transport.base_url}>"


def connect(
    *,
    endpoint: str,
    dialect: str,
    base_url: str,
    key: str,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
    key_header: str | None = None,
    key_prefix: str | None = None,
    verify: bool | str = True,
    before_request: Callable[[str, str], None] | None = None,
    allow_address: Callable[[str], None] | None = None,
    largest_answer: int = 32 * 1024 * 1024,
    pool_size: int = 64,
) -> Client:
    """A client for one server. Sends nothing yet. Raises BadSettings, whose words never hold the key.

    `headers` and `query` go with every request, over the endpoint's own, and so do `key_header` and
    `key_prefix`. `verify` is False or a path of certificates to trust. `before_request(method, path)` is
    called before every request on the wire, repeats too; what it raises ends the call. `allow_address` is
    asked about each IP address before it is connected to, and raises OSError for one that must not be.
    `largest_answer` is in decoded bytes, `pool_size` in connections kept open.
    """
    kind = _named("endpoint", ENDPOINTS, endpoint)
    spoken = _named("dialect", DIALECTS, dialect)
    header = kind.key_header if key_header is None else key_header
    prefix = kind.key_prefix if key_prefix is None else key_prefix
    authority = {header: f"{prefix}{key}"} if key else {}
    defaults = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "switchboard"}
    try:
        transport = Transport(
            base_url=_checked_url(base_url),
            own_headers=_checked_headers({**defaults, **spoken.headers, **(headers or {}), **authority}),
            query={**kind.query, **(query or {})},
            # Any of the given headers may be a secret too.
            secret="\n".join([key, *(headers or {}).values()]),
            timeouts=timeouts or Timeouts(),
            verify=verify,
            before_request=before_request,
            allow_address=allow_address,
            largest_answer=largest_answer,
            pool_size=pool_size,
        )
    except OSError as error:
        raise BadSettings(f"The certificates cannot be read: {error}") from None
    return Client(name=kind.name, dialect=spoken, transport=transport)


def _named(what: str, table: Mapping[str, Value], name: str) -> Value:
    if name not in table:
        raise BadSettings(f"There is no {what} {name!r}; there are {', '.join(table)}")
    return table[name]


def _checked_url(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\x00-\x20\x7f-\U0010ffff\\]", base_url):
        raise BadSettings("The base URL must look like https://host/path")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise BadSettings("The base URL must hold no user name, no ? and no #")
    return base_url.rstrip("/")


def _checked_headers(headers: Mapping[str, str]) -> dict[str, Secret]:
    """All values are kept out of reprs: any of them may be a secret."""
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise BadSettings(
                f"The header {name!r} cannot be sent: only printable ASCII on one line, no space at its ends"
            )
    return {name: Secret(value) for name, value in headers.items()}
