"""Adds a person with a role, or changes the role of one."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from assistants_app.models.people import Role
from assistants_app.services import people, wording


class Command(BaseCommand):
    help = "Adds a person with a role, and prints a link that signs them in once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", choices=[role.group for role in people.ROLES])

    def handle(self, *args: Any, **options: Any) -> None:
        role = next(role for role in Role if role.group == options["role"])
        try:
            user = people.ensure(username=options["username"], role=role)
        except ValidationError as error:
            raise CommandError(f"This name cannot be used: {' '.join(error.messages)}") from None
        self.stdout.write(wording.address(reverse("sign_in_link") + people.sign_in_query(user=user)))
