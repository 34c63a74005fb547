"""A few of the faults of `make sending-faults`: at least one of each kind."""

from __future__ import annotations

import pytest

from testing.fault_injection import fault_run

pytestmark = pytest.mark.database

SEED = 25


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_answers_arrive_once_or_are_shown_as_refused_under_every_kind_of_fault(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert fault_run.measured(seed=SEED, count=25, at_once=25)
    assert "25 faults:" in capfd.readouterr().out.splitlines()[-1]
