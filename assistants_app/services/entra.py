"""Access tokens of Microsoft Entra, for connections that sign in as an application (client credentials)."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import requests
from cryptography.fernet import InvalidToken
from django.conf import settings

from assistants_app.api import errors
from assistants_app.api.answers import Secret
from assistants_app.api.endpoints import ENDPOINTS
from assistants_app.api.headers import without
from assistants_app.models import Connection

SPARE_SECONDS = 300.0  # a token is replaced so long before its end
PATIENCE = 10.0  # seconds for one answer of Entra
PAUSE_SECONDS = 10.0  # after a refusal, before Entra is asked again

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Held:
    """A token, or why there is none, and until when (a reading of time.monotonic) that holds."""

    until: float
    token: Secret
    error: errors.ApiError | None = None


_held: dict[Key, _Held] = {}
_lock = threading.Lock()


def token(connection: Connection) -> Secret:
    """A token that is good for some minutes; asked for when there is none, and kept in this process alone.

    Raises ApiError: BadSettings, ConnectFailed, or Unauthenticated in Entra's own words.
    """
    scope = ENDPOINTS[connection.endpoint].scope
    key = (connection.tenant_id, connection.client_id, connection.encrypted_key, scope)
    held = _held.get(key)
    if held is None or held.until <= time.monotonic():
        with _lock:  # many may want it at once; one asks
            held = _held.get(key)
            if held is None or held.until <= time.monotonic():
                held = _held[key] = _fetched(connection, scope)
    if held.error is not None:
        raise held.error
    return held.token


def _fetched(connection: Connection, scope: str) -> _Held:
    try:
        answer = _asked(connection, scope)
    except errors.ApiError as error:
        return _Held(time.monotonic() + PAUSE_SECONDS, Secret(""), error)
    lasts = max(PAUSE_SECONDS, float(answer.get("expires_in") or 0) - SPARE_SECONDS)
    return _Held(time.monotonic() + lasts, Secret(answer["access_token"]))


def _asked(connection: Connection, scope: str) -> dict[str, str]:
    """Raises ApiError; its words never hold the secret."""
    import msal  # noqa: PLC0415  most installations never need it, and it is slow to import

    try:
        secret = connection.key
    except InvalidToken:
        raise errors.BadSettings("The secret cannot be read: ENCRYPTION_KEYS has changed. Replace it.") from None
    try:
        application = msal.ConfidentialClientApplication(
            connection.client_id,
            client_credential=secret,
            authority=f"{settings.ENTRA_AUTHORITY}/{connection.tenant_id}",
            instance_discovery=False,  # the authority is named by who runs this, not by an admin
            timeout=PATIENCE,
            enable_pii_log=False,
        )
        answer = application.acquire_token_for_client([scope])
    except requests.RequestException as error:
        raise errors.ConnectFailed(f"Entra cannot be asked for a token: {type(error).__name__}") from None
    except ValueError as error:
        raise errors.Unauthenticated(_said(str(error), secret)) from None
    if not answer or "access_token" not in answer:
        raise errors.Unauthenticated(_said((answer or {}).get("error_description") or "no token", secret))
    return dict(answer)


def _said(words: str, secret: str) -> str:
    first = without(secret, words.strip()).splitlines()
    return errors.cut(f"Entra gave no token: {first[0] if first else 'it does not say why'}", errors.LONGEST_MESSAGE)
