"""The addresses at which we answer: those of each kind of server that speaks the protocol, as values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request

from local_api import errors
from local_api.dialects import DIALECTS, V2, Dialect
from local_api.errors import ApiError

_OLDER_VERSIONS = ("2024-02-15-preview", "2024-03-01-preview")


def _version(request: Request) -> str:
    return request.query_params.get("api-version", "")


def _of_header(request: Request) -> Dialect | None:
    """The dialect that `OpenAI-Beta` asks for."""
    asked = request.headers.get("openai-beta", "").replace(" ", "").split(",")
    return next((dialect for name, dialect in DIALECTS.items() if f"assistants={name}" in asked), None)


def _of_version(request: Request) -> Dialect | None:
    older = _version(request) in _OLDER_VERSIONS
    return _of_header(request) or (DIALECTS["v1"] if older else V2)


def _second(request: Request) -> Dialect | None:
    return V2


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _bearer_or_api_key(request: Request) -> str:
    return request.headers.get("api-key", "").strip() or _bearer(request)


@dataclass(frozen=True, kw_only=True)
class Address:
    """`prefix` stands before the paths of all operations. `dialect` is the one of a request, None where it must say
    and does not; `key` what it brings, "" for nothing. `lacks` names operations that this kind never had."""

    prefix: str
    dialect: Callable[[Request], Dialect | None] = _of_header
    key: Callable[[Request], str] = _bearer
    wants_version: bool = False
    lacks: frozenset[str] = frozenset()
    no_key: Callable[[], ApiError] = errors.no_key
    wrong_key: Callable[[str], ApiError] = errors.wrong_key

    def check_key(self, request: Request, keys: Iterable[str]) -> None:
        """Raises `ApiError` (401) unless the request carries one of the keys."""
        key = self.key(request)
        if not key:
            raise self.no_key()
        if key not in keys:
            raise self.wrong_key(key)

    def check_version(self, request: Request) -> None:
        """Raises `ApiError` (404) where `api-version` is needed and missing."""
        if self.wants_version and not _version(request):
            raise errors.no_api_version()


ADDRESSES = (
    Address(prefix="/v1"),
    # Before /openai: its path is the longer one.
    Address(
        prefix="/openai/v1",
        dialect=_of_version,
        key=_bearer_or_api_key,
        no_key=errors.access_denied,
        wrong_key=lambda key: errors.access_denied(),
    ),
    Address(
        prefix="/openai",
        dialect=_of_version,
        key=_bearer_or_api_key,
        wants_version=True,
        no_key=errors.access_denied,
        wrong_key=lambda key: errors.access_denied(),
    ),
    Address(
        prefix="/api/projects/{project}",
        dialect=_second,
        wants_version=True,
        lacks=frozenset({"delete_message", "list_models", "get_model"}),
        no_key=errors.no_token,
        wrong_key=lambda key: errors.no_token(),
    ),
)
BEGINNINGS = ("/v1", "/openai", "/api/projects")


def is_ours(path: str) -> bool:
    """Whether a path belongs to the API rather than to what stands beside it."""
    return path.startswith(BEGINNINGS)
