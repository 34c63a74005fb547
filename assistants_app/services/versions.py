"""Every configuration that an assistant was seen to have: who made it, what differs, and which runs it produced."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from assistants_app.models import Assistant, AssistantVersion, Run, ToolCall
from assistants_app.services import configurations
from assistants_app.services.configurations import Configuration

# Servers tell when a run was made in whole seconds, by their own clock.
BLUR = timedelta(seconds=2)


def latest(assistant: Assistant) -> AssistantVersion:
    """What an assistant is set to, as far as is known."""
    found = assistant.versions.select_related("by").first()
    if found is None:
        observe([assistant])
        found = assistant.versions.select_related("by").get(number=1)
    found.assistant = assistant
    return found


def latest_of(assistants: Sequence[Assistant]) -> dict[int, AssistantVersion]:
    """The same for several, by their keys."""
    found = _newest([each.pk for each in assistants])
    if unseen := [each for each in assistants if each.pk not in found]:
        observe(unseen)
        found |= _newest([each.pk for each in unseen])
    return found


def every(assistant: Assistant) -> QuerySet[AssistantVersion]:
    """All versions of an assistant, the newest first."""
    return assistant.versions.select_related("by", "assistant")


def numbered(assistant: Assistant, number: str) -> AssistantVersion | None:
    """The version of this number, as an address says it; None where there is none."""
    is_number = number.isascii() and number.isdigit() and len(number) < 9
    return every(assistant).filter(number=int(number)).first() if is_number else None


def before(version: AssistantVersion) -> AssistantVersion | None:
    """The version before."""
    earlier = AssistantVersion.objects.filter(assistant=version.assistant_id, number__lt=version.number)
    return earlier.select_related("by", "assistant").order_by("-number").first()


@dataclass(frozen=True)
class Standing:
    """The version that an assistant is at (none was seen yet: None), and the fields that it changed; `is_drift` where
    that was done elsewhere."""

    version: AssistantVersion | None
    changed: tuple[str, ...]

    @property
    def is_drift(self) -> bool:
        return self.version is not None and bool(self.changed) and self.version.by_id is None


def standing(assistant: Assistant) -> Standing:
    """How an assistant stands to the version before."""
    newest = list(assistant.versions.select_related("by").order_by("-number")[:2])
    if not newest:
        return Standing(None, ())
    older = newest[1].settings if len(newest) > 1 else newest[0].settings
    return Standing(newest[0], tuple(configurations.fields_changed(older, newest[0].settings)))


def observe(assistants: Iterable[Assistant]) -> list[AssistantVersion]:
    """Notes what assistants are set to as they were just read; gives the versions that are new."""
    rows = {each.pk: each for each in assistants}
    known = _newest(rows)
    new = []
    for key, assistant in rows.items():
        before = known.get(key)
        configuration = configurations.of(json.loads(assistant.raw), before=before.settings if before else None)
        if before is None or before.digest != configurations.digest(configuration):
            new.append(_made(assistant, configuration, before))
    AssistantVersion.objects.bulk_create(new, ignore_conflicts=True)
    _link_firsts([version.assistant_id for version in new if version.number == 1])
    for version in new:
        if version.number > 1:
            _claim_runs(version)
    return new


def _newest(keys: Iterable[int]) -> dict[int, AssistantVersion]:
    newest = AssistantVersion.objects.filter(assistant=OuterRef("assistant")).order_by("-number").values("number")[:1]
    found = AssistantVersion.objects.filter(assistant__in=keys, number=Subquery(newest))
    return {each.assistant_id: each for each in found}


def _made(
    assistant: Assistant, configuration: Configuration, before: AssistantVersion | None, **more: Any
) -> AssistantVersion:
    return AssistantVersion(
        assistant=assistant,
        number=before.number + 1 if before else 1,
        digest=configurations.digest(configuration),
        producing=configurations.digest(configuration, configurations.PRODUCING),
        configuration=json.dumps(configuration),
        seen_at=timezone.now(),
        **more,
    )


def saved(*, assistant: Assistant, sent: Mapping[str, Any], by: int, note: str, since: datetime) -> AssistantVersion:
    """The version that somebody here made by what they sent; who read in between may have found it first."""
    with transaction.atomic():
        Assistant.objects.select_for_update().only("pk").get(pk=assistant.pk)
        before = _newest([assistant.pk]).get(assistant.pk)
        # What this server never repeats is as it was sent.
        assumed = {**(before.settings if before else {}), **sent}
        configuration = configurations.of(json.loads(assistant.raw), before=assumed)
        version = before
        if before is None or before.digest != configurations.digest(configuration):
            version = _made(assistant, configuration, before, by_id=by, note=note)
            version.save()
        elif before.by_id is None and (before.number == 1 or before.seen_at >= since):
            AssistantVersion.objects.filter(pk=before.pk).update(by=by, note=note)
        assert version is not None
        _claim_runs(version)
    return version


# ---- Runs


def producing(raw: Mapping[str, Any]) -> str:
    """The digest of what a run says it was produced with; "" where the server does not tell all of that."""
    told = all(name in raw for name in configurations.PRODUCING)
    return configurations.digest(raw, configurations.PRODUCING) if told else ""


def link(runs: Sequence[Run]) -> None:
    """Points runs that have an assistant and no version yet at the one that produced them; saves nothing."""
    lacking = [run for run in runs if run.assistant_id and not run.version_id]
    of_assistant: defaultdict[int, list[AssistantVersion]] = defaultdict(list)
    wanted = {run.assistant_id for run in lacking}
    if wanted:
        for version in AssistantVersion.objects.filter(assistant__in=wanted).defer("configuration").order_by("number"):
            of_assistant[version.assistant_id].append(version)
    for run in lacking:
        run.version = _produced(run, of_assistant[run.assistant_id or 0])


def _produced(run: Run, versions: Sequence[AssistantVersion]) -> AssistantVersion | None:
    """The last of its time that has what the run has; else the first after (it was seen late); else the one of its
    time: then the run was started with settings of its own."""
    alike = [each for each in versions if each.producing == run.producing]
    for among in (alike, versions):
        of_its_time = [each for each in among if run.created_at is None or each.seen_at <= run.created_at + BLUR]
        if among:
            return of_its_time[-1] if of_its_time else among[0]
    return None


def _claim_runs(version: AssistantVersion) -> None:
    """Runs since the version before that have this one's settings were produced by it, and were only seen first."""
    mine = AssistantVersion.objects.filter(assistant=version.assistant_id)
    since = mine.filter(number=version.number - 1).values_list("seen_at", flat=True).first()
    rows = Run.objects.filter(assistant=version.assistant_id, producing=version.producing)
    if since is not None:
        rows.filter(created_at__gte=since - BLUR).update(version=mine.filter(number=version.number).values("pk")[:1])


def _link_firsts(assistants: Sequence[int]) -> None:
    if assistants:
        link_runs(Run.objects.filter(assistant__in=assistants))


def link_runs(runs: QuerySet[Run]) -> None:
    """Points those of these runs that have no version yet at the one that produced them."""
    lacking = list(runs.filter(version=None).defer("raw"))
    link(lacking)
    Run.objects.bulk_update([run for run in lacking if run.version_id], ["version"], batch_size=500)


def with_rates(versions: QuerySet[AssistantVersion]) -> QuerySet[AssistantVersion]:
    """Versions with how many runs they produced, and how many of those failed, expired, or asked a person."""
    asked = Exists(ToolCall.objects.filter(run=OuterRef("runs__pk"), type="function"))
    return versions.annotate(
        runs_made=Count("runs"),
        runs_failed=Count("runs", filter=Q(runs__status__in=["failed", "incomplete"])),
        runs_expired=Count("runs", filter=Q(runs__status="expired")),
        runs_waited=Count("runs", filter=asked),
    ).order_by(F("number").desc())


def run_before(run: Run) -> Run | None:
    """The run of the same assistant on the same thread before this one."""
    if run.assistant_id is None or run.created_at is None:
        return None
    earlier = Q(created_at__lt=run.created_at) | Q(created_at=run.created_at, pk__lt=run.pk)
    rows = Run.objects.filter(earlier, thread=run.thread_id, assistant=run.assistant_id)
    return rows.order_by("-created_at", "-pk").first()


def of_run(run: Run) -> Configuration:
    """What a run says it was produced with."""
    told = run.object
    return configurations.tidy({name: told[name] for name in configurations.PRODUCING if name in told})


@dataclass(frozen=True)
class Provenance:
    """What produced a run: its version, what it was started with instead, and what changed since the run before it."""

    version: AssistantVersion
    own: Configuration
    before: Run | None
    then: Configuration
    now: Configuration

    @property
    def as_version(self) -> Configuration:
        """What the version has of what runs tell."""
        settings = self.version.settings
        return configurations.tidy({name: settings[name] for name in configurations.PRODUCING if name in settings})


def provenance(run: Run) -> Provenance | None:
    """Where a run came from; None where its assistant was never seen."""
    if run.version is None:
        return None
    now, before = of_run(run), run_before(run)
    own = now if run.producing not in {"", run.version.producing} else {}
    return Provenance(run.version, own, before, of_run(before) if before else {}, now)
