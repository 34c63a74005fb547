"""Posts JSON to addresses that people gave: no private ones unless allowed, no redirects, an end to every wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assistants_app.api import errors
from assistants_app.api.answers import Secret
from assistants_app.api.bodies import encode
from assistants_app.api.transport import Timeouts, Transport
from assistants_app.services import addresses

TIMEOUTS = Timeouts(connect=4.0, read=8.0, total=10.0)
LARGEST_ANSWER = 64 * 1024
NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")


class NotAWebhook(ValueError):
    """No address that could be posted to."""


def check(url: str) -> None:
    """Raises NotAWebhook, or PermissionError for an IP address that is not allowed (PRIVATE_ADDRESSES)."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or "@" in parts.netloc or parts.fragment or NOT_IN_URLS.search(url):
        raise NotAWebhook
    addresses.allow_host(parts.hostname or "")


def post(url: str, body: Mapping[str, Any]) -> None:
    """Posts once; any 2xx is a success, whatever it says. Raises ApiError, whose words may be the other side's."""
    parts = urlsplit(url)
    transport = Transport(
        base_url=f"{parts.scheme}://{parts.netloc}",
        own_headers={"Accept": "*/*", "User-Agent": "switchboard"},
        query={},
        secret=Secret(f"{parts.path}\n{parts.query}"),
        timeouts=TIMEOUTS,
        verify=True,
        before_request=None,
        allow_address=addresses.allow,
        largest_answer=LARGEST_ANSWER,
        pool_size=1,
    )
    try:
        transport.post(parts.path or "/", encode(body), query=parse_qs(parts.query, keep_blank_values=True))
    finally:
        transport.close()


def failure(url: str, error: errors.ApiError) -> str:
    """What went wrong, with the host and nothing else of the address. What the other side wrote is left out: a person
    must not read through this machine what answers them only."""
    host = urlsplit(url).netloc
    if isinstance(error, errors.Redirected):
        return f"{host} points elsewhere, which is not followed"
    return f"{host} answered {error.status}" if error.status is not None else str(error)
