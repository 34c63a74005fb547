"""The Django project: settings, environment, addresses, Celery. Wiring, no behaviour."""

from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
