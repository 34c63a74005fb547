"""Adds a server, or changes one."""

from __future__ import annotations

import os
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assistants_app.api.dialects import DIALECTS
from assistants_app.api.endpoints import ENDPOINTS
from assistants_app.api.errors import ApiError
from assistants_app.models import Connection
from assistants_app.services import checks, connections


class Command(BaseCommand):
    help = "Adds a server that speaks the Assistants API. The key is read from API_KEY or asked for, never an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("base_url", help="such as https://assistants.example.org/v1")
        parser.add_argument("--endpoint", choices=list(ENDPOINTS), help="what kind of server it is (openai)")
        parser.add_argument("--dialect", choices=list(DIALECTS), help="of the Assistants API (v2)")
        parser.add_argument("--access", choices=["key", "token", "client", "none"], help="what the server asks for")
        parser.add_argument("--tenant-id", help="of the Entra application, with --access client")
        parser.add_argument("--client-id", help="of the Entra application, with --access client")
        parser.add_argument("--query", action="append", metavar="NAME=VALUE", help="goes with every request")
        parser.add_argument("--certificates", type=Path, help="a file of the certificates to trust, in PEM")
        parser.add_argument("--requests-per-minute", type=int, help="how much the server allows; none: no limit")

    def handle(self, *args: Any, **options: Any) -> None:
        is_open = options["access"] == "none"
        key = "" if is_open else os.environ.get("API_KEY") or getpass("Key, token or secret: ")
        try:
            connection = connections.set_up(
                name=options["name"], base_url=options["base_url"], key=key, **_given(options)
            )
        except (ApiError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        found = checks.at_once(connection)
        for each in found:
            took = f"{each.milliseconds:5d} ms" if each.milliseconds is not None else " " * 8
            self.stdout.write(f"{each.name:<26}{each.state:<10}{took}  {each.words}".rstrip())
        first = found[0]
        if first.state != "offered":
            raise CommandError(first.words or "The server was not reached.")
        self.stdout.write(f"{connection.name} answers.")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were named; all others stay."""
    names = ("endpoint", "dialect", "access", "tenant_id", "client_id", "requests_per_minute")
    given = {name: options[name] for name in names if options[name] is not None}
    if options["query"]:
        pairs = [each.partition("=") for each in options["query"]]
        given["query"] = {name: value for name, _, value in pairs}
    if options["certificates"]:
        given |= {"certificates": options["certificates"].read_text(), "verify": Connection.Verify.OWN}
    return given
