"""Which connection a list is of: chosen in the address, nowhere else."""

from __future__ import annotations

from functools import cached_property

from django.http import HttpRequest

from assistants_app.models import Connection
from assistants_app.services import connections


class Switch:
    """All connections and the one that the address names; looked up when a page first asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._wanted = request.GET.get("connection", "")

    @cached_property
    def _found(self) -> tuple[list[Connection], Connection | None]:
        return connections.choose(self._wanted)

    @property
    def key(self) -> int | None:
        """The key that the address names, whether there is such a connection or not: asks no database."""
        wanted = self._wanted
        return int(wanted) or None if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 else None

    @property
    def every(self) -> list[Connection]:
        return self._found[0]

    @property
    def chosen(self) -> Connection | None:
        return self._found[1]

    @property
    def answering(self) -> list[Connection]:
        """Those whose server still exists, of what is chosen."""
        return [each for each in self.every if not each.gone_at and self.chosen in {None, each}]

    @property
    def is_shown(self) -> bool:
        """One connection is no choice."""
        return len(self.every) > 1
