"""Requests out, parsed answers in: time-outs, one deadline, a cap on size, safe repeats, one tree of
errors."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.response import BaseHTTPResponse
from urllib3.util import Timeout

from assistants_app.api import errors, headers
from assistants_app.api.answers import CHUNK, Answer, Reader, Secret
from assistants_app.api.bodies import Parcel, decode, encode
from assistants_app.api.errors import ApiError, ConnectFailed, ConnectionCut, RateLimited, Unreadable
from assistants_app.api.faults import in_our_words
from assistants_app.api.objects import Glance
from assistants_app.api.wire import Attempt, TimedAdapter, TimedPool, attempting

BACK_OFF = (0.25, 0.5)  # seconds before the second and the third try
Query = Mapping[str, str | Sequence[str]]  # a name with several values is repeated
PASSING = frozenset({502, 503, 504})  # statuses that may be gone at the next try
Taken = TypeVar("Taken")
# From an answer that begins, what is wanted of it.
Take = Callable[[str, BaseHTTPResponse, Attempt], Taken]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for a connection to come about, for the silence between two pieces of an answer, and for
    the whole call with all its repeats and pauses."""

    connect: float = 5.0
    read: float = 20.0
    total: float = 30.0


class Coming:
    """An answer to a POST that is still being sent. To be closed, wherever it was read to."""

    def __init__(self, response: BaseHTTPResponse, attempt: Attempt, base_url: str) -> None:
        self._response = response
        self._attempt = attempt
        self._base_url = base_url

    def pieces(self) -> Iterator[bytes]:
        """What was sent, as soon as it is there. Raises ApiError where it ends otherwise than by its end."""
        with in_our_words("POST", self._attempt, self._base_url):
            while piece := self._response.read1(CHUNK, decode_content=True):
                yield piece

    def last(self, *, seconds: float, silence: float) -> None:
        """From now on it may take so long, and be silent for so long in between."""
        self._attempt.until, self._attempt.silence = monotonic() + seconds, silence

    def close(self) -> None:
        self._response.close()
        self._response.release_conn()


class Transport:
    """One connection to a server, shared by any number of threads."""

    def __init__(
        self,
        *,
        base_url: str,
        own_headers: Mapping[str, str],
        query: Mapping[str, str],
        secret: str,
        timeouts: Timeouts,
        verify: bool | str,
        before_request: Callable[[str, str], None] | None,
        allow_address: Callable[[str], None] | None,
        largest_answer: int,
        pool_size: int,
    ) -> None:
        self.base_url = base_url
        self._base_path = quote(urlsplit(base_url).path, safe="/%:@!$&'()*+,;=~-._")
        self._query = dict(query)
        self._secret = Secret(secret)
        self._timeouts = timeouts
        self._verify = verify
        self._before_request = before_request or (lambda method, path: None)
        self._allow_address = allow_address
        self._reader = Reader(self._secret, largest_answer)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy, no .netrc that would replace the key
        self._session.headers.clear()
        self._session.headers.update(own_headers)
        self._adapter = TimedAdapter(pool_connections=1, pool_maxsize=pool_size, max_retries=0)
        self._session.mount(base_url, self._adapter)
        self._glance_head = Secret(self._written_headers(own_headers))
        pool = self._adapter.get_connection_with_tls_context(self._blank("GET"), verify)
        self._adapter.cert_verify(pool, base_url, verify, None)
        self._pool = cast(TimedPool, pool)

    def __repr__(self) -> str:
        return f"<Transport {self.base_url}>"

    def close(self) -> None:
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | Parcel | None = None,
    ) -> Any:
        """The parsed answer; None for a 204. `path` begins with / and is quoted already. Raises ApiError.

        GET is tried up to three times where that may help; other methods only where nothing had been sent.
        """
        parcel = encode(body) if isinstance(body, Mapping) else body
        answer = self._read(self._prepared(method, self._target(path, query), parcel), path)
        return None if answer.status == 204 else self.parsed(method, answer)

    def parsed(self, method: str, answer: Answer) -> Any:
        """What is in a JSON body. Raises Unreadable."""
        try:
            return decode(answer.body)
        except Unreadable as error:
            error.status, error.request_id = answer.status, headers.request_id(answer.headers, self._secret)
            error.effect = "none" if method == "GET" else "unknown"
            error.body = errors.printable(error.body or "", self._secret) or None
            raise

    def download(self, path: str) -> Answer:
        """A GET of what is not JSON, whole, as it was sent. Raises ApiError, AnswerTooLarge among them."""
        prepared = self._prepared("GET", self._target(path, None), None)
        prepared.headers["Accept"] = "*/*"
        return self._read(prepared, path)

    def post(self, path: str, body: Parcel, *, query: Query | None = None) -> Answer:
        """A POST whose answer may be anything, whole, as it was sent; tried once. Raises ApiError."""
        prepared = self._prepared("POST", self._target(path, query), body)
        return self._fetched(prepared, path, monotonic() + self._timeouts.total, self._whole)

    def glance(self, path: str) -> Glance:
        """A GET at a quarter of what Session.get costs, tried once. Raises ApiError.

        It asks for no compression: that costs us more than the bytes do, and is read all the same if sent.
        """
        target = self._target(path, None)

        def exchange(attempt: Attempt) -> Answer:
            head = Secret(f"GET {target} HTTP/1.1\r\n{self._glance_head}")
            seconds = min(self._timeouts.connect, attempt.left())
            with self._pool.answering(head, seconds) as (connection, response):
                return self._reader.read_bare(connection, response)

        answer = self._attempt("GET", path, exchange, monotonic() + self._timeouts.total)
        return Glance(
            status=answer.status,
            body=answer.body,
            digest=hashlib.blake2b(answer.body, digest_size=8).hexdigest(),
            poll_after=headers.poll_after(answer.headers),
            retry_after=headers.retry_after(answer.headers),
            request_id=headers.request_id(answer.headers, self._secret),
        )

    def stream(self, path: str, *, query: Query | None, body: Mapping[str, Any]) -> Answer | Coming:
        """A POST whose answer is read while it comes; whole where the server answers with something else than events.

        Raises ApiError. Sent again only where nothing had been sent. The time-outs are those of any answer until
        `Coming.last` gives it others.
        """
        prepared = self._prepared("POST", self._target(path, query), encode(body))
        prepared.headers["Accept"] = "text/event-stream, application/json"
        prepared.headers["Accept-Encoding"] = "identity"
        return self._tried(prepared, path, self._opened)

    def _opened(self, method: str, response: BaseHTTPResponse, attempt: Attempt) -> Answer | Coming:
        if 200 <= response.status < 300 and "text/event-stream" in response.headers.get("content-type", ""):
            return Coming(response, attempt, self.base_url)
        return self._whole(method, response, attempt)

    def _whole(self, method: str, response: BaseHTTPResponse, attempt: Attempt) -> Answer:
        try:
            return self._reader.read(method, response)
        finally:
            response.close()  # only what was not read to its end is still open
            response.release_conn()

    def _read(self, prepared: requests.PreparedRequest, path: str) -> Answer:
        return self._tried(prepared, path, self._whole)

    def _tried(self, prepared: requests.PreparedRequest, path: str, take: Take[Taken]) -> Taken:
        until = monotonic() + self._timeouts.total
        for back_off in BACK_OFF:
            try:
                return self._fetched(prepared, path, until, take)
            except ApiError as error:
                pause = max(back_off, error.retry_after or 0)
                if not _may_repeat(str(prepared.method), error) or monotonic() + pause >= until:
                    raise
            sleep(pause)
        return self._fetched(prepared, path, until, take)

    def _fetched(self, prepared: requests.PreparedRequest, path: str, until: float, take: Take[Taken]) -> Taken:
        method = str(prepared.method)

        def exchange(attempt: Attempt) -> Taken:
            left = Timeout(connect=self._timeouts.connect, read=self._timeouts.read, total=attempt.left())
            # Not Session.send: that reads the body of a redirect whole, and stores cookies.
            options: Any = {"stream": True, "timeout": left, "verify": self._verify}
            return take(method, self._adapter.send(prepared, **options).raw, attempt)

        return self._attempt(method, path, exchange, until)

    def _attempt(self, method: str, path: str, exchange: Callable[[Attempt], Taken], until: float) -> Taken:
        asked = monotonic()
        self._before_request(method, path)
        until += monotonic() - asked  # waiting for leave to ask is not the server's delay
        attempt = Attempt(until, self._timeouts.read, self._allow_address)
        with in_our_words(method, attempt, self.base_url), attempting(attempt):
            return exchange(attempt)

    def _prepared(self, method: str, target: str, body: Parcel | None) -> requests.PreparedRequest:
        prepared = self._blank(method, body)
        # Set here and not given: preparing a URL turns %2E%2E back into .., a step up the path.
        address = urlsplit(self.base_url)
        prepared.url = f"{address.scheme}://{address.netloc}{target}"
        return prepared

    def _blank(self, method: str, body: Parcel | None = None) -> requests.PreparedRequest:
        kind = {} if body is None else {"Content-Type": body.kind}
        content = None if body is None else body.content
        return self._session.prepare_request(requests.Request(method, self.base_url, headers=kind, data=content))

    def _written_headers(self, own_headers: Mapping[str, str]) -> str:
        host = urlsplit(self.base_url).netloc.removesuffix(":")
        lines = CaseInsensitiveDict({"Host": host})
        lines.update(own_headers)
        lines.update({"Accept-Encoding": "identity"})
        return "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"

    def _target(self, path: str, query: Query | None) -> str:
        asked = urlencode({**self._query, **(query or {})}, doseq=True, errors="surrogatepass")
        return f"{self._base_path}{path}?{asked}" if asked else f"{self._base_path}{path}"


def _may_repeat(method: str, error: ApiError) -> bool:
    if isinstance(error, ConnectFailed):
        return True
    return method == "GET" and (isinstance(error, ConnectionCut | RateLimited) or error.status in PASSING)
