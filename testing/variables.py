"""The variables of `make test` that several of its modules read."""

from __future__ import annotations

import os

from launcher import options


def runs_slow_tests() -> bool:
    """Whether SLOW is on. Raises launcher.locations.Refusal where it is neither on nor off."""
    return options.switch(os.environ, "SLOW", "off")


def requires_services() -> bool:
    """Whether REQUIRE_SERVICES is on. Raises launcher.locations.Refusal where it is neither on nor off."""
    return options.switch(os.environ, "REQUIRE_SERVICES", "off")
