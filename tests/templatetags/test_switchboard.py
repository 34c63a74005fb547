"""The small pieces that pages are made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from assistants_app.templatetags.switchboard import countdown, duration, head, lasted, status, when


def test_it_shows_an_unknown_status_in_its_own_words(settings: Any) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    assert "&lt;paused&gt;" in status("<paused>")


def test_it_shows_no_status_as_no_runs() -> None:
    assert "No runs" in status("")


def test_it_names_the_exact_time_beside_the_relative_one() -> None:
    assert 'title="2026-01-02 03:04:05 UTC"' in when(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def test_it_warns_before_time_is_up() -> None:
    now = timezone.now()
    looks = {30: "soon", 120: "near", 400: "calm", -5: "over"}
    assert all(f"countdown-{look}" in countdown(now + timedelta(seconds=left)) for left, look in looks.items())


def test_it_writes_durations_as_people_read_them() -> None:
    assert [duration(seconds) for seconds in (4, 64, 3_661)] == ["4s", "1m 04s", "1h 01m"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert lasted(start, start + timedelta(seconds=64)) == "1m 04s"


def test_it_cuts_a_long_text_on_one_line() -> None:
    assert head("a\nb  c" + "d" * 50, 10) == "a b cdddd…"
