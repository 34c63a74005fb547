"""The application, and what its database always has."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AssistantsConfig(AppConfig):
    name = "assistants_app"
    label = "assistants"
    verbose_name = "Switchboard"

    def ready(self) -> None:
        post_migrate.connect(make_groups, sender=self)


def make_groups(using: str, **_: Any) -> None:
    """The four roles are there whenever the tables are."""
    from django.contrib.auth.models import Group  # noqa: PLC0415  models are loaded only now

    from assistants_app.models.people import Role  # noqa: PLC0415

    for role in Role:
        if role is not Role.NONE:
            Group.objects.using(using).get_or_create(name=role.group)
