"""An assistant as what comes after the Assistants API: a request of the Responses API, code for the OpenAI Agents SDK,
an agent of Azure AI Foundry; each with what of it has no place there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assistants_app.services.configurations import Configuration
from assistants_app.services.successors import agents_sdk, foundry, responses
from assistants_app.services.successors.written import Written


@dataclass(frozen=True)
class Successor:
    """One of them: what it is called, how its files end, and what writes it of a configuration and a name."""

    title: str | Promise
    suffix: str
    write: Callable[[Configuration, str], Written]
    note: str | Promise  # what to do with it


SUCCESSORS: Mapping[str, Successor] = {
    "responses": Successor(
        _("Responses API"),
        "responses.json",
        responses.write,
        _("The body of POST /responses. Put what the user says into “input”."),
    ),
    "agents-sdk": Successor(
        _("OpenAI Agents SDK"),
        "py",
        agents_sdk.write,
        _("Python for the package openai-agents. Write what each function does where it raises NotImplementedError."),
    ),
    "foundry": Successor(
        _("Foundry agent"),
        "foundry.json",
        foundry.write,
        _("The body of POST /agents/{name}/versions of a project of Azure AI Foundry: agents.create_version."),
    ),
}

__all__ = ["SUCCESSORS", "Successor", "Written"]
