"""What functions return: as somebody here wrote it down, or else as their declaration says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from assistants_app.models import AnswerTemplate, Assistant, Connection, OutputSchema, Run
from assistants_app.models.assistants import declarations_in
from assistants_app.services import events, schemas

# The specification has no place for it; these are the names that it is given.
NAMES = ("output_schema", "outputSchema", "returns", "x-output-schema")


@dataclass(frozen=True)
class Returns:
    """What a function returns; `saved` where somebody here wrote it."""

    schema: schemas.Schema
    saved: OutputSchema | None = None


@dataclass(frozen=True)
class Function:
    """A function of a connection, whether its assistants declare it, and what it returns as far as anybody said."""

    connection: Connection
    name: str
    assistants: tuple[Assistant, ...]
    description: str
    returns: Returns | None


def declarations(run: Run) -> dict[str, dict[str, Any]]:
    """What is said of the functions that a run may call: by itself, else by its assistant."""
    given = run.assistant.declarations if run.assistant else {}
    return {**given, **declarations_in(run.object)}


def of(run: Run, names: Iterable[str]) -> dict[str, Returns]:
    """What these functions return, for a run; what nobody said is not there."""
    wanted = set(names)
    declared = {name: each for name, each in declarations(run).items() if name in wanted}
    return of_declared(declared, names=wanted, connection=run.connection_id)


def of_declared(
    declared: Mapping[str, Mapping[str, Any]], *, names: Iterable[str], connection: int
) -> dict[str, Returns]:
    """What these functions of a connection (its key) return, where these are their declarations."""
    found = {name: Returns(schema) for name, each in declared.items() if (schema := declared_in(each)) is not None}
    for saved in OutputSchema.objects.filter(connection=connection, name__in=set(names)).select_related("by"):
        found[saved.name] = Returns(saved.schema, saved)
    return found


def returns_of(run: Run, name: str, written: OutputSchema | None) -> Returns | None:
    """What one function returns, for a run; `written` is what somebody here wrote down of it."""
    if written is not None:
        return Returns(written.schema, written)
    schema = declared_in(declarations(run).get(name, {}))
    return Returns(schema) if schema is not None else None


def declared_in(declaration: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a function's declaration says it returns, where that can be worked with."""
    parameters = declaration.get("parameters")
    for place in (declaration, parameters if isinstance(parameters, dict) else {}):
        for name in NAMES:
            if isinstance(place.get(name), dict):
                try:
                    return schemas.usable(json.loads(json.dumps(place[name]), parse_float=Decimal))
                except schemas.Unusable:
                    return None
    return None


def saved(*, connection: Connection, name: str) -> OutputSchema | None:
    """What somebody here wrote down of a function."""
    return OutputSchema.objects.filter(connection=connection, name=name).select_related("by").first()


def save(*, connection: Connection, name: str, text: str, by: User) -> None:
    """Writes down what a function returns; nothing where the text is empty: then its declaration holds again."""
    if text.strip():
        OutputSchema.objects.update_or_create(connection=connection, name=name, defaults={"text": text, "by": by})
    else:
        OutputSchema.objects.filter(connection=connection, name=name).delete()
    waiting = Run.objects.waiting().filter(connection=connection, calls__name=name, calls__waiting=True)
    events.tell(events.run_topic(key) for key in waiting.values_list("pk", flat=True))


def functions(*, connection: Connection | None = None) -> list[Function]:
    """Every function that an assistant declares, or of which somebody wrote down what it returns or a template of
    answers; by name."""
    assistants = Assistant.objects.filter(gone_at=None).select_related("connection")
    written = OutputSchema.objects.select_related("connection", "by")
    templates = AnswerTemplate.objects.select_related("connection").only("function", "connection")
    if connection:
        assistants, written = assistants.filter(connection=connection), written.filter(connection=connection)
        templates = templates.filter(connection=connection)
    found: dict[tuple[str, int], list[tuple[Assistant, dict[str, Any]]]] = {}
    connections: dict[int, Connection] = {}
    for assistant in assistants.iterator(chunk_size=500):
        connections.setdefault(assistant.connection_id, assistant.connection)
        for name, declaration in assistant.declarations.items():
            found.setdefault((name, assistant.connection_id), []).append((assistant, declaration))
    known = {(each.name, each.connection_id): each for each in written}
    named = [(each.name, each.connection) for each in known.values()]
    for name, of in [*named, *((each.function, each.connection) for each in templates)]:
        connections[of.pk] = of
        found.setdefault((name, of.pk), [])
    return [_function(connections[key[1]], key[0], found[key], known.get(key)) for key in sorted(found)]


def _function(
    connection: Connection, name: str, declared: list[tuple[Assistant, dict[str, Any]]], written: OutputSchema | None
) -> Function:
    schema = next((each for _, given in declared if (each := declared_in(given)) is not None), None)
    said = Returns(written.schema, written) if written else Returns(schema) if schema is not None else None
    description = next((text for _, given in declared if isinstance(text := given.get("description"), str)), "")
    return Function(connection, name, tuple(assistant for assistant, _ in declared), description, said)
