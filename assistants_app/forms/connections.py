"""What an admin says about a server: where it is, how one gets in, and how it is asked."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assistants_app.api.dialects import DIALECTS
from assistants_app.api.endpoints import ENDPOINTS, Endpoint
from assistants_app.api.errors import ApiError
from assistants_app.forms.fields import LetterField
from assistants_app.models import Connection
from assistants_app.models.connections import masked
from assistants_app.services import connections

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PRINTABLE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
TENANT = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]*")
# What the client writes itself, or what the wire needs.
OWN_HEADERS = {
    *("authorization", "host", "content-length", "content-type", "transfer-encoding", "connection", "cookie"),
    *("accept", "accept-encoding", "openai-beta", "openai-organization", "openai-project"),
}
ACCESS = {
    "key": gettext_lazy("A key"),
    "token": gettext_lazy("An access token of Microsoft Entra, pasted"),
    "client": gettext_lazy("An application of Microsoft Entra, with its secret"),
    "none": gettext_lazy("Nothing: the server lets everybody in"),
}
KINDS = {
    "openai": (gettext_lazy("OpenAI-shaped"), gettext_lazy("A key as bearer: most servers of your own.")),
    "azure_openai": (gettext_lazy("Azure OpenAI"), gettext_lazy("A resource of Azure, with its API version.")),
    "azure_foundry": (
        gettext_lazy("Azure AI Foundry, classic"),
        gettext_lazy("A project of Foundry; Microsoft Entra says who may."),
    ),
    "custom": (
        gettext_lazy("Free-form"),
        gettext_lazy("Whatever is none of these: say yourself which header carries the key."),
    ),
}
# The fields that belong to each way in.
OF_ACCESS = {
    "key": {"key", "key_header", "key_prefix"},
    "token": {"key", "key_expires_at"},
    "client": {"key", "tenant_id", "client_id"},
    "none": set(),
}


# Of the kinds and ways that a connection is not.
NOTHING: dict[str, Any] = {
    "key_expires_at": None,
    "tenant_id": "",
    "client_id": "",
    "key_header": None,
    "key_prefix": None,
    "organization": "",
    "project": "",
}


def moment_in(token: str) -> datetime | None:
    """When a token says that it ends (exp of a JWT); None where it does not say."""
    try:
        part = token.split(".")[1]
        ends = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["exp"]
        return datetime.fromtimestamp(float(ends), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None


class Moment(forms.DateTimeField):
    """A moment in the person's time zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"}, format="%Y-%m-%dT%H:%M:%S")
        super().__init__(widget=widget, required=False, **kwargs)


class Key(LetterField):
    """A secret: taken, never given back to a page."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "new-password", "spellcheck": "false"}
        super().__init__(widget=forms.PasswordInput(attrs=attributes), max_length=20_000, **kwargs)

    def clean(self, value: Any) -> Any:
        secret = str(super().clean(value) or "").strip()
        if secret and not PRINTABLE.fullmatch(secret):
            raise forms.ValidationError(_("A key has only printable ASCII, on one line."))
        return secret


class KeyForm(forms.Form):
    """A new key in place of the old one."""

    key = Key(label=gettext_lazy("New key"), error_messages={"required": gettext_lazy("Paste the new key.")})
    key_expires_at = Moment(
        label=gettext_lazy("Ends at"),
        help_text=gettext_lazy("Left empty, it is read out of the token where that says it."),
    )

    def __init__(self, data: QueryDict | None = None, *, connection: Connection) -> None:
        super().__init__(data, label_suffix="")
        if connection.access != "token":
            del self.fields["key_expires_at"]
        if connection.access == "client":
            self.fields["key"].label = _("New secret")
        if connection.access == "token":
            self.fields["key"].label = _("New access token")

    def clean(self) -> dict[str, Any]:
        return _with_end(self, super().clean() or {})

    def values(self) -> dict[str, Any]:
        """What is to be stored."""
        return {name: self.cleaned_data[name] for name in self.fields}


def _with_end(form: forms.Form, cleaned: dict[str, Any]) -> dict[str, Any]:
    """The end of a token that was pasted without one; one that is past is no token to paste."""
    if "key_expires_at" not in form.fields or not cleaned.get("key"):
        return cleaned
    ends = cleaned.get("key_expires_at") or moment_in(cleaned["key"])
    if ends is not None and ends <= timezone.now():
        form.add_error("key_expires_at" if cleaned.get("key_expires_at") else "key", _("This token has ended already."))
    return cleaned | {"key_expires_at": ends}


class ConnectionForm(forms.Form):
    """All settings of a connection of one kind; what other kinds have is left out."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("What people call it."))
    base_url = forms.CharField(
        label=gettext_lazy("Base URL"), max_length=500, widget=forms.URLInput(attrs={"spellcheck": "false"})
    )
    api_version = forms.CharField(label=gettext_lazy("API version"), max_length=60)
    dialect = forms.ChoiceField(label=gettext_lazy("Dialect"), choices=[(name, name) for name in DIALECTS])

    access = forms.ChoiceField(label=gettext_lazy("What it asks for"), choices=list(ACCESS.items()))
    key = Key(label=gettext_lazy("Key, token or secret"), required=False)
    key_expires_at = Moment(
        label=gettext_lazy("The token ends at"),
        help_text=gettext_lazy("Only of a token. Left empty, it is read out of the token where that says it."),
    )
    tenant_id = forms.CharField(
        label=gettext_lazy("Tenant"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only of an application: its directory, an id or a domain."),
    )
    client_id = forms.CharField(
        label=gettext_lazy("Application (client) id"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Only of an application."),
    )
    key_header = forms.CharField(label=gettext_lazy("Header of the key"), max_length=100, required=False)
    key_prefix = LetterField(
        label=gettext_lazy("What stands before the key"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Such as “Bearer ” with the space at its end; or nothing."),
    )
    organization = forms.CharField(label=gettext_lazy("Organisation"), max_length=200, required=False)
    project = forms.CharField(label=gettext_lazy("Project"), max_length=200, required=False)
    headers = LetterField(
        label=gettext_lazy("Further headers"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "One a line, as in “Name: value”. Values are kept like keys; what shows as dots stays as it is."
        ),
    )
    query = LetterField(
        label=gettext_lazy("Further query"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line, as in “name=value”; goes with every request. Nothing secret: admins can read it here."
        ),
    )
    connect_seconds = forms.FloatField(label=gettext_lazy("Seconds to connect"), min_value=0.1, max_value=20, initial=5)
    read_seconds = forms.FloatField(
        label=gettext_lazy("Seconds of silence in an answer"), min_value=0.1, max_value=40, initial=20
    )
    total_seconds = forms.FloatField(
        label=gettext_lazy("Seconds for a whole answer"), min_value=0.1, max_value=40, initial=30
    )
    poll_seconds = forms.FloatField(
        label=gettext_lazy("Seconds between two looks at a run"),
        min_value=0.2,
        max_value=3600,
        initial=1,
        help_text=gettext_lazy("Old runs and those that wait for a person are looked at less often."),
    )
    streaming = forms.TypedChoiceField(
        label=gettext_lazy("What a run writes"),
        coerce=lambda value: value == "True",
        choices=[
            (True, gettext_lazy("Is shown as it is written, where the server does that well")),
            (False, gettext_lazy("Is shown once it is written: runs are only polled")),
        ],
        initial=True,
    )
    refresh_seconds = forms.FloatField(
        label=gettext_lazy("Seconds between two looks for new threads"), min_value=1, max_value=86_400, initial=5
    )
    requests_per_minute = forms.IntegerField(
        label=gettext_lazy("Requests a minute that the server allows"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("Empty: no limit is known."),
    )
    verify = forms.ChoiceField(
        label=gettext_lazy("Certificate of the server"),
        choices=[
            (Connection.Verify.SYSTEM, gettext_lazy("Must be signed by somebody that this machine trusts")),
            (Connection.Verify.OWN, gettext_lazy("Must be signed by one of the certificates below")),
            (Connection.Verify.OFF, gettext_lazy("Is not looked at: whoever is in between can read the key")),
        ],
    )
    certificates = LetterField(
        label=gettext_lazy("Certificates to trust"),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("In PEM, one or several, as they stand in the file of a certificate authority."),
    )

    def __init__(
        self, data: QueryDict | None = None, *, kind: Endpoint, connection: Connection | None, held: Mapping[str, Any]
    ) -> None:
        """`held` are the secrets that were typed before and that a page cannot show again."""
        self.kind, self.connection, self.held = kind, connection, dict(held)
        initial = self._initial() if connection and connection.endpoint == kind.name else {}
        super().__init__(data, initial={**self._of_kind(), **initial}, label_suffix="")
        for name in self._left_out():
            del self.fields[name]
        access: Any = self.fields["access"]
        access.choices = [(each, ACCESS[each]) for each in kind.accesses]
        self.fields["base_url"].help_text = _("As in %(example)s") % {"example": kind.example}
        self.fields["key"].help_text = self._key_help()

    def _left_out(self) -> set[str]:
        special = {"organization", "project", "key_header", "key_prefix"} - self.kind.fields
        left_out = special | (set() if "api-version" in self.kind.query else {"api_version"})
        left_out |= set() if "token" in self.kind.accesses else {"key_expires_at"}
        return left_out | (set() if "client" in self.kind.accesses else {"tenant_id", "client_id"})

    def _of_kind(self) -> dict[str, Any]:
        return {
            "api_version": self.kind.query.get("api-version", ""),
            "key_header": self.kind.key_header,
            "key_prefix": self.kind.key_prefix,
            "access": self.kind.accesses[0],
            "dialect": "v2",
            "verify": Connection.Verify.SYSTEM,
        }

    def _initial(self) -> dict[str, Any]:
        assert self.connection is not None
        own = {name: getattr(self.connection, name) for name in self.base_fields if hasattr(self.connection, name)}
        query = dict(self.connection.query)
        own |= {"api_version": query.pop("api-version", self.kind.query.get("api-version", ""))}
        own |= {"query": "\n".join(f"{name}={value}" for name, value in query.items()), "key": ""}
        shown = self.connection.headers_shown
        own |= {"headers": "\n".join(f"{name}: {value}" for name, value in shown.items())}
        return {name: value for name, value in own.items() if value is not None}

    def _key_help(self) -> str:
        if self.held.get("key"):
            return _("The one that you typed is kept until this form is right; type another to replace it.")
        if self.connection and self.connection.encrypted_key:
            return _("Empty: the one that ends in %(shown)s stays.") % {"shown": self.connection.key_shown}
        return _("Stored encrypted, and never shown again.")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Connection.objects.filter(name=name)
        if (others.exclude(pk=self.connection.pk) if self.connection else others).exists():
            raise forms.ValidationError(_("There is a connection of this name already."))
        return name

    def clean_base_url(self) -> str:
        url = str(self.cleaned_data["base_url"]).rstrip("/")
        if self.kind.path and not re.search(f"{self.kind.path}$", urlsplit(url).path):
            raise forms.ValidationError(_("One of this kind looks like %(example)s") % {"example": self.kind.example})
        return url

    def clean_tenant_id(self) -> str:
        tenant: str = self.cleaned_data["tenant_id"]
        if tenant and not TENANT.fullmatch(tenant):
            raise forms.ValidationError(_("A tenant is an id, or a domain as in example.onmicrosoft.com."))
        return tenant

    def clean_headers(self) -> dict[str, str]:
        known = self._known_headers()
        found: dict[str, str] = {}
        for line in filter(None, map(str.strip, str(self.cleaned_data["headers"]).splitlines())):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not colon or not HEADER_NAME.fullmatch(name):
                raise forms.ValidationError(_("Write each header as “Name: value”, one a line."))
            if name.lower() in OWN_HEADERS:
                raise forms.ValidationError(_("The header %(name)s is written by Switchboard itself.") % {"name": name})
            value = known[name] if value == masked(known.get(name, "")) else value
            if not PRINTABLE.fullmatch(value):
                raise forms.ValidationError(_("The value of %(name)s must be printable ASCII.") % {"name": name})
            found[name] = value
        return found

    def _known_headers(self) -> dict[str, str]:
        """Those that show as dots: stored ones, and those typed before."""
        stored = self.connection.headers if self.connection and self.connection.headers_shown else {}
        return {**stored, **self.held.get("headers", {})}

    def hold(self) -> dict[str, Any]:
        """The secrets that were typed, to be held while the form is mended; from now on it shows dots for them."""
        known, lines = self._known_headers(), []
        for line in str(self.data.get("headers", "")).splitlines():
            name, colon, value = (part.strip() for part in line.partition(":"))
            if colon and value != masked(known.get(name, "")):
                known[name] = value
            lines.append(f"{name}: {masked(known[name])}" if colon else line)
        shown = QueryDict(mutable=True)
        shown.update({name: self.data[name] for name in self.data} | {"headers": "\n".join(lines)})
        self.data = shown
        held = {"key": str(self.data.get("key", "")).strip() or self.held.get("key", ""), "headers": known}
        self.held = held
        if "key" in self.fields:
            self["key"].help_text = self._key_help()
        return held

    def clean_query(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(None, map(str.strip, str(self.cleaned_data["query"]).splitlines())):
            name, equals, value = line.partition("=")
            if not equals or not name.strip():
                raise forms.ValidationError(_("Write each parameter as “name=value”, one a line."))
            found[name.strip()] = value.strip()
        return found

    def clean_certificates(self) -> str:
        text = str(self.cleaned_data["certificates"]).strip()
        if "PRIVATE KEY" in text:
            raise forms.ValidationError(_("There is a private key in it. Paste only certificates; they are public."))
        if text:
            try:
                x509.load_pem_x509_certificates(text.encode())
            except ValueError:
                raise forms.ValidationError(_("These are no certificates in PEM.")) from None
        return f"{text}\n" if text else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        access = cleaned.get("access", "")
        cleaned["key"] = cleaned.get("key") or self.held.get("key") or ""
        stays = self.connection is not None and self.connection.access == access and self.connection.encrypted_key
        if access in {"token", "client"} and not cleaned["key"] and not stays:
            self.add_error(
                "key", _("Paste the token.") if access == "token" else _("Paste the secret of the application.")
            )
        if access == "client":
            for name in ("tenant_id", "client_id"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("An application of Entra needs it."))
        if access == "token" and "key" not in self.errors:
            cleaned = _with_end(self, cleaned)
        lacks_certificates = not cleaned.get("certificates") and "certificates" not in self.errors
        if cleaned.get("verify") == Connection.Verify.OWN and lacks_certificates:
            self.add_error("certificates", _("Paste the certificates, or choose otherwise above."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What is to be stored: the settings of this kind and this way in, all others as they are at first."""
        given = dict(self.cleaned_data)
        query = given.pop("query")
        if version := given.pop("api_version", ""):
            query = {"api-version": version, **query}
        access = given["access"]
        for name in set().union(*OF_ACCESS.values()) - OF_ACCESS[access]:
            given.pop(name, None)
        values = {**NOTHING, **given, "query": query, "endpoint": self.kind.name}
        if access == "none":
            return values | {"key": ""}
        if not given.get("key"):
            values.pop("key", None)
        return values

    def save(self) -> Connection | None:
        """Stores the connection; None, with an error beside its field, where no client can be made of it."""
        try:
            return connections.save(self.connection or Connection(), **self.values())
        except PermissionError:
            self.add_error(
                "base_url", _("This address is not allowed here: see PRIVATE_ADDRESSES in the documentation.")
            )
        except ApiError as error:
            self.add_error("base_url" if "base URL" in str(error) else None, str(error))
        return None


def kind_of(name: str, connection: Connection | None = None) -> Endpoint | None:
    """The kind of endpoint of that name; without a name that of the connection."""
    return ENDPOINTS.get(name or (connection.endpoint if connection else ""))
