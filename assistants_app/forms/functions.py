"""What people write down of a function."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assistants_app.forms.fields import LetterField
from assistants_app.models import AnswerTemplate, Connection
from assistants_app.services import placeholders, schemas
from assistants_app.services.answers import ERROR, JSON, TEXT


class FunctionReturns(forms.Form):
    """What a function of a connection returns, as a JSON Schema."""

    connection = forms.ModelChoiceField(Connection.objects.all(), label=_("Connection"), empty_label=None)
    name = forms.CharField(label=_("Function"), max_length=256, strip=False)
    text = LetterField(
        label=_("What it returns"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "A JSON Schema. Whoever answers gets a field for each of its properties. Leave it empty, and the "
            "function's declaration holds, or any answer does."
        ),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if text.strip():
            try:
                schemas.read(text)
            except schemas.Unusable as error:
                raise forms.ValidationError(str(error)) from error
        return text

    def schema(self) -> dict[str, Any] | None:
        """The schema that was written, if there is one that can be used."""
        text = self.cleaned_data.get("text") or "" if self.is_bound else str(self.initial.get("text") or "")
        try:
            return schemas.read(text) if text.strip() else None
        except schemas.Unusable:
            return None


class FunctionTemplate(forms.ModelForm):  # type: ignore[type-arg]
    """A template of answers to a function; which function that is came with the address."""

    format = forms.ChoiceField(
        label=_("Written in"),
        choices=[(TEXT, _("Text")), (JSON, "JSON"), (ERROR, _("Error"))],
        widget=forms.RadioSelect,
        initial=TEXT,
    )
    text = LetterField(
        label=_("Answer"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "{{ city }} stands for the argument city, {{ order.items[0].id }} for one within others; {{ note || 'none' "
            "}} says what stands there without it. In JSON a placeholder outside of quotes becomes a JSON value."
        ),
    )

    class Meta:
        model = AnswerTemplate
        fields = ["title", "format", "text"]
        labels = {"title": _("Name")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("text") and cleaned.get("format"):
            try:
                placeholders.check(cleaned["text"], cleaned["format"])
            except placeholders.Unusable as error:
                self.add_error("text", str(error))
        return cleaned

    def validate_unique(self) -> None:
        mine = self.instance
        others = AnswerTemplate.objects.filter(connection=mine.connection, function=mine.function).exclude(pk=mine.pk)
        if others.filter(title=self.cleaned_data.get("title")).exists():
            self.add_error("title", _("There is a template of this name already."))
