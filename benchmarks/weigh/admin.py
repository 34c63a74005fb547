"""Serves Django's admin beside a dashboard: `python -m benchmarks.weigh.admin PORT`. Prints a session of its user."""

from __future__ import annotations

import sys

import uvicorn
from django.core.management import call_command

from benchmarks.pages.measure import cookie


def main(port: int) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    print(cookie(), flush=True)
    uvicorn.run("dashboard.asgi:pages", host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
