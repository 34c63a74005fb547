"""Schemas of an OpenAPI document as plain JSON Schemas: references written out, within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services.declarations_from.drafted import DEEPEST, MOST_VALUES, Notes, Unusable

MOST_STEPS = 20  # from one reference to the next
# What is not of JSON Schema, or says nothing to a model.
LEFT_OUT = {"discriminator", "xml", "externalDocs", "deprecated", "readOnly", "writeOnly", "nullable", "example", "$id"}
# Keywords that hold schemas by name, several, or one.
NAMED = {"properties", "patternProperties", "dependentSchemas", "$defs"}
SEVERAL = {"allOf", "anyOf", "oneOf", "prefixItems"}
SINGLE = {"items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}


class Document:
    """A document that references lead into."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.count = 0

    def followed(self, given: Any) -> Any:
        """What stands at the end of references: a parameter, a body, a path, no schema; None where nothing does."""
        for _step in range(MOST_STEPS):
            if not isinstance(given, dict) or not isinstance(given.get("$ref"), str):
                return given
            given = self._at(given["$ref"])
        return None

    def inlined(self, given: Any, notes: Notes, *, is_sent: bool = False) -> dict[str, Any]:
        """A schema with its references written out, and as OpenAPI 3.1 would write it; {} with a note for what leads
        nowhere or back to itself. `is_sent`: without what only servers give. Raises Unusable for what is too large."""
        self.count = 0
        return self._schema(given, notes, is_sent, ())

    def _schema(self, given: Any, notes: Notes, is_sent: bool, within: tuple[str, ...]) -> dict[str, Any]:
        self.count += 1
        if self.count > MOST_VALUES:
            raise Unusable(
                _("With all it refers to, it is too large: more than %(most)s schemas.") % {"most": MOST_VALUES}
            )
        if len(within) > 2 * DEEPEST:
            raise Unusable(_("With all it refers to, it is nested too deep."))
        if not isinstance(given, dict):
            return {"not": {}} if given is False else {}
        reference = given.get("$ref")
        if isinstance(reference, str):
            return self._of_reference(reference, given, notes, is_sent, within)
        made: dict[str, Any] = {}
        for key, value in given.items():
            if key not in LEFT_OUT and not key.startswith("x-"):
                made[key] = self._part(key, value, notes, is_sent, (*within, ""))
        _modern(given, made)
        if is_sent:
            _without_given(given, made, notes)
        return made

    def _of_reference(
        self, reference: str, given: Mapping[str, Any], notes: Notes, is_sent: bool, within: tuple[str, ...]
    ) -> dict[str, Any]:
        name = reference.rpartition("/")[2][:80]
        if reference in within:
            notes.add(_("“%(name)s” has itself within it: it may be anything there.") % {"name": name})
            return {}
        found = self._at(reference)
        if not isinstance(found, dict):
            notes.add(_("“%(name)s” is not in what was pasted: it may be anything.") % {"name": reference[:80]})
            return {}
        rest = {key: value for key, value in given.items() if key != "$ref"}
        return self._schema({**found, **rest}, notes, is_sent, (*within, reference))

    def _part(self, key: str, value: Any, notes: Notes, is_sent: bool, within: tuple[str, ...]) -> Any:
        if key in NAMED and isinstance(value, dict):
            return {str(name): self._schema(each, notes, is_sent, within) for name, each in value.items()}
        if key in SEVERAL and isinstance(value, list):
            return [self._schema(each, notes, is_sent, within) for each in value]
        if key in SINGLE and isinstance(value, dict):
            return self._schema(value, notes, is_sent, within)
        return value

    def _at(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            return None
        found: Any = self.root
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, dict) else None
        return found


def _modern(given: Mapping[str, Any], made: dict[str, Any]) -> None:
    """What OpenAPI 3.0 writes in its own way."""
    if given.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        if isinstance(made.get("enum"), list) and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    for key, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(key), bool):
            is_exclusive = made.pop(key)
            if is_exclusive and limit in made:
                made[key] = made.pop(limit)
    if "example" in given and "examples" not in made:
        made["examples"] = [given["example"]]
    if "examples" in made and not isinstance(made["examples"], list):
        del made["examples"]


def _without_given(given: Mapping[str, Any], made: dict[str, Any], notes: Notes) -> None:
    """Leaves out of an object what only servers give."""
    properties = given.get("properties")
    if not isinstance(properties, dict):
        return
    gone = [name for name, each in properties.items() if isinstance(each, dict) and each.get("readOnly") is True]
    for name in gone:
        made["properties"].pop(name, None)
        notes.add(_("“%(name)s” can only be read, so it was left out.") % {"name": str(name)[:80]})
    if gone and isinstance(made.get("required"), list):
        made["required"] = [each for each in made["required"] if each not in gone]
