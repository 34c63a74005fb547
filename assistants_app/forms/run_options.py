"""What a run does otherwise than its assistant says: every field of createRun that its dialect has."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.api.dialects import Dialect
from assistants_app.forms.fields import JsonField, LetterField

LONGEST_INSTRUCTIONS, LONGEST_MODEL = 256_000, 256
FEWEST_TOKENS, MOST_TOKENS = 256, 2**31 - 1
MOST_TOOLS = 20
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
FUNCTION = "function"
USUAL = ("", _("As the assistant has it"))
# What these are called stays as it is: they are the API's own words.
WORDS = {"none": _("none: no tool"), "auto": _("auto: the model decides"), "required": _("required: some tool")}
# Fields that say more of another one: of no use without it.
BELONG = {"last_messages": "truncation_strategy", "tool_function": "tool_choice", "json_schema": "response_format"}
EXAMPLE = json.dumps([{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}])


class RunOptions(forms.Form):
    """All are left out of the request unless something is chosen. A field that the dialect lacks is not there:
    `lacking` names those."""

    model = forms.CharField(label=_("Model"), max_length=LONGEST_MODEL, help_text=_("Nothing: the assistant's."))
    reasoning_effort = forms.ChoiceField(
        label=_("Reasoning effort"), choices=[USUAL, *((each, each) for each in EFFORTS)]
    )
    instructions = LetterField(
        label=_("Instructions"),
        max_length=LONGEST_INSTRUCTIONS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In place of the assistant's."),
    )
    additional_instructions = LetterField(
        label=_("Additional instructions"),
        max_length=LONGEST_INSTRUCTIONS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("After the assistant's."),
    )
    temperature = forms.FloatField(label=_("Temperature"), min_value=0, max_value=2, help_text=_("From 0 to 2."))
    top_p = forms.FloatField(label="top_p", min_value=0, max_value=1, help_text=_("From 0 to 1."))
    max_prompt_tokens = forms.IntegerField(
        label=_("Most prompt tokens"), min_value=FEWEST_TOKENS, max_value=MOST_TOKENS, help_text=_("At least 256.")
    )
    max_completion_tokens = forms.IntegerField(
        label=_("Most completion tokens"), min_value=FEWEST_TOKENS, max_value=MOST_TOKENS, help_text=_("At least 256.")
    )
    truncation_strategy = forms.ChoiceField(
        label=_("Messages that it reads"),
        choices=[
            ("", _("As the server does it")),
            ("auto", _("As many as fit")),
            ("last_messages", _("The last ones")),
        ],
    )
    last_messages = forms.IntegerField(label=_("How many of the last"), min_value=1, max_value=MOST_TOKENS)
    tools = JsonField(rows=4, label=_("Tools"), help_text=_("A JSON list in place of the assistant's; [] for none."))
    tool_choice = forms.ChoiceField(label=_("Tool choice"))
    tool_function = forms.RegexField(
        label=_("Function that it must call"),
        regex=r"\A[a-zA-Z0-9_-]{1,64}\Z",
        error_messages={"invalid": _("Letters, digits, _ and - only, at most 64.")},
    )
    parallel_tool_calls = forms.ChoiceField(
        label=_("Parallel tool calls"), choices=[USUAL, ("true", _("Allowed")), ("false", _("One at a time"))]
    )
    response_format = forms.ChoiceField(label=_("Response format"))
    json_schema = JsonField(
        rows=4,
        label=_("JSON schema of the response"),
        help_text=_("An object with a name and a schema, as the API has it."),
    )

    def __init__(self, *args: Any, dialect: Dialect, operation: str, **kwargs: Any) -> None:
        kwargs |= {"prefix": "options", "label_suffix": "", "use_required_attribute": False}
        super().__init__(*args, **kwargs)
        known = dialect.fields[operation]
        self.lacking = [name for name in self.fields if BELONG.get(name, name) not in known]
        if "json_schema" not in dialect.response_formats:
            self.lacking.append("json_schema")
        for name in {*self.lacking}:
            self.fields.pop(name, None)
        for field in self.fields.values():
            field.required = False
        self._choose("tool_choice", [*dialect.tool_choices, *dialect.tools])
        self._choose("response_format", dialect.response_formats)
        self.fields["model"].widget.attrs |= {"list": "model-names", "autocomplete": "off", "spellcheck": "false"}
        self.fields["tools"].widget.attrs["placeholder"] = EXAMPLE

    def _choose(self, name: str, words: Any) -> None:
        shown: list[tuple[str, str | Promise]] = [(each, WORDS.get(each, each)) for each in words]
        if name == "response_format":
            shown = [(each, each) for each in words]
        self.fields[name].choices = [USUAL, *shown]  # type: ignore[attr-defined]

    @property
    def is_open(self) -> bool:
        """Something was typed or chosen, so it is not folded away."""
        return any(self[name].value() for name in self.fields)

    def clean_tools(self) -> list[Any] | None:
        tools = self.cleaned_data["tools"]
        if tools is None:
            return None
        if not isinstance(tools, list) or not all(isinstance(each, dict) and _word(each.get("type")) for each in tools):
            raise forms.ValidationError(gettext("This must be a list of objects, each with a type."))
        if len(tools) > MOST_TOOLS:
            raise forms.ValidationError(gettext("At most %(most)s tools.") % {"most": MOST_TOOLS})
        return tools

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value, words in (
            ("last_messages", "last_messages", gettext("Say how many.")),
            ("tool_function", FUNCTION, gettext("Name the function.")),
            ("json_schema", "json_schema", gettext("Write the schema down.")),
        ):
            if name in self.fields and name not in self.errors:
                self._check_pair(name, value, words)
        schema = cleaned.get("json_schema")
        if schema is not None and not (isinstance(schema, dict) and _word(schema.get("name"))):
            self.add_error("json_schema", gettext("This must be an object with a name."))
        return cleaned

    def _check_pair(self, name: str, value: str, words: str) -> None:
        """A field counts only with one value of the one that it belongs to, which is nothing without it."""
        chooser = BELONG[name]
        is_chosen, is_there = self.cleaned_data.get(chooser) == value, _is_said(self.cleaned_data.get(name))
        if is_chosen and not is_there:
            self.add_error(name, words)
        elif is_there and not is_chosen:
            choices = dict(self.fields[chooser].choices)  # type: ignore[attr-defined]
            named = {"field": self.fields[chooser].label, "choice": choices.get(value, value)}
            self.add_error(name, gettext("This counts only with “%(choice)s” as %(field)s.") % named)

    def overrides(self) -> dict[str, Any]:
        """What goes into the request, in the API's own shape."""
        given = self.cleaned_data
        said = {name: value for name, value in given.items() if _is_said(value) and name not in BELONG}
        return {name: WRITTEN[name](value, given) if name in WRITTEN else value for name, value in said.items()}


def _is_said(value: object) -> bool:
    return value is not None and value != ""


def _word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _tool_choice(value: str, given: dict[str, Any]) -> Any:
    if value == FUNCTION:
        return {"type": FUNCTION, "function": {"name": given["tool_function"]}}
    return value if value in WORDS else {"type": value}


def _response_format(value: str, given: dict[str, Any]) -> Any:
    if value in {"auto", "none"}:
        return value
    return {"type": value} | ({"json_schema": given["json_schema"]} if value == "json_schema" else {})


def _truncation(value: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"type": value} | ({"last_messages": given["last_messages"]} if value == "last_messages" else {})


WRITTEN: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "tool_choice": _tool_choice,
    "response_format": _response_format,
    "truncation_strategy": _truncation,
    "parallel_tool_calls": lambda value, given: value == "true",
}
