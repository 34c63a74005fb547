"""The declaration of a function as fields: its name, what it does, and a row for each parameter.

The declaration itself stays the truth, and goes along in the form to the letter. The fields only say what to change in
it: where they say what it says already, it stays as it was written. So nothing is lost that has no field here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.api.dialects.tolerance import clean
from assistants_app.forms.fields import JsonField, LetterField
from assistants_app.services import declarations, exact

Texts = dict[str, str]

VIEW = re.compile(r"view-([0-9]{1,3})")
ACT = re.compile(r"(form|json|more-parameter) function-([0-9]{1,3})")
LESS = re.compile(r"less-parameter function-([0-9]{1,3}) ([0-9]{1,4})")
# What no field for one line can show.
UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")
# Django takes no form of more than a thousand fields.
MOST_FIELDS = 900
FIELDS_OF_A_ROW = 8
SIMPLE = ("string", "number", "integer", "boolean")
KINDS = {
    "string": gettext_lazy("Text"),
    "number": gettext_lazy("Number"),
    "integer": gettext_lazy("Whole number"),
    "boolean": gettext_lazy("Yes or no"),
    "choice": gettext_lazy("One of these texts"),
    "string[]": gettext_lazy("List of texts"),
    "number[]": gettext_lazy("List of numbers"),
    "integer[]": gettext_lazy("List of whole numbers"),
    "boolean[]": gettext_lazy("List of yes or no"),
    "json": gettext_lazy("Something else, as JSON"),
}


class Beyond(Exception):
    """A declaration that fields cannot show. Says why."""


class Wrong(Exception):
    """What is typed is no declaration yet: what is wrong, by the names of the fields."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(*problems.values())
        self.problems = dict(problems)


class HeadForm(forms.Form):
    """What a function is called, and what it does."""

    name = LetterField(
        label=gettext_lazy("Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "mono", "spellcheck": "false"}),
    )
    description = LetterField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    strict = forms.BooleanField(label=gettext_lazy("Strict: arguments always fit the schema"), required=False)


class ParameterForm(forms.Form):
    """A parameter. `was` is its name in the declaration; `schema` is what stands there of it."""

    was = LetterField(required=False, widget=forms.HiddenInput)
    name = LetterField(
        label=gettext_lazy("Name"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "mono", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Type"), required=False, choices=list(KINDS.items()))
    description = LetterField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 1})
    )
    required = forms.BooleanField(label=gettext_lazy("Required"), required=False)
    null = forms.BooleanField(label=gettext_lazy("May be null"), required=False)
    choices = LetterField(
        label=gettext_lazy("Choices, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    schema = LetterField(
        label=gettext_lazy("Schema, as JSON"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "class": "mono"}),
    )


# ---- A declaration as texts


def head_prefix(place: int) -> str:
    return f"function-{place}-form"


def row_prefix(place: int, row: int) -> str:
    return f"function-{place}-row-{row}"


def texts(place: int, text: str) -> Texts:
    """What the fields show of a declaration, by their names. Raises Beyond."""
    declaration = _declaration(text)
    head = {"name": _on_one_line(declaration.get("name", "")), "description": _shown(declaration.get("description"))}
    strict = declaration.get("strict")
    if not isinstance(strict, bool | None):
        raise Beyond(_("“strict” must be true or false."))
    made = {f"{head_prefix(place)}-{name}": value for name, value in head.items()}
    made |= {f"{head_prefix(place)}-strict": "on"} if strict else {}
    properties, required = _parameters(declaration)
    for row, (name, schema) in enumerate(properties.items()):
        shown = _row_texts(name, schema, name in required)
        made |= {f"{row_prefix(place, row)}-{key}": value for key, value in shown.items()}
    return made


def _declaration(text: str) -> dict[str, Any]:
    """The value of a declaration; numbers in their own letters. Raises Beyond."""
    if not text.strip():
        return {}
    try:
        made = declarations.read_exactly(text)
    except declarations.NotReadable as error:
        raise Beyond(str(error)) from error
    if not isinstance(made, dict):
        raise Beyond(_("A function is a JSON object with a “name”."))
    return made


def _parameters(declaration: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    parameters = declaration.get("parameters", {})
    if not isinstance(parameters, dict) or parameters.get("type", "object") != "object":
        raise Beyond(_("Its parameters are not those of an object."))
    properties, required = parameters.get("properties", {}), parameters.get("required", [])
    if not isinstance(properties, dict):
        raise Beyond(_("Its parameters are not those of an object."))
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        raise Beyond(_("“required” is no list of names."))
    if any(not name.strip() or UNSHOWABLE.search(name) for name in properties):
        raise Beyond(_("A parameter has a name that cannot be shown in a field."))
    return properties, required


def kept_beside(declaration: Mapping[str, Any]) -> list[str]:
    """What a declaration says that has no field here."""
    parameters = declaration.get("parameters", {})
    inside = [name for name in parameters if name not in {"type", "properties", "required"}]
    return [*(name for name in declaration if name not in {"name", "description", "strict", "parameters"}), *inside]


def _on_one_line(value: Any) -> str:
    if not isinstance(value, str) or UNSHOWABLE.search(value):
        raise Beyond(_("Its name cannot be shown in a field."))
    return value


def _shown(value: Any) -> str:
    if not isinstance(value, str | None):
        raise Beyond(_("“description” must be a text."))
    return _lines(clean(value or ""))


def _lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def _row_texts(name: str, schema: Any, is_required: bool) -> Texts:
    kind = _kind(schema)
    made = {"was": name, "name": name, "kind": kind, "schema": _tidy(schema)}
    made |= {"required": "on"} if is_required else {}
    if kind == "json":
        return made
    made["description"] = _shown(schema.get("description"))
    if isinstance(schema["type"], list):
        made["null"] = "on"
    if kind == "choice":
        made["choices"] = "\n".join(each for each in schema["enum"] if each is not None)
    return made


def _tidy(value: Any) -> str:
    return clean(exact.tidy(exact.write(value)))


def _kind(schema: Any) -> str:
    """The kind of a parameter's schema; "json" for what says more than fields can show."""
    if not isinstance(schema, dict) or not schema.keys() <= {"type", "description", "enum", "items"}:
        return "json"
    if not isinstance(schema.get("description", ""), str):
        return "json"
    for kind in KINDS:
        for has_null in (False, True):
            is_choice = kind == "choice"
            said = schema.get("enum")
            names = [each for each in said if each is not None] if isinstance(said, list) else []
            if is_choice and not (names and all(_is_choice(each) for each in names)):
                continue
            if kind != "json" and _said(kind, has_null, names) == _without(schema, "description"):
                return kind
    return "json"


def _is_choice(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value.strip() == value and not UNSHOWABLE.search(value)


def _without(schema: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in names}


def _said(kind: str, has_null: bool, choices: list[str]) -> dict[str, Any]:
    """What a schema of a kind says, beside its description."""
    if kind == "choice":
        typed: dict[str, Any] = {"type": "string", "enum": [*choices, *([None] if has_null else [])]}
    elif kind.endswith("[]"):
        typed = {"type": "array", "items": {"type": kind.removesuffix("[]")}}
    else:
        typed = {"type": kind}
    return {**typed, "type": [typed["type"], "null"]} if has_null else typed


# ---- Texts as a declaration


def is_open(given: Mapping[str, str], place: int) -> bool:
    """Whether the fields of a function are shown."""
    return given.get(f"view-{place}") == "form" and f"function-{place}" in given


def folded(given: Mapping[str, str]) -> Texts:
    """What was typed, each declaration with what its fields say. One whose fields are not right stays as it was: see
    `FunctionView.problems`."""
    made = dict(given)
    for place in _open_places(given):
        try:
            made[f"function-{place}"] = composed(place, given)
        except (Wrong, Beyond):
            continue
    return made


def _open_places(given: Mapping[str, str]) -> list[int]:
    places = sorted(int(found[1]) for name in given if (found := VIEW.fullmatch(name)))
    return [place for place in places if is_open(given, place)]


def composed(place: int, given: Mapping[str, str]) -> str:
    """A declaration with what its fields say; the same text where they say nothing else. Raises Wrong and Beyond."""
    text = given.get(f"function-{place}", "")
    declaration, shown = _declaration(text), texts(place, text)
    before = exact.write(declaration)
    typed, known = _typed(given, head_prefix(place)), _typed(shown, head_prefix(place))
    for name in ("name", "description"):
        if typed.get(name, "") != known.get(name, ""):
            declaration |= {name: typed.get(name, "")}
            if not typed.get(name):
                del declaration[name]
    if (typed.get("strict") == "on") != (known.get("strict") == "on"):
        declaration["strict"] = typed.get("strict") == "on"
    _put_parameters(declaration, _rows_typed(place, given), _rows_typed(place, shown), place)
    after = exact.write(declaration)
    if after == before or not declaration:
        return text
    return exact.tidy(after)


def _typed(given: Mapping[str, str], prefix: str) -> Texts:
    start = f"{prefix}-"
    return {name.removeprefix(start): _lines(str(text)) for name, text in given.items() if name.startswith(start)}


def rows_of(place: int, given: Mapping[str, str]) -> list[int]:
    """The numbers of the rows of a function, in order."""
    pattern = re.compile(rf"function-{place}-row-([0-9]{{1,4}})-[a-z]+")
    return sorted({int(found[1]) for name in given if (found := pattern.fullmatch(name))})


def _rows_typed(place: int, given: Mapping[str, str]) -> dict[int, Texts]:
    rows = {row: _typed(given, row_prefix(place, row)) for row in rows_of(place, given)}
    whole = {row: {name: typed.get(name, "") for name in ParameterForm.base_fields} for row, typed in rows.items()}
    return {row: typed for row, typed in whole.items() if not _is_blank(typed)}


def _is_blank(typed: Mapping[str, str]) -> bool:
    return not any(typed[name].strip() for name in ("was", "name", "description", "choices", "schema"))


def _put_parameters(declaration: dict[str, Any], typed: dict[int, Texts], shown: dict[int, Texts], place: int) -> None:
    """Puts the rows in the place of the properties, unless they say what those say already. Raises Wrong."""
    if list(typed.values()) == list(shown.values()):
        return
    properties, required = _parameters(declaration)
    known = {each["was"]: each for each in shown.values()}
    made: dict[str, Any] = {}
    renamed: dict[str, str] = {}
    problems: dict[str, str] = {}
    for row, each in typed.items():
        name, was = each["name"], each["was"]
        if problem := _name_problem(name, made):
            problems[f"{row_prefix(place, row)}-name"] = problem
        try:
            made[name] = _schema(each, properties.get(was), known.get(was, {}))
        except Wrong as wrong:
            problems |= {f"{row_prefix(place, row)}-{key}": words for key, words in wrong.problems.items()}
        renamed |= {was: name} if was in properties else {}
    if problems:
        raise Wrong(problems)
    wanted = {each["name"] for each in typed.values() if each["required"] == "on"}
    names = [renamed.get(name, "") if name in properties else name for name in required]
    names = [name for name in names if name in wanted or (name and name not in made)]
    names += [name for name in made if name in wanted and name not in names]
    parameters = {**({} if "parameters" in declaration else {"type": "object"}), **declaration.get("parameters", {})}
    parameters["properties"] = made
    if names or "required" in parameters:
        parameters["required"] = names
    declaration["parameters"] = parameters


def _name_problem(name: str, made: Mapping[str, Any]) -> str:
    if not name.strip():
        return _("A parameter needs a name.")
    if UNSHOWABLE.search(name):
        return _("A name is on one line.")
    return _("There is a parameter of this name already.") if name in made else ""


def _schema(typed: Mapping[str, str], before: Any, shown: Mapping[str, str]) -> Any:
    """The schema that a row says; the one before, where it says nothing else. Raises Wrong."""
    kind = typed["kind"]
    if kind not in KINDS:
        raise Wrong({"kind": _("Choose a type.")})
    if kind == "json":
        if not shown or typed["schema"] != shown["schema"]:
            return _of_json(typed["schema"])
        kind = shown["kind"]
    if kind == "json":
        return before
    said = ("null", "choices") if kind == "choice" else ("null",)
    is_as_before = kind == shown.get("kind") and all(typed[name] == shown[name] for name in said)
    description = typed["description"]
    if is_as_before and description == shown["description"]:
        return before
    made = dict(before) if is_as_before else {**_made(kind, typed), **_rest(before, shown)}
    if description != shown.get("description", ""):
        made = {**made, "description": description} if description else _without(made, "description")
    return made


def _made(kind: str, typed: Mapping[str, str]) -> dict[str, Any]:
    choices = [line.strip() for line in typed["choices"].split("\n") if line.strip()]
    if kind == "choice" and not choices:
        raise Wrong({"choices": _("Write each choice on a line of its own.")})
    return _said(kind, typed["null"] == "on", choices)


def _rest(before: Any, shown: Mapping[str, str]) -> dict[str, Any]:
    """The description as it was written, where the fields showed it."""
    if shown.get("kind", "json") == "json":
        return {}
    return {name: value for name, value in before.items() if name == "description"}


def _of_json(text: str) -> Any:
    if not text.strip():
        raise Wrong({"schema": _("Write its schema as JSON.")})
    if found := declarations.marks(text, "schema"):
        place = {"line": found[0].position.line, "problem": found[0].words}
        raise Wrong({"schema": _("Line %(line)s: %(problem)s") % place})
    return exact.parse(text)


# ---- What is shown


@dataclass
class FunctionView:
    """The fields of one function, as they were typed, and what is wrong with them."""

    place: int
    head: HeadForm
    rows: list[tuple[int, ParameterForm]]
    kept: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)


class DeclarationField(JsonField):
    """The declaration of a function; `view` has the fields that are shown in the place of its JSON."""

    def __init__(self, shown: FunctionView | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.view = shown


def view(place: int, given: Mapping[str, str]) -> FunctionView | None:
    """The fields of a function; None where its JSON is shown."""
    if not is_open(given, place):
        return None
    numbers = rows_of(place, given)
    rows = [(number, ParameterForm(given, prefix=row_prefix(place, number))) for number in numbers]
    made = FunctionView(place, HeadForm(given, prefix=head_prefix(place)), rows)
    try:
        made.kept = kept_beside(_declaration(given.get(f"function-{place}", "")))
        composed(place, given)
    except Wrong as wrong:
        made.problems = wrong.problems
    except Beyond:
        return None
    for number, row in rows:
        for name, words in made.problems.items():
            if name.startswith(f"{row_prefix(place, number)}-"):
                row.add_error(name.rpartition("-")[2], words)
    return made


# ---- What a button does


def rearranged(given: Mapping[str, str], act: str) -> tuple[Texts, str] | None:
    """What was typed after a button of a function was pressed, and what there is to say; None for other buttons."""
    if found := LESS.fullmatch(act):
        start = f"{row_prefix(int(found[1]), int(found[2]))}-"
        return {name: text for name, text in given.items() if not name.startswith(start)}, ""
    if not (found := ACT.fullmatch(act)):
        return None
    place = int(found[2])
    if found[1] == "more-parameter":
        prefix = row_prefix(place, max(rows_of(place, given), default=-1) + 1)
        return {**given, f"{prefix}-name": "", f"{prefix}-kind": "string", f"{prefix}-required": "on"}, ""
    return opened(given, place) if found[1] == "form" else closed(given, place)


def opened(given: Mapping[str, str], place: int) -> tuple[Texts, str]:
    """The fields of a function, in the place of its JSON."""
    if is_open(given, place):
        return dict(given), ""
    bare = without(given, place)
    try:
        shown = texts(place, given.get(f"function-{place}", ""))
    except Beyond as beyond:
        return dict(given), _("This can only be shown as JSON: %(why)s") % {"why": beyond}
    if len(bare) + len(rows_of(place, shown)) * FIELDS_OF_A_ROW > MOST_FIELDS:
        return dict(given), _("These are more fields than one page can have: show another function as JSON first.")
    return {**bare, **shown, f"view-{place}": "form"}, ""


def closed(given: Mapping[str, str], place: int) -> tuple[Texts, str]:
    """The JSON of a function, in the place of its fields; those stay where they are not right."""
    if not is_open(given, place):
        return dict(given), ""
    try:
        text = composed(place, given)
    except Wrong:
        return dict(given), _("Put right what is marked first: as it is, it cannot be written as JSON.")
    except Beyond:
        text = given[f"function-{place}"]
    return {**without(given, place), f"function-{place}": text}, ""


def without(given: Mapping[str, str], place: int) -> Texts:
    """What was typed without the fields of a function; its JSON stays."""
    starts = (f"{head_prefix(place)}-", f"function-{place}-row-")
    return {name: text for name, text in given.items() if not name.startswith(starts) and name != f"view-{place}"}


def reopened(given: Mapping[str, str], place: int) -> Texts:
    """The fields of a function anew, after its JSON was changed by something else."""
    return opened(without(given, place), place)[0] if is_open(given, place) else dict(given)


def rows_wrong(shown: FunctionView | None) -> Iterator[str]:
    """What is wrong with the rows of a function, each with the name or number of its parameter."""
    if shown is None:
        return
    for count, (number, row) in enumerate(shown.rows, start=1):
        name = str(row.data.get(f"{row_prefix(shown.place, number)}-name", "")).strip()[:64] or str(count)
        for field_name, words in shown.problems.items():
            if field_name.startswith(f"{row_prefix(shown.place, number)}-"):
                yield _("Parameter %(name)s: %(problem)s") % {"name": name, "problem": words}
