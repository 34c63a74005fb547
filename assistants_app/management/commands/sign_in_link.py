"""Prints a link that signs somebody in once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from assistants_app.services import people, wording


class Command(BaseCommand):
    help = "Prints a link that signs a user in once, within a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", default="admin")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user called {options['username']}.")
        self.stdout.write(wording.address(reverse("sign_in_link") + people.sign_in_query(user=user)))
