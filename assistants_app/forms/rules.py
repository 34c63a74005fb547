"""What an editor says about a rule: for which calls, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.forms.connections import Key
from assistants_app.forms.fields import LetterField
from assistants_app.models import Assistant, Connection, Rule
from assistants_app.models.connections import masked
from assistants_app.services import conditions, endpoints, placeholders, rules
from assistants_app.services.answers import EMPTY, ERROR, JSON, TEXT
from assistants_app.services.conditions import Condition
from assistants_app.services.placeholders import Unusable

Act = Rule.Act
ACTS = [
    (Act.ANSWER, gettext_lazy("Answer this")),
    (Act.CALL, gettext_lazy("Ask an HTTP endpoint, and answer what it says")),
    (Act.DENY, gettext_lazy("Deny: answer with an error that the model sees")),
    (Act.PERSON, gettext_lazy("Leave it to people, whatever later rules say")),
]
FORMATS = [(TEXT, gettext_lazy("Text")), (JSON, "JSON"), (EMPTY, gettext_lazy("Empty"))]
MOST_CONDITIONS = 20
# What a form and a rule have in common.
OWN = (
    *("title", "connection", "assistant", "function", "act", "format", "url", "seconds", "retries"),
    *("most_an_hour", "place"),
)


class AssistantField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """An assistant, named with its connection."""

    def label_from_instance(self, assistant: Any) -> str:
        return f"{assistant.title[:80]} · {assistant.connection.name}"


class ConditionForm(forms.Form):
    """One condition; a row without an argument is none."""

    argument = forms.CharField(
        label=gettext_lazy("Argument"),
        max_length=placeholders.LONGEST_EXPRESSION,
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "class": "mono"}),
    )
    way = forms.ChoiceField(label=gettext_lazy("Comparison"), choices=list(conditions.WAYS.items()))
    value = LetterField(
        label=gettext_lazy("Value"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 1, "spellcheck": "false", "class": "mono"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("argument") and "value" in cleaned and "way" in cleaned:
            try:
                conditions.check(Condition(**cleaned))
            except Unusable as error:
                is_path = cleaned["argument"] in str(error)
                self.add_error("argument" if is_path else "value", str(error))
        elif cleaned.get("value", "").strip():
            self.add_error("argument", _("Say which argument."))
        return cleaned


ConditionForms = forms.formset_factory(ConditionForm, extra=1, max_num=MOST_CONDITIONS, absolute_max=MOST_CONDITIONS)


class RuleForm(forms.Form):
    """A rule, beside its conditions. What belongs to another act is kept out of the way, and not looked at."""

    title = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("It marks what the rule answers.")
    )
    connection = forms.ModelChoiceField(
        Connection.objects.filter(gone_at=None), label=gettext_lazy("Connection"), empty_label=None
    )
    assistant = AssistantField(
        Assistant.objects.none(),
        label=gettext_lazy("Assistant"),
        required=False,
        empty_label=gettext_lazy("Any assistant"),
    )
    function = forms.CharField(
        label=gettext_lazy("Function"),
        max_length=256,
        strip=False,
        widget=forms.TextInput(attrs={"list": "functions", "autocomplete": "off", "spellcheck": "false"}),
    )
    act = forms.ChoiceField(label=gettext_lazy("What it does"), choices=ACTS, widget=forms.RadioSelect)
    format = forms.ChoiceField(
        label=gettext_lazy("Written in"), choices=FORMATS, widget=forms.RadioSelect, required=False
    )
    text = LetterField(
        label=gettext_lazy("Answer"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy(
            "{{ city }} stands for the argument city, {{ order.items[0].id }} for one within others; {{ note || 'none' "
            "}} says what stands there without it. In JSON a placeholder outside of quotes becomes a JSON value."
        ),
    )
    reason = LetterField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The model reads it; placeholders work here too."),
    )
    url = forms.CharField(
        label=gettext_lazy("URL"),
        required=False,
        max_length=1000,
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
        help_text=gettext_lazy("Gets a POST with the arguments as JSON. The body of a 2xx is the answer."),
    )
    secret = Key(
        label=gettext_lazy("Secret"),
        required=False,
        help_text=gettext_lazy("Signs what is sent, as Standard Webhooks do: whsec_ and base64 of 24 to 64 bytes."),
    )
    seconds = forms.FloatField(
        label=gettext_lazy("Seconds to answer"), min_value=0.5, max_value=endpoints.LONGEST_SECONDS, initial=10
    )
    retries = forms.IntegerField(
        label=gettext_lazy("Further tries"), min_value=0, max_value=endpoints.MOST_RETRIES, initial=2
    )
    most_an_hour = forms.IntegerField(
        label=gettext_lazy("Calls an hour, at most"),
        min_value=1,
        max_value=10_000,
        initial=60,
        help_text=gettext_lazy("What comes beyond that waits for people, who are told why."),
    )
    place = forms.IntegerField(
        label=gettext_lazy("Place"),
        min_value=0,
        max_value=1000,
        initial=10,
        help_text=gettext_lazy("Of several rules that fit a call, the one with the lowest number counts."),
    )

    def __init__(self, data: QueryDict | None, *, rule: Rule, initial: Mapping[str, Any], held: str = "") -> None:
        """`held` is a secret that was typed before and that a page cannot show again."""
        self.rule, self.held = rule, held
        own = {name: getattr(rule, name) for name in OWN if rule.pk}
        own |= {"reason" if rule.act == Act.DENY else "text": rule.text} if rule.pk else {}
        given = {"act": Act.ANSWER, "format": TEXT, **own, **initial}
        super().__init__(data, initial=given, label_suffix="")
        every = Assistant.objects.filter(connection__gone_at=None).select_related("connection").order_by("name", "pk")
        shown: Any = self.fields["assistant"]
        shown.queryset = every.only("name", "remote_id", "connection__name")
        if shown_secret := masked(held) or rule.secret_shown:
            words = _("There is one: %(shown)s. Left empty, it stays.")
            self.fields["secret"].help_text = words % {"shown": shown_secret}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        assistant, connection = cleaned.get("assistant"), cleaned.get("connection")
        if assistant and connection and assistant.connection_id != connection.pk:
            self.add_error("assistant", _("This assistant is of another connection."))
        checks: dict[str, Callable[[Mapping[str, Any]], None]]
        checks = {Act.ANSWER: self._check_answer, Act.DENY: self._check_reason, Act.CALL: self._check_endpoint}
        if check := checks.get(cleaned.get("act", "")):
            check(cleaned)
        return cleaned

    def _check_answer(self, cleaned: Mapping[str, Any]) -> None:
        self._check_text("text", cleaned, cleaned.get("format") or TEXT)

    def _check_reason(self, cleaned: Mapping[str, Any]) -> None:
        if cleaned.get("reason", "").strip():
            self._check_text("reason", cleaned, ERROR)
        else:
            self.add_error("reason", _("Write the reason."))

    def _check_text(self, name: str, cleaned: Mapping[str, Any], chosen: str) -> None:
        try:
            placeholders.check(cleaned.get(name, ""), chosen)
        except Unusable as error:
            self.add_error(name, str(error))

    def _check_endpoint(self, cleaned: Mapping[str, Any]) -> None:
        if "url" in cleaned and (wrong := endpoints.wrong_with_url(cleaned["url"].strip())):
            self.add_error("url", wrong)
        if secret := cleaned.get("secret") or self.held:
            try:
                endpoints.key_of(secret)
            except ValueError as error:
                self.add_error("secret", str(error))

    def save(self, given: list[Condition], *, by: User) -> Rule:
        """The rule as it is now: off."""
        cleaned = self.cleaned_data
        values = {name: cleaned[name] for name in OWN}
        values["text"] = {Act.ANSWER: cleaned["text"], Act.DENY: cleaned["reason"]}.get(cleaned["act"], "")
        values["format"] = cleaned["format"] or TEXT
        values["url"] = cleaned["url"].strip() if cleaned["act"] == Act.CALL else ""
        values["secret"] = (cleaned["secret"] or self.held or None) if cleaned["act"] == Act.CALL else ""
        return rules.save(self.rule, by=by, conditions=given, **values)


class Switch(forms.Form):
    """On, of the version that somebody has tried; or off."""

    on = forms.BooleanField(required=False)
    version = forms.IntegerField()


def conditions_in(forms_of_them: Any) -> list[Condition]:
    """The conditions of a formset that is valid."""
    found = [each.cleaned_data for each in forms_of_them]
    return [Condition(**each) for each in found if each.get("argument")]
