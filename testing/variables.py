"""The variables of `make test` that several of its modules read."""

from __future__ import annotations

from dashboard import environment


def runs_slow_tests() -> bool:
    """Whether SLOW is on. Raises ImproperlyConfigured where it is neither on nor off."""
    return environment.switch("SLOW", False)


def requires_services() -> bool:
    """Whether REQUIRE_SERVICES is on. Raises ImproperlyConfigured where it is neither on nor off."""
    return environment.switch("REQUIRE_SERVICES", False)
