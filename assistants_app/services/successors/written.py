"""What comes of writing an assistant for something else."""

from __future__ import annotations

from dataclasses import dataclass

from assistants_app.services.remarks import Remark


@dataclass(frozen=True)
class Written:
    """The text, and what is to be said of what is not in it."""

    text: str
    remarks: tuple[Remark, ...]
