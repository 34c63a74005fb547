"""How servers are addressed and who they let in: one row a kind. Adding a kind is adding a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# What one shows at the door: a key of the server's own, an access token of Entra, or nothing. `client` is a token too,
# fetched anew in the name of an application whenever the last one ends.
Access = Literal["key", "token", "client", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The header that carries the key, what stands before the key in it, and the query every request
    repeats."""

    name: str
    example: str  # a base URL of this kind
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    query: Mapping[str, str] = field(default_factory=dict)
    accesses: tuple[Access, ...] = ("key",)
    scope: str = ""  # what an Entra token must be good for
    path: str = ""  # a pattern of how the base URL ends; empty: anyhow
    fields: frozenset[str] = frozenset()  # settings that only some kinds have
    model_is: str = "model"  # what the field `model` names there


ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        # Organisation and project go into `headers` of connect: OpenAI-Organization, OpenAI-Project.
        Endpoint(
            name="openai",
            example="https://api.openai.com/v1",
            accesses=("key", "none"),
            fields=frozenset({"organization", "project"}),
        ),
        Endpoint(
            name="azure_openai",
            example="https://RESOURCE.openai.azure.com/openai",
            key_header="api-key",
            key_prefix="",
            query={"api-version": "2024-05-01-preview"},
            accesses=("key", "token", "client"),
            scope="https://cognitiveservices.azure.com/.default",
            path=r"/openai(/v1)?",
            model_is="deployment",
        ),
        # The key is an Entra token for https://ai.azure.com/.default.
        Endpoint(
            name="azure_foundry",
            example="https://RESOURCE.services.ai.azure.com/api/projects/PROJECT",
            query={"api-version": "v1"},
            accesses=("token", "client"),
            scope="https://ai.azure.com/.default",
            path=r"/api/projects/[^/]+",
        ),
        # For what is none of these: everything can be said.
        Endpoint(
            name="custom",
            example="https://agents.example.org/api/v1",
            accesses=("key", "none"),
            fields=frozenset({"organization", "project", "key_header", "key_prefix"}),
        ),
    )
}
