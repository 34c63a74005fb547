"""Makes a fresh installation ready: database, static files, the first admin, the local connection."""

from __future__ import annotations

import json
import os
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from assistants_app.services import connections, people


class Command(BaseCommand):
    help = "Migrates the database, collects the static files, and adds the first admin and the local API server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--sign-in-link", action="store_true", help="print the path of a link that signs the admin in, as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        staticfiles_storage.collect()  # type: ignore[attr-defined]  # dashboard.static_files.StaticFiles
        if url := local_api_url():
            key = os.environ.get("LOCAL_API_KEYS", "local").split(",")[0]
            connections.set_up(name="Local", base_url=url, key=key)
        admin = people.ensure_admin()
        if options["sign_in_link"]:
            self.stdout.write(json.dumps({"sign_in": reverse("sign_in_link") + people.sign_in_query(user=admin)}))


def local_api_url() -> str:
    """Where the local API server is, empty where there is none: LOCAL_API_URL, or LOCAL_API_PORT of this machine."""
    port = os.environ.get("LOCAL_API_PORT")
    return os.environ.get("LOCAL_API_URL") or (f"http://127.0.0.1:{port}/v1" if port else "")
