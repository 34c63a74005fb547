"""A few of the lost answers of `make posting-faults`: at least one of each kind of thing that people make."""

from __future__ import annotations

import pytest

from testing.fault_injection import lost_responses

pytestmark = pytest.mark.database

SEED = 25


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_people_make_is_there_once_however_the_answer_is_lost(capfd: pytest.CaptureFixture[str]) -> None:
    assert lost_responses.measured(seed=SEED, count=30, at_once=15)
    assert "0 doubled, 0 lost;" in capfd.readouterr().out.splitlines()[-1]
