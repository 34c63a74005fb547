"""The Celery application and its schedule: short ticks that drain due rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
app = Celery("switchboard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def schedule(sender: Celery, **_: object) -> None:
    """One tick a loop. A tick nobody took until the next one is worthless, so it expires."""
    from django.conf import settings  # noqa: PLC0415  settings are read once Celery is configured

    tick = settings.TICK_SECONDS
    loops = ["poll_due_runs"] * settings.POLLERS + ["refresh_due", "deliver_due", "rule_due", "notify_due"]
    sender.conf.beat_schedule = {
        f"{name}-{place}": {
            "task": f"assistants_app.tasks.{name}",
            "schedule": tick,
            "options": {"expires": tick},
        }
        for place, name in enumerate(loops)
    }
