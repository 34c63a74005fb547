"""Asks the HTTP endpoint of a rule what to answer a call: signed as Standard Webhooks are (standardwebhooks.com), in
one time limit, to hosts that are allowed, nowhere else."""

from __future__ import annotations

import base64
import binascii
import hmac
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.http.request import validate_host
from django.utils.translation import gettext as _

from assistants_app.api import errors
from assistants_app.api.bodies import Parcel
from assistants_app.api.transport import Timeouts, Transport
from assistants_app.models import Rule, ToolCall
from assistants_app.services import addresses, exact
from assistants_app.services.placeholders import LONGEST_ANSWER, NOT_SENT

LONGEST_SECONDS = 20.0
MOST_RETRIES = 5
SECRET_PREFIX = "whsec_"  # noqa: S105  what secrets begin with is none
# These may be gone at the next try.
PASSING = (errors.Unreachable, errors.RateLimited, errors.ServerFault)


@dataclass
class Failed(Exception):
    """No answer, in words for people. `again_after`: seconds until it may be asked again; None: it is no use."""

    words: str
    again_after: float | None = None


def wrong_with_url(url: str) -> str | None:
    """What keeps a URL from being called, in words for people; None where nothing does."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _("This is no URL.")
    if parts.scheme not in {"http", "https"} or not host or any(each.isspace() for each in url):
        return _("This is no URL of the kind https://host/path.")
    if parts.username is not None or parts.password is not None:
        return _("Leave out names and passwords: the secret signs what is sent.")
    if not validate_host(host, settings.RULE_HOSTS):
        words = _("%(host)s may not be called: whoever runs this dashboard has to name it in RULE_HOSTS.")
        return words % {"host": host}
    try:
        addresses.allow_host(host, addresses.allow_endpoint)
    except PermissionError as error:
        return str(error.strerror)
    return None


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for: base64, perhaps after whsec_. Raises ValueError."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(_("A secret is whsec_ and base64.")) from error
    if not 24 <= len(key) <= 64:
        raise ValueError(_("A secret has 24 to 64 bytes: openssl rand -base64 32 makes one."))
    return key


def message_id(call: ToolCall) -> str:
    """What stands for asking about a call, the same at each try: by it an endpoint knows what it has done already."""
    return f"msg_{sha256(f'{call.run_id} {call.pk} {call.remote_id}'.encode('utf-8', 'replace')).hexdigest()[:32]}"


def body_for(rule: Rule, call: ToolCall, arguments: Any) -> str:
    """What is sent: JSON, the arguments' numbers to the letter."""
    run = call.run
    return exact.write(
        {
            "type": "tool_call",
            "function": call.name,
            "arguments": arguments,
            "tool_call_id": call.remote_id,
            "run_id": run.remote_id,
            "thread_id": run.thread.remote_id,
            "assistant_id": run.assistant_remote_id,
            "connection": rule.connection.name,
            "rule": rule.title,
        }
    )


def ask(rule: Rule, call: ToolCall, arguments: Any) -> str:
    """The reply of the rule's endpoint, to the letter. Raises Failed."""
    if (wrong := wrong_with_url(rule.url)) is not None:
        raise Failed(wrong)
    try:
        content = body_for(rule, call, arguments).encode()
        own_headers = _headers(rule, call, content)
    except InvalidToken as error:
        raise Failed("The secret cannot be read: ENCRYPTION_KEYS has changed. Type it anew.") from error
    parts = urlsplit(rule.url)
    try:
        transport = _transport(parts, rule, own_headers)
        try:
            answer = transport.post("", Parcel(content))
        finally:
            transport.close()
    except errors.ApiError as error:
        again = max(error.retry_after or 0.0, 1.0) if isinstance(error, PASSING) else None
        said = f"{error.status}: {error}" if error.status else str(error)
        raise Failed(f"The endpoint gave no answer: {said}", again) from error
    return _text(answer.status, answer.body)


def _transport(parts: SplitResult, rule: Rule, own_headers: dict[str, str]) -> Transport:
    limit = min(rule.seconds, LONGEST_SECONDS)
    query: Any = parse_qs(parts.query, keep_blank_values=True)
    return Transport(
        base_url=f"{parts.scheme}://{parts.netloc}{parts.path or '/'}",
        own_headers=own_headers,
        query=query,
        secret="",
        timeouts=Timeouts(connect=min(5.0, limit), read=limit, total=limit),
        verify=True,
        before_request=None,
        allow_address=addresses.allow_endpoint,
        largest_answer=LONGEST_ANSWER,
        pool_size=1,
    )


def _headers(rule: Rule, call: ToolCall, content: bytes) -> dict[str, str]:
    """With the signature where there is a secret. Raises InvalidToken."""
    number, moment = message_id(call), str(int(time.time()))
    headers = {"User-Agent": "switchboard", "Accept": "*/*", "webhook-id": number, "webhook-timestamp": moment}
    if secret := rule.secret:
        signed = hmac.digest(key_of(secret), f"{number}.{moment}.".encode() + content, "sha256")
        headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
    return headers


def _text(status: int, body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Failed("The endpoint answered with something that is no text (UTF-8).") from error
    if NOT_SENT.search(text):
        raise Failed("The endpoint answered with a character that cannot be sent as text.")
    if not text.strip() and status != 204:
        raise Failed("The endpoint answered with nothing (and not with 204, which would mean that).")
    return text
