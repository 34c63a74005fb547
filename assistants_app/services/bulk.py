"""One act over many assistants: first what it would change in each, then an operation for each. Each is sent on top of
the version that somebody looked at, and on top of no other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from assistants_app.models import Assistant, AssistantVersion, BulkChange, Connection, Operation, Run
from assistants_app.models.operations import MOST_PAIRS
from assistants_app.models.runs import ENDED
from assistants_app.services import assistants, capabilities, comparisons, configurations, models, versions
from assistants_app.services.comparisons import Compared
from assistants_app.services.configurations import Configuration

MOST = 200  # assistants in one go
Kind = BulkChange.Kind


class Sent(Exception):
    """The same form was sent before, with something else in it."""

    def __init__(self, standing: BulkChange) -> None:
        super().__init__(str(standing))
        self.standing = standing


@dataclass(frozen=True)
class Change:
    """What is to be done to each: delete it, give it a model, or set some keys of its metadata and take others away."""

    kind: str
    model: str = ""
    pairs: Mapping[str, str] = field(default_factory=dict)
    removed: Sequence[str] = ()

    @property
    def content(self) -> dict[str, Any]:
        """The values by their names."""
        if self.kind == Kind.MODEL:
            return {"model": self.model}
        return {"pairs": dict(self.pairs), "removed": [*self.removed]} if self.kind == Kind.METADATA else {}

    @property
    def digest(self) -> str:
        """The same for equal changes."""
        return sha256(json.dumps([self.kind, self.content]).encode("ascii")).hexdigest()

    def applied(self, settings: Configuration) -> Configuration:
        """A configuration with the change."""
        if self.kind == Kind.MODEL:
            return configurations.tidy({**settings, "model": self.model})
        given = settings.get("metadata")
        before = given if isinstance(given, Mapping) else {}
        left = {name: value for name, value in before.items() if name not in self.removed}
        return configurations.tidy({**settings, "metadata": {**left, **self.pairs}})


def of(bulk: BulkChange) -> Change:
    """The change that was asked for."""
    what = bulk.what
    return Change(bulk.kind, what.get("model", ""), what.get("pairs", {}), tuple(what.get("removed", ())))


@dataclass(frozen=True)
class Planned:
    """What would come of it for one assistant: `configuration` is what it would be set to (None: it goes), `cannot`
    why nothing can be done, `warning` what speaks against it, `active` how many of its runs are at work."""

    assistant: Assistant
    base: AssistantVersion
    configuration: Configuration | None = None
    differences: Sequence[Compared] = ()
    cannot: str = ""
    warning: str = ""
    active: int = 0
    is_deleted: bool = False

    @property
    def is_to_do(self) -> bool:
        return not self.cannot and (self.is_deleted or bool(self.differences))


def selected(keys: Sequence[int]) -> list[Assistant]:
    """The assistants of these keys, in the order of their list."""
    rows = Assistant.objects.select_related("connection").filter(pk__in=keys)
    return sorted(
        rows, key=lambda each: (each.created_at is None, -(each.created_at or each.first_seen_at).timestamp())
    )


def plan(
    *, change: Change, chosen: Sequence[Assistant], bases: Mapping[int, AssistantVersion] | None = None
) -> list[Planned]:
    """What a change would do to each of these, from the version that somebody looked at (`bases`), else the latest."""
    known = versions.latest_of(chosen) | dict(bases or {})
    active = _active(chosen) if change.kind == Kind.DELETE else Counter()
    places = {each.connection_id: each.connection for each in chosen}
    lacks = {key: _lack(change, place) for key, place in places.items()}
    listed = {key: models.listed(place) for key, place in places.items() if change.kind == Kind.MODEL}
    return [
        _planned(
            change,
            each,
            known[each.pk],
            lack=lacks[each.connection_id],
            listed=listed.get(each.connection_id, set()),
            active=active[each.pk],
        )
        for each in chosen
    ]


def _lack(change: Change, connection: Connection) -> str:
    return capabilities.lack(connection, "deleteAssistant" if change.kind == Kind.DELETE else "modifyAssistant")


def _active(chosen: Sequence[Assistant]) -> Counter[int]:
    rows = Run.objects.filter(assistant__in=chosen, gone_at=None).exclude(status__in=ENDED)
    return Counter(rows.values_list("assistant_id", flat=True))


def _planned(
    change: Change, assistant: Assistant, base: AssistantVersion, *, lack: str, listed: set[str], active: int
) -> Planned:
    cannot = lack or (_("The server no longer has it.") if assistant.gone_at else "")
    if cannot:
        return Planned(assistant, base, cannot=cannot)
    if change.kind == Kind.DELETE:
        return Planned(assistant, base, active=active, is_deleted=True)
    configuration = change.applied(base.settings)
    pairs = len(configuration.get("metadata") or {})
    if change.kind == Kind.METADATA and pairs > MOST_PAIRS:
        words = _("It would have %(given)s pairs of metadata, at most %(most)s are allowed.")
        return Planned(assistant, base, cannot=words % {"given": pairs, "most": MOST_PAIRS})
    warning = ""
    if change.kind == Kind.MODEL and listed and change.model not in listed:
        warning = _("Its server does not list this model.")
    return Planned(assistant, base, configuration, comparisons.between(base.settings, configuration), warning=warning)


def run(*, uuid: UUID, change: Change, planned: Sequence[Planned], by: User, reason: str = "") -> BulkChange:
    """Has it done: an operation for each assistant that would change, all of them or none, once for `uuid`. Raises
    Sent where that stands for something else."""
    content = json.dumps({**change.content, "assistants": sorted(each.assistant.pk for each in planned)})
    with transaction.atomic():
        given = {"kind": change.kind, "content": content, "reason": reason, "by": by}
        bulk, is_new = BulkChange.objects.get_or_create(uuid=uuid, defaults=given)
        if is_new:
            bulk.operations.set([_asked(bulk, each, by) for each in planned if each.is_to_do])
    if (bulk.kind, bulk.content, bulk.by_id) != (change.kind, content, by.pk):
        raise Sent(bulk)
    return bulk


def _asked(bulk: BulkChange, each: Planned, by: User) -> Operation:
    if each.configuration is None:
        return assistants.delete(assistant=each.assistant, base=each.base, by=by, reason=bulk.reason)
    return assistants.modify(
        assistant=each.assistant,
        base=each.base,
        configuration=each.configuration,
        by=by,
        once=uuid5(bulk.uuid, str(each.assistant.pk)),
        note=bulk.reason,
    )


@dataclass(frozen=True)
class Progress:
    """The operations of a bulk change, and how many of them came to what."""

    rows: Sequence[Operation]
    done: int
    refused: Sequence[Operation]

    @property
    def settled(self) -> int:
        return self.done + len(self.refused)

    @property
    def is_over(self) -> bool:
        return self.settled == len(self.rows)


def progress(bulk: BulkChange) -> Progress:
    """How far it is."""
    rows = list(bulk.operations.select_related("assistant__connection", "by").order_by("pk"))
    refused = [each for each in rows if each.state == Operation.State.REFUSED]
    return Progress(rows, sum(each.state == Operation.State.ACCEPTED for each in rows), refused)
