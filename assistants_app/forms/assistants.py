"""Everything that an assistant is set to, as people write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.api.endpoints import ENDPOINTS
from assistants_app.forms import assistant_texts, function_form
from assistants_app.forms.assistant_texts import FUNCTION, INTERPRETER, MADE_OF, MOST_ROWS, PAIR, Texts
from assistants_app.forms.fields import JsonField, LetterField, NumberField, OnceField
from assistants_app.forms.metadata import LONGEST_KEY, LONGEST_VALUE
from assistants_app.models import Connection
from assistants_app.models.mirrored import LONGEST_ID
from assistants_app.models.operations import MOST_PAIRS, OPERATION_KEY
from assistants_app.services import configurations, connections, declarations, resources
from assistants_app.services.configurations import Configuration

LONGEST = {"name": 256, "description": 512, "instructions": 256_000, "model": 256}
LONGEST_NOTE = 1_000
MOST_TOOLS = 128
RANKERS = ("auto", "default_2024_08_21")
# What the field `model` is called: of servers whose models are deployments that somebody named.
MODEL_IS = {"model": gettext_lazy("Model"), "deployment": gettext_lazy("Deployment")}
FORMATS = {
    "": gettext_lazy("Not said"),
    "auto": gettext_lazy("Any (auto)"),
    "none": gettext_lazy("None"),
    "text": gettext_lazy("Text"),
    "json_object": gettext_lazy("Any JSON object"),
    "json_schema": gettext_lazy("JSON by a schema"),
    "other": gettext_lazy("Something else, written as JSON"),
}


def _letters(name: str, rows: int = 0, **more: Any) -> LetterField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    # Not max_length: a browser would cut what is pasted, without a word.
    limit = [MaxLengthValidator(LONGEST[name])] if name in LONGEST else []
    return LetterField(required=False, widget=widget, validators=limit, **more)


class AssistantForm(forms.Form):
    """The fields that a connection's dialect has. It begins from a configuration, `base`: what nobody touched stays
    as it is there, and is not checked again."""

    name = _letters("name", label=gettext_lazy("Name"))
    model = forms.CharField(
        label=MODEL_IS["model"],
        required=False,
        validators=[MaxLengthValidator(LONGEST["model"])],
        widget=forms.TextInput(attrs={"list": "models", "autocomplete": "off", "class": "mono"}),
    )
    description = _letters("description", 2, label=gettext_lazy("Description"))
    instructions = _letters("instructions", 14, label=gettext_lazy("Instructions"))
    code_interpreter = forms.BooleanField(label=gettext_lazy("Code interpreter"), required=False)
    interpreter_files = _letters("", 2, label=gettext_lazy("Files for code"))
    search = forms.BooleanField(label=gettext_lazy("File search"), required=False)
    max_num_results = NumberField(label=gettext_lazy("Most results"), low=1, high=50, whole=True)
    ranker = forms.ChoiceField(label=gettext_lazy("Ranker"), required=False)
    score_threshold = NumberField(label=gettext_lazy("Least score"), low=0, high=1)
    vector_store_ids = _letters("", label=gettext_lazy("Vector store"))
    file_ids = _letters("", 3, label=gettext_lazy("Files"))
    other_tools = JsonField(
        label=gettext_lazy("Other tools"),
        rows=3,
        help_text=gettext_lazy("A JSON list of tools that have no fields here."),
    )
    response_format = forms.ChoiceField(label=gettext_lazy("Response format"), required=False)
    response_schema = JsonField(label=gettext_lazy("Schema of the response"))
    reasoning_effort = forms.ChoiceField(label=gettext_lazy("Reasoning effort"), required=False)
    temperature = NumberField(label=gettext_lazy("Temperature"), low=0, high=2)
    top_p = NumberField(label=gettext_lazy("Top p"), low=0, high=1)
    note = LetterField(
        label=gettext_lazy("Why"),
        required=False,
        validators=[MaxLengthValidator(LONGEST_NOTE)],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept with the version, for whoever reads its history."),
    )
    once = OnceField()

    def __init__(
        self,
        data: Mapping[str, str] | None = None,
        *,
        connection: Connection,
        base: Configuration,
        shown: Mapping[str, str] | None = None,
        notes: Mapping[str, str] | None = None,
        is_new: bool = False,
    ) -> None:
        data = None if data is None else function_form.folded(data)
        shown = None if shown is None else function_form.folded(shown)
        self.dialect = connections.dialect(connection)
        self.base, self.most_pairs = base, MOST_PAIRS - is_new
        self.first = assistant_texts.texts(base, self.dialect)
        begun = self.first if shown is None else dict(shown)
        initial: dict[str, Any] = {**begun, **{name: begun.get(name) == "on" for name in (INTERPRETER, "search")}}
        super().__init__(data, initial=initial, label_suffix="")
        self.given: Texts = assistant_texts.as_typed(begun if data is None else {each: data[each] for each in data})
        self.sources: list[str] = []
        self.configuration: Configuration = {}
        self._fit(connection)
        self._add_rows()
        for name, words in (notes or {}).items():
            if isinstance(each := self.fields.get(name), JsonField):
                each.note = words

    def _fit(self, connection: Connection) -> None:
        """Leaves what this dialect and this kind of server have."""
        wanted = self.dialect.fields["createAssistant"]
        for name in MADE_OF.keys() - wanted:
            for each in MADE_OF[name]:
                self.fields.pop(each, None)
        if not self.dialect.search_options:
            for each in assistant_texts.SEARCH_FIELDS:
                del self.fields[each]
        kind = ENDPOINTS.get(connection.endpoint)
        self.fields["model"].label = MODEL_IS[kind.model_is if kind else "model"]
        self._choices("response_format", ["", *self.dialect.response_formats])
        if "json_schema" not in self.dialect.response_formats and self.given.get("response_format") != "other":
            del self.fields["response_schema"]
        self._choices("reasoning_effort", ["", *self.dialect.reasoning_efforts])
        self._choices("ranker", ["", *RANKERS])

    def _choices(self, name: str, values: Sequence[str]) -> None:
        """These, and what stands there already."""
        if name in self.fields:
            every = dict.fromkeys([*values, self.first.get(name, "")])
            words = FORMATS if name == "response_format" else {"": _("Not said")}
            field: Any = self.fields[name]
            field.choices = [(value, words.get(value, value)) for value in every]

    def _add_rows(self) -> None:
        self.function_places = [place for place, _text in assistant_texts.rows(self.given, FUNCTION, "function-{}")]
        for place in self.function_places:
            view = function_form.view(place, self.given)
            self.fields[f"function-{place}"] = function_form.DeclarationField(view, label=self._function_label(place))
        places = sorted({int(found[1]) for name in self.given if (found := PAIR.fullmatch(name))})[:MOST_ROWS]
        places = places or [0]
        self.pair_places = places
        for place in places:
            for name, label in (("key", _("Key")), ("value", _("Value"))):
                widget = forms.Textarea(attrs={"rows": 1})
                self.fields[f"{name}-{place}"] = LetterField(label=label, required=False, widget=widget)

    def _function_label(self, place: int) -> str:
        found = re.search(r'"name"\s*:\s*"([a-zA-Z0-9_-]{1,64})"', self.given.get(f"function-{place}", ""))
        return (
            _("Function %(name)s") % {"name": found[1]} if found else _("Function %(number)s") % {"number": place + 1}
        )

    def _view(self, place: int) -> function_form.FunctionView | None:
        field = self.fields[f"function-{place}"]
        return field.view if isinstance(field, function_form.DeclarationField) else None

    @property
    def function_rows(self) -> Iterator[tuple[int, BoundField]]:
        """The declarations of functions, each with its number."""
        return ((place, self[f"function-{place}"]) for place in self.function_places)

    @property
    def pair_rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """The keys and values of metadata."""
        return ((self[f"key-{place}"], self[f"value-{place}"]) for place in self.pair_places)

    # ---- What was typed, as a configuration

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        made: dict[str, Any] = {}
        for name in MADE_OF:
            if name not in self.dialect.fields["createAssistant"]:
                made[name] = self.base.get(name)
            elif self._is_untouched(name):
                made[name] = deepcopy(self.base.get(name))
                self._forgive(name)
            else:
                made[name] = getattr(self, f"_made_{name}", lambda cleaned, name=name: cleaned.get(name))(cleaned)
        for place in self.function_places:
            for words in function_form.rows_wrong(self._view(place)):
                self.add_error(f"function-{place}", words)
        if not made.get("model") and "model" not in self.errors:
            self.add_error("model", _("An assistant needs one."))
        self.configuration = configurations.tidy(made)
        return cleaned

    def _is_untouched(self, name: str) -> bool:
        return bool(assistant_texts.of_group(name, self.given) == assistant_texts.of_group(name, self.first))

    def _forgive(self, name: str) -> None:
        """What nobody touched is as the server has it: nothing is wrong with it."""
        numbered = {"tools": FUNCTION, "metadata": PAIR}.get(name)
        for field in [*self.errors]:
            if field in MADE_OF[name] or (numbered and numbered.fullmatch(field)):
                del self.errors[field]
        if name == "tools":
            self.sources = [""] * len(self.base.get("tools") or [])

    def _made_tools(self, cleaned: Mapping[str, Any]) -> list[Any]:
        before = assistant_texts.sorted_out(self.base, self.dialect)
        found: list[tuple[str, Any]] = []
        if cleaned.get(INTERPRETER):
            found.append((INTERPRETER, {"type": INTERPRETER}))
        if cleaned.get("search"):
            found.append(("search", self._search(cleaned, before["search"])))
        known = {self.first[f"function-{place}"]: tool for place, tool in enumerate(before["functions"])}
        names: set[str] = set()
        for place in self.function_places:
            field = f"function-{place}"
            tool = known.get(self.given.get(field, ""))
            if tool is not None:
                self.errors.pop(field, None)
            elif (declaration := cleaned.get(field)) is not None and self._is_function(field, place, declaration):
                tool = {"type": "function", "function": declaration}
            if tool is not None:
                self._only_once(field, str(tool["function"].get("name")), names)
                found.append((field, tool))
        found += [("other_tools", tool) for tool in self._others(cleaned.get("other_tools"))]
        if len(found) > MOST_TOOLS:
            words = _("An assistant has at most %(most)s tools, not %(given)s.")
            self.add_error(found[-1][0], words % {"most": MOST_TOOLS, "given": len(found)})
        found = assistant_texts.in_order(found, self.base.get("tools"))
        self.sources = [field for field, _tool in found]
        return [tool for _field, tool in found]

    def _search(self, cleaned: Mapping[str, Any], before: Sequence[Any]) -> dict[str, Any]:
        names = [name for name in assistant_texts.SEARCH_FIELDS if name in self.fields]
        if before and all(self.given.get(name, "") == self.first.get(name, "") for name in names):
            return dict(before[0])
        options: dict[str, Any] = {}
        if cleaned.get("max_num_results") is not None:
            options["max_num_results"] = cleaned["max_num_results"]
        if cleaned.get("ranker") or cleaned.get("score_threshold") is not None:
            # A ranking needs a threshold.
            ranking = {"score_threshold": cleaned.get("score_threshold") or 0}
            options["ranking_options"] = {**({"ranker": cleaned["ranker"]} if cleaned.get("ranker") else {}), **ranking}
        return {"type": self.dialect.search, **({"file_search": options} if options else {})}

    def _is_function(self, field: str, place: int, declaration: Any) -> bool:
        return not self._told(field, declarations.of_function(declaration), self._view(place) is None)

    def _told(self, field: str, found: list[declarations.Problem], has_lines: bool = True) -> bool:
        """Puts problems of what stands in a field beside it, with their lines. Tells whether there are any."""
        for mark in declarations.at_their_lines(self.given.get(field, ""), found):
            words = _("Line %(line)s: %(problem)s") if has_lines else "%(problem)s"
            self.add_error(field, words % {"line": mark.position.line, "problem": mark.words})
        return bool(found)

    def _only_once(self, field: str, name: str, names: set[str]) -> None:
        if name in names:
            self.add_error(field, _("There is a function “%(name)s” already.") % {"name": name[:64]})
        names.add(name)

    def _others(self, given: Any) -> list[Any]:
        if given is None:
            return []
        if not isinstance(given, list) or not all(isinstance(tool, dict) and tool.get("type") for tool in given):
            self.add_error("other_tools", _("This is a list of objects, each with a “type”."))
            return []
        return given

    def _made_tool_resources(self, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        before = self.base.get("tool_resources")
        resources = dict(before) if isinstance(before, Mapping) else {}
        wanted = {
            ("code_interpreter", "file_ids"): self._ids("interpreter_files", cleaned),
            ("file_search", "vector_store_ids"): self._ids("vector_store_ids", cleaned),
        }
        for (tool, name), ids in wanted.items():
            known = resources.get(tool)
            if ids or known is not None:
                resources[tool] = {**(known if isinstance(known, Mapping) else {}), name: ids}
        return resources

    def _made_file_ids(self, cleaned: Mapping[str, Any]) -> list[str]:
        return self._ids("file_ids", cleaned)

    def _ids(self, field: str, cleaned: Mapping[str, Any]) -> list[str]:
        ids = resources.ids_in(cleaned.get(field) or "")
        if len(ids) > (most := resources.PLACES[field].most):
            self.add_error(field, _("At most %(most)s, not %(given)s.") % {"most": most, "given": len(ids)})
        return ids

    def _made_response_format(self, cleaned: Mapping[str, Any]) -> Any:
        kind = cleaned.get("response_format")
        if not kind or kind in self.dialect.format_words:
            return kind or None
        if kind not in {"json_schema", "other"}:
            return {"type": kind}
        written = cleaned.get("response_schema")
        if "response_schema" in self.errors:
            return None
        self._told("response_schema", declarations.KINDS["response" if kind == "json_schema" else "object"](written))
        return {"type": kind, "json_schema": written} if kind == "json_schema" else written

    def _made_metadata(self, cleaned: Mapping[str, Any]) -> dict[str, str]:
        made: dict[str, str] = {}
        for place in self.pair_places:
            key, value = cleaned.get(f"key-{place}") or "", cleaned.get(f"value-{place}") or ""
            if not key.strip() and not value:
                continue
            if problem := self._key_problem(key, made):
                self.add_error(f"key-{place}", problem)
            if len(value) > LONGEST_VALUE:
                words = _("At most %(most)s characters, not %(given)s.")
                self.add_error(f"value-{place}", words % {"most": LONGEST_VALUE, "given": len(value)})
            made[key] = value
        if len(made) > self.most_pairs:
            words = _("At most %(most)s pairs, not %(given)s.") % {"most": self.most_pairs, "given": len(made)}
            self.add_error(f"key-{self.pair_places[-1]}", words)
        return made

    @staticmethod
    def _key_problem(key: str, made: Mapping[str, str]) -> str:
        if not key.strip():
            return _("A value needs a key.")
        if len(key) > LONGEST_KEY:
            return _("At most %(most)s characters, not %(given)s.") % {"most": LONGEST_KEY, "given": len(key)}
        if key == OPERATION_KEY:
            return _("Switchboard writes this one itself.")
        return _("This key is there already.") if key in made else ""

    # ---- What a server says of it

    def refused(self, words: str, param: str) -> None:
        """Puts the words of a server beside the field that it names."""
        field = self._field_of(param)
        self.add_error(field if field in self.fields else None, words)

    def _field_of(self, param: str) -> str | None:
        first = re.match(r"[a-z_]*", param)
        name = first[0] if first else ""
        if name == "tools":
            number = re.match(r"tools[.\[](\d+)", param)
            place = int(number[1]) if number else -1
            return self.sources[place] if 0 <= place < len(self.sources) else None
        if name == "metadata":
            of_key = [f"key-{place}" for place in self.pair_places if self.given.get(f"key-{place}", "\0") in param]
            return next(iter(of_key), f"key-{self.pair_places[0]}" if self.pair_places else None)
        if name == "tool_resources":
            return "vector_store_ids" if "vector_store" in param else "interpreter_files"
        if name == "response_format":
            return "response_schema" if "schema" in param else name
        return name


def rearranged(given: Mapping[str, str], act: str) -> tuple[Texts, dict[str, str]] | None:
    """What was typed after a button was pressed that changes the form and nothing else, and what there is to say, by
    fields; None for other buttons."""
    made = function_form.folded(given)
    if act == "more function":
        places = [place for place, _text in assistant_texts.rows(made, FUNCTION, "function-{}")]
        return {**made, f"function-{max(places, default=-1) + 1}": ""}, {}
    if act == "more pair":
        places = [int(found[1]) for name in made if (found := PAIR.fullmatch(name))]
        return {**made, f"key-{max(places, default=-1) + 1}": ""}, {}
    if found := re.fullmatch(r"less (function-[0-9]{1,3})", act):
        made.pop(found[1], None)
        return made, {}
    if found := re.fullmatch(r"(format|strict) (function-[0-9]{1,3}|response_schema|other_tools)", act):
        return _rewritten(made, found[1], found[2])
    if (of_function := function_form.rearranged(made, act)) is not None:
        return of_function[0], {act.split()[1]: of_function[1]}
    return None


def _rewritten(given: Texts, act: str, field: str) -> tuple[Texts, dict[str, str]]:
    """A JSON text with line breaks and indents, or made strict; and with its fields, if those are shown."""
    text, place = given.get(field, ""), FUNCTION.fullmatch(field)
    if place and (view := function_form.view(int(place[1]), given)) and view.problems:
        return given, {field: _("Put right what is marked first: as it is, it cannot be written as JSON.")}
    try:
        if text.strip():
            name = "parameters" if place else "schema"
            text = declarations.made_strict(text, name) if act == "strict" else declarations.formatted(text)
    except declarations.NotReadable as error:
        words = {"line": error.mark.position.line, "problem": error.mark.words}
        return given, {field: _("Line %(line)s: %(problem)s") % words}
    made = {**given, field: text}
    return (function_form.reopened(made, int(place[1])) if place else made), {}


class DeleteAssistant(forms.Form):
    """Why an assistant goes."""

    reason = LetterField(
        label=gettext_lazy("Why"), required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"])[:LONGEST_NOTE]


class AssistantFileForm(forms.Form):
    """A file that the server has, by its id."""

    file_id = forms.CharField(
        label=gettext_lazy("File id"),
        max_length=LONGEST_ID,
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "mono"}),
        error_messages={"required": gettext_lazy("Paste the id of a file.")},
    )
    once = OnceField()
