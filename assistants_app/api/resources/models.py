"""/models"""

from dataclasses import dataclass

from assistants_app.api.dialects.files import read_model
from assistants_app.api.objects import Model
from assistants_app.api.pages import Page, read_page
from assistants_app.api.resources.paths import path
from assistants_app.api.transport import Transport


@dataclass(frozen=True, slots=True)
class Models:
    """Each method is one operation and raises ApiError."""

    transport: Transport

    def list(self) -> Page[Model]:
        """listModels: all at once, in no order."""
        page = read_page(self.transport.request("GET", path("models")), read_model, limit=0)
        return Page(data=page.data, first_id=None, last_id=None, has_more=False)
