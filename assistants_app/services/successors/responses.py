"""An assistant as the body of a request of the Responses API (POST /responses), after the package openai 3.52."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import comparisons, exchange
from assistants_app.services.configurations import Configuration
from assistants_app.services.remarks import remark
from assistants_app.services.successors.mapped import Mapper, always
from assistants_app.services.successors.written import Written

INPUT = "PUT HERE WHAT THE USER SAYS"
ORDER = ("model", "input", "instructions", "tools", "text", "reasoning", "temperature", "top_p", "metadata")


def body(configuration: Configuration) -> tuple[dict[str, Any], Mapper]:
    """The body as a JSON value, with what mapped it."""
    found = Mapper(configuration)
    fields = {**found.fields, "input": INPUT}
    return {name: fields[name] for name in ORDER if name in fields}, found


def write(configuration: Configuration, name: str) -> Written:
    """The body as JSON on lines."""
    made, found = body(configuration)
    own = [
        remark("left", comparisons.FIELDS[field], _("A request has none."), configuration[field])
        for field in ("name", "description")
        if field in configuration
    ]
    if "metadata" in made:
        own.append(
            remark("check", comparisons.FIELDS["metadata"], _("It is kept with each response, not once for all."))
        )
    return Written(exchange.as_json(made), (*own, *found.remarks, *always(_("the Responses API"))))
