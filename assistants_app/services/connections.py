"""The servers we talk to: setting one up, a client for it, and what its refusals mean for everybody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from assistants_app.api import errors
from assistants_app.api.answers import Secret
from assistants_app.api.client import Client, connect
from assistants_app.api.dialects import DIALECTS, Dialect
from assistants_app.api.transport import Timeouts
from assistants_app.models import Connection
from assistants_app.models.connections import cipher
from assistants_app.services import addresses, budget, entra, events

SILENCE_AFTER_REFUSED_KEY = 30.0
SILENCE_AFTER_429 = 5.0
UNREADABLE = "The key cannot be read: ENCRYPTION_KEYS has changed. Replace the key."
# All that a client is made of, beside the query and a token.
MADE_OF = (
    *("pk", "endpoint", "dialect", "base_url", "access", "encrypted_key", "key_header", "key_prefix"),
    *("organization", "project", "encrypted_headers", "verify", "certificates"),
    *("connect_seconds", "read_seconds", "total_seconds", "requests_per_minute"),
)
# What lists of other things do without.
HEAVY = ("connection__encrypted_key", "connection__encrypted_headers", "connection__certificates")
# What pages need of one to name it, to say how it is, and what it offers.
SHOWN = ("name", "last_error", "last_answer_at", "gone_at", "gone_because", "dialect", "lacking", "lists_threads")
# What a server was found to be holds as long as these do.
WHERE = {"endpoint", "dialect", "base_url", "query", "organization", "project"}
WHO = {"access", "key", "key_expires_at", "tenant_id", "client_id", "key_header", "key_prefix", "headers"}


def set_up(*, name: str, base_url: str, key: str, **more: Any) -> Connection:
    """Makes the connection of that name, or changes what is given of it. Raises as `save` does."""
    connection = Connection.objects.filter(name=name).first() or Connection(name=name)
    return save(connection, base_url=base_url, key=key, **more)


def save(connection: Connection, **values: Any) -> Connection:
    """Changes these settings of a connection, `key` and `headers` in clear, and stores it; it is read from at once.

    Raises BadSettings for what no client can be made of, PermissionError for an address that is not allowed,
    ValidationError for a value that its field does not take.
    """
    changed = {name for name, value in values.items() if connection.pk is None or _now(connection, name) != value}
    for name in changed:
        setattr(connection, name, values[name])
    connection.clean_fields()
    if connection.access == "client" and not (connection.tenant_id and connection.client_id):
        raise errors.BadSettings("Signing in as an application needs a tenant ID and a client ID.")
    addresses.allow_host(_host(connection.base_url))
    _build(connection, token="", purpose="people").close()
    if changed & WHERE:
        connection.lacking, connection.lists_threads, connection.last_answer_at = {}, None, None
    if changed & (WHERE | WHO):
        connection.gone_at, connection.gone_because, connection.absences = None, "", 0
        connection.last_error, connection.paused_until, connection.assistants_at = "", None, None
    if connection.gone_at is None:
        connection.due_at, connection.failures = timezone.now(), 0
    connection.save()
    events.tell([events.CONNECTIONS, events.connection_topic(connection.pk)])
    return connection


def _now(connection: Connection, name: str) -> Any:
    try:
        return getattr(connection, name)
    except InvalidToken:
        return None


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:
        return ""  # the client says what is wrong with it


def sealed(secrets: dict[str, Any]) -> str:
    """Secrets locked as the keys in the database are, for a form that is still being filled in."""
    return cipher().encrypt(json.dumps(secrets).encode()).decode()


def unsealed(text: str) -> dict[str, Any]:
    """What was sealed; nothing where that cannot be read."""
    try:
        return dict(json.loads(cipher().decrypt(text.encode())))
    except (InvalidToken, ValueError):
        return {}


def is_unencrypted(connection: Connection) -> bool:
    """Whether what is said to a server can be read on the way to it: without TLS, unless it is on this machine."""
    host = _host(connection.base_url)
    is_here = host in {"localhost", "::1"} or host.startswith("127.")
    return connection.base_url.startswith("http:") and not is_here


def choose(wanted: str) -> tuple[list[Connection], Connection | None]:
    """All connections by name, gone ones too because what they had is still here; and the one of that key, if any."""
    every = list(Connection.objects.only(*SHOWN))
    return every, next((each for each in every if str(each.pk) == wanted), None)


def dialect(connection: Connection) -> Dialect:
    """How a server shapes requests and answers. Raises BadSettings for a dialect that is not known."""
    if connection.dialect not in DIALECTS:
        raise errors.BadSettings(f"There is no dialect {connection.dialect!r}; there are {', '.join(DIALECTS)}")
    return DIALECTS[connection.dialect]


def for_people(connection: Connection) -> Client:
    """A client for what a person asked: counted in the budget, never held back by it."""
    return _client(connection, "people")


def for_background(connection: Connection) -> Client:
    """A client for reading lists: each request waits for the budget."""
    return _client(connection, "background")


def for_polling(connection: Connection) -> Client:
    """A client for the poller, which takes its tokens in batches: no answer may take as long as a lease."""
    return _client(connection, "polling")


def _client(connection: Connection, purpose: str) -> Client:
    """Raises ApiError where there is no key or token to show."""
    token = entra.token(connection) if connection.access == "client" else Secret("")
    values = tuple(getattr(connection, name) for name in MADE_OF)
    return _made(values, tuple(connection.query.items()), token, purpose)


@lru_cache(maxsize=256)
def _made(values: tuple[Any, ...], query: tuple[tuple[str, str], ...], token: Secret, purpose: str) -> Client:
    connection = Connection(**dict(zip(MADE_OF, values, strict=True)), query=dict(query))
    return _build(connection, token=token, purpose=purpose)


def _build(connection: Connection, *, token: str, purpose: str) -> Client:
    counted: dict[str, Callable[[Connection], None]] = {
        "people": budget.spend,
        "background": budget.await_one,
    }
    limited = connection.requests_per_minute is not None
    hook = partial(_count, counted[purpose], connection) if limited and purpose in counted else None
    longest = settings.LEASE_SECONDS - 3 if purpose == "polling" else connection.total_seconds
    try:
        key, headers = token or connection.key, connection.headers
    except InvalidToken:
        raise errors.BadSettings(UNREADABLE) from None
    is_token = connection.access in {"token", "client"}
    return connect(
        endpoint=connection.endpoint,
        dialect=connection.dialect,
        base_url=connection.base_url,
        key="" if connection.access == "none" else key,
        key_header="Authorization" if is_token else connection.key_header,
        key_prefix="Bearer " if is_token else connection.key_prefix,
        headers=headers | _named(connection),
        query=connection.query,
        timeouts=Timeouts(
            connect=min(connection.connect_seconds, longest / 2),
            read=min(connection.read_seconds, longest),
            total=min(connection.total_seconds, longest),
        ),
        verify=_verify(connection),
        before_request=hook,
        allow_address=addresses.allow,
        pool_size=settings.POLL_CONCURRENCY if purpose == "polling" else 16,
    )


def _named(connection: Connection) -> dict[str, str]:
    given = {"OpenAI-Organization": connection.organization, "OpenAI-Project": connection.project}
    return {name: value for name, value in given.items() if value}


def _verify(connection: Connection) -> bool | str:
    """Whether certificates are verified, or the file of those that are trusted alone: named by what is in it, so that
    every process finds or makes the same."""
    if connection.verify != Connection.Verify.OWN:
        return connection.verify != Connection.Verify.OFF
    text = connection.certificates.encode()
    path = Path(settings.DATA_DIR) / "certificates" / f"{sha256(text).hexdigest()}.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{timezone.now().timestamp()}")
        half.write_bytes(text)
        half.rename(path)
    return str(path)


def _count(way: Callable[[Connection], None], connection: Connection, method: str, path: str) -> None:
    way(connection)


def silent_until(connection: Connection) -> datetime | None:
    """When the server may be asked again where it must not be now: it asked for that, or our token has ended."""
    now = timezone.now()
    if connection.paused_until is not None and connection.paused_until > now:
        return connection.paused_until
    return now + timedelta(seconds=SILENCE_AFTER_REFUSED_KEY) if has_expired(connection) else None


def is_silent(connection: Connection) -> bool:
    """The server must not be asked now."""
    return silent_until(connection) is not None


def silent(prefix: str = "") -> Q:
    """The same as a condition, for rows that lead to their connection over `prefix`."""
    now = timezone.now()
    expired = Q(**{f"{prefix}access": "token", f"{prefix}key_expires_at__lte": now})
    return Q(**{f"{prefix}paused_until__gt": now}) | expired


def has_expired(connection: Connection) -> bool:
    """Whether the token that was pasted has come to its end."""
    ends = connection.key_expires_at if connection.access == "token" else None
    return ends is not None and ends <= timezone.now()


def heard(connection: Connection) -> None:
    """Notes that the server answered."""
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(last_answer_at=timezone.now(), last_error="", absences=0)


def expired(connection: Connection) -> None:
    """Notes that nothing can be asked before somebody pastes a new token."""
    words = "The access token has expired. An admin can paste a new one."
    Connection.objects.filter(pk=connection.pk).update(last_error=words)


def refused(connection: Connection, error: errors.ApiError) -> None:
    """Notes an error; where it concerns every request (429, the key), all of them wait."""
    silence = None
    if isinstance(error, errors.RateLimited):
        silence = error.retry_after if error.retry_after is not None else SILENCE_AFTER_429
    elif isinstance(error, errors.Unauthenticated | errors.Forbidden):
        silence = SILENCE_AFTER_REFUSED_KEY
    changes: dict[str, object] = {"last_error": str(error)}
    if silence is not None:
        changes["paused_until"] = timezone.now() + timedelta(seconds=silence)
    Connection.objects.filter(pk=connection.pk).update(**changes)
