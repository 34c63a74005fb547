"""An assistant as a prompt agent of Azure AI Foundry: the body that makes a version of one.

After PromptAgentDefinition and agents.create_version of the package azure-ai-projects 2.10.0 (30 October 2026): a
definition of the kind `prompt` with model, instructions, tools, temperature, top_p, reasoning and text, its tools those
of the Responses API; beside it a description and metadata. The name stands in the address: letters, digits and hyphens,
at most 63.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from assistants_app.services import comparisons, exchange
from assistants_app.services.configurations import Configuration
from assistants_app.services.remarks import remark
from assistants_app.services.successors.mapped import Mapper, always
from assistants_app.services.successors.written import Written

ORDER = ("model", "instructions", "tools", "text", "reasoning", "temperature", "top_p")
LONGEST_NAME = 63


def body(configuration: Configuration) -> tuple[dict[str, Any], Mapper]:
    """The body as a JSON value, with what mapped it."""
    found = Mapper(configuration)
    definition = {"kind": "prompt", **{name: found.fields[name] for name in ORDER if name in found.fields}}
    made: dict[str, Any] = {"definition": definition}
    if isinstance(configuration.get("description"), str):
        made["description"] = configuration["description"]
    if "metadata" in found.fields:
        made["metadata"] = found.fields["metadata"]
    return made, found


def agent_name(name: str) -> str:
    """A name as it can stand in the address of an agent."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:LONGEST_NAME].strip("-")
    return plain or "agent"


def write(configuration: Configuration, name: str) -> Written:
    """The body as JSON on lines."""
    made, found = body(configuration)
    words = _("It stands in the address, as %(name)s.") % {"name": agent_name(name)}
    own = [remark("changed", comparisons.FIELDS["name"], words, name)]
    return Written(exchange.as_json(made), (*own, *found.remarks, *always(_("Foundry"))))
