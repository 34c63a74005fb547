"""Declarations from OpenAPI 3, in JSON or YAML: parameters and request body of an operation as one object."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import yaml_text
from assistants_app.services.declarations_from.drafted import Drafted, Found, Notes, Unusable, finished, fit_name
from assistants_app.services.declarations_from.inlined import Document
from assistants_app.services.declarations_from.samples import parsed

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MOST_OPERATIONS = 500
LIKE_JSON = re.compile(r"\s*[{\[]")
# Whoever answers does not sign in with them.
NOT_ARGUMENTS = {"accept", "authorization", "content-type"}
# What only an operation has.
OF_OPERATIONS = {"operationId", "requestBody", "responses", "parameters"}


def find(text: str) -> list[Found]:
    """The operations of a document, of its paths, of one path, or the one that a text is. Raises Unusable."""
    value = parsed(text) if LIKE_JSON.match(text) else _yaml(text)
    if not isinstance(value, dict):
        raise Unusable(_("This is no OpenAPI: it has no operations."))
    if "swagger" in value:
        raise Unusable(_("This is Swagger 2. Only OpenAPI 3 is read: convert it first."))
    document = Document(value)
    if (alone := _alone(value)) is not None:
        return [Found("operation", _told("", "", alone), partial(_drafted, document, "", "", {}, alone))]
    paths = value["paths"] if isinstance(value.get("paths"), dict) else value
    if METHODS[0] in paths or any(method in paths for method in METHODS):
        paths = {"": paths}
    found = [
        Found(
            f"{method} {path}",
            _told(method, path, operation),
            partial(_drafted, document, method, path, item, operation),
        )
        for path, given in paths.items()
        if isinstance(item := document.followed(given), dict)
        for method in METHODS
        if isinstance(operation := item.get(method), dict)
    ]
    if not found:
        raise Unusable(_("This is no OpenAPI: it has no operations."))
    if len(found) > MOST_OPERATIONS:
        words = _("It has %(given)s operations, more than %(most)s: paste fewer of them.")
        raise Unusable(words % {"given": len(found), "most": MOST_OPERATIONS})
    return found


def _alone(value: dict[str, Any]) -> dict[str, Any] | None:
    """The operation that a text is by itself, also below its method alone (`post: …`)."""
    if (
        "paths" not in value
        and "openapi" not in value
        and OF_OPERATIONS & value.keys()
        and not value.keys() & set(METHODS)
    ):
        return value
    return None


def _told(method: str, path: str, operation: Mapping[str, Any]) -> str:
    summary = operation.get("summary") or operation.get("operationId") or ""
    return " ".join(filter(None, (method.upper(), path, f"- {summary}" if summary and path else str(summary))))[:200]


def _yaml(text: str) -> Any:
    try:
        return yaml_text.read(text)
    except yaml_text.Unreadable as error:
        raise Unusable(_("This is not YAML: %(problem)s.") % {"problem": error.problem}, error.line) from error


def _drafted(
    document: Document, method: str, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]
) -> Drafted:
    notes = Notes()
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in _parameters(document, item, operation, notes):
        name = parameter["name"]
        properties[name] = _of_parameter(document, parameter, notes)
        if parameter.get("required") is True:
            required.append(name)
    _add_body(document, operation.get("requestBody"), properties, required, notes)
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    given = operation.get("operationId")
    name = given if isinstance(given, str) and given else f"{method} {path}".strip() or "operation"
    said = [str(operation[key]) for key in ("summary", "description") if isinstance(operation.get(key), str)]
    if operation.get("deprecated") is True:
        notes.add(_("The operation is deprecated."))
    return finished(fit_name(name, notes), "\n\n".join(dict.fromkeys(said)), schema, notes)


def _parameters(
    document: Document, item: Mapping[str, Any], operation: Mapping[str, Any], notes: Notes
) -> list[dict[str, Any]]:
    """Those of the path and of the operation, which come first where both have one."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for owner in (item, operation):
        listed = owner.get("parameters")
        for given in listed if isinstance(listed, list) else []:
            each = document.followed(given)
            if not isinstance(each, dict) or not isinstance(each.get("name"), str):
                notes.add(_("A parameter without a name was left out."))
                continue
            found[(str(each.get("in")), each["name"])] = each
    kept: dict[str, dict[str, Any]] = {}
    for (place, name), each in found.items():
        if place == "cookie" or (place == "header" and name.lower() in NOT_ARGUMENTS):
            notes.add(_("The %(place)s “%(name)s” was left out.") % {"place": place, "name": name[:80]})
        elif name in kept:
            words = _("There is “%(name)s” twice, in %(first)s and in %(second)s: the first was taken.")
            notes.add(words % {"name": name[:80], "first": kept[name].get("in"), "second": place})
        else:
            kept[name] = each
    return list(kept.values())


def _of_parameter(document: Document, parameter: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    given = parameter.get("schema")
    if given is None:
        given = _of_content(parameter.get("content"), notes)
    made = document.inlined(given if given is not None else {}, notes)
    if isinstance(parameter.get("description"), str):
        made = {**made, "description": parameter["description"]}
    if "example" in parameter and "examples" not in made:
        made = {**made, "examples": [parameter["example"]]}
    return made


def _of_content(content: Any, notes: Notes) -> Any:
    """The schema of what is sent, as JSON where there is a choice."""
    kinds = content if isinstance(content, dict) else {}
    chosen = next((kind for kind in kinds if re.search(r"[/+]json\b|\*/\*", kind)), next(iter(kinds), None))
    if len(kinds) > 1:
        others = ", ".join(kind for kind in kinds if kind != chosen)
        notes.add(_("It can be sent in several ways; %(kinds)s was left out.") % {"kinds": others[:200]})
    media = kinds.get(chosen)
    return media.get("schema", {}) if isinstance(media, dict) else None


def _add_body(document: Document, given: Any, properties: dict[str, Any], required: list[str], notes: Notes) -> None:
    """Puts the fields of the body beside the parameters, or the whole of it as `body` where that cannot be."""
    body = document.followed(given)
    if not isinstance(body, dict):
        return
    written = _of_content(body.get("content"), notes)
    if written is None:
        notes.add(_("What the request body is, is not said."))
        return
    schema = document.inlined(written, notes, is_sent=True)
    inner = schema.get("properties")
    is_needed = body.get("required") is True
    is_plain = isinstance(inner, dict) and not {"anyOf", "oneOf", "allOf", "not", "if"} & schema.keys()
    if is_plain and isinstance(inner, dict) and not inner.keys() & properties.keys():
        properties.update(inner)
        wanted = schema.get("required")
        names = [each for each in wanted if each in inner] if isinstance(wanted, list) else []
        if is_needed:
            required.extend(names)
        elif names:
            notes.add(_("The request body may be left out, so none of its fields is required."))
        return
    name = next(each for each in ("body", "request_body", "the_request_body") if each not in properties)
    notes.add(_("The request body stands as a whole, as “%(name)s”.") % {"name": name})
    properties[name] = schema
    if is_needed:
        required.append(name)
