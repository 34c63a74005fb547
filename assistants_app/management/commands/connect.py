"""Adds a server, or changes one."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentTypeError
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
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
        parser.add_argument(
            "--query", action="append", type=parse_pair, metavar="NAME=VALUE", help="goes with every request"
        )
        parser.add_argument("--certificates", type=Path, help="a file of the certificates to trust, in PEM")
        limit = "how many requests a minute the server allows; without it, there is no limit"
        parser.add_argument("--requests-per-minute", type=parse_limit, metavar="NUMBER", help=limit)

    def handle(self, *args: Any, **options: Any) -> None:
        is_open = options["access"] == "none"
        key = "" if is_open else os.environ.get("API_KEY") or ask_for_key()
        try:
            connection = connections.set_up(
                name=options["name"], base_url=options["base_url"], key=key, **_given(options)
            )
        except ValidationError as error:
            raise CommandError(
                " ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
            ) from None
        except (ApiError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        found = checks.at_once(connection)
        for each in found:
            took = f"{each.milliseconds:5d} ms" if each.milliseconds is not None else " " * 8
            self.stdout.write(f"{each.name:<26}{each.state:<10}{took}  {each.words}".rstrip())
        first = found[0]
        if first.state != "offered":
            raise CommandError(
                f"{connection.name} was saved, but does not answer as it should: "
                f"{first.words or 'the server was not reached.'} To change it, connect the same name again."
            )
        self.stdout.write(f"{connection.name} answers.")


def ask_for_key() -> str:
    """The key as somebody types it, without showing it. Raises CommandError where nobody can."""
    if not sys.stdin.isatty():
        raise CommandError("There is no key: set API_KEY, or run this in a terminal, where it is asked for.")
    return getpass("Key, token or secret: ")


def parse_pair(text: str) -> tuple[str, str]:
    """A name and its value. Raises ArgumentTypeError."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise ArgumentTypeError(f"{text!r} has to be NAME=VALUE.")
    return name, value


def parse_limit(text: str) -> int:
    """A number from 1. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} has to be a whole number from 1.")
    return int(text)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were named; all others stay."""
    names = ("endpoint", "dialect", "access", "tenant_id", "client_id", "requests_per_minute")
    given = {name: options[name] for name in names if options[name] is not None}
    if options["query"]:
        given["query"] = dict(options["query"])
    if options["certificates"]:
        given |= {"certificates": options["certificates"].read_text(), "verify": Connection.Verify.OWN}
    return given
