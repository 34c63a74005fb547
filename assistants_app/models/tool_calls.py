"""A tool call: a function with arguments that a run asks somebody to answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Left

from assistants_app.models.operations import APPROVE, DENY
from assistants_app.models.runs import APPROVALS, Run
from assistants_app.models.runs import OUTPUTS as OF_FUNCTIONS

INDEXED = 64  # characters of a name


class Shape(models.TextChoices):
    """What a run can ask of a person, by the type of its required action. Anything else is nothing we can answer."""

    OUTPUTS = OF_FUNCTIONS, "Answer"
    APPROVAL = APPROVALS, "Approve or deny"


class ToolCall(models.Model):
    """`waiting` while its run needs the output. `arguments` is the server's text to the letter, JSON or not."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="calls")
    remote_id = models.CharField(max_length=512)
    position = models.PositiveIntegerField(default=0)
    type = models.CharField(max_length=64, default="function", blank=True)
    # The type of the required action that asked for it; '' for one that was only seen in the steps.
    required_type = models.CharField(max_length=64, default="", blank=True)
    # The label of the server that the tool is at, where it is at one of its own (type mcp).
    server = models.TextField(default="", blank=True)
    name = models.TextField(default="", blank=True)
    arguments = models.TextField(default="", blank=True)
    output = models.TextField(null=True, blank=True)
    # Where it asked for consent only: what somebody said.
    approved = models.BooleanField(null=True, blank=True)
    waiting = models.BooleanField(default=False)
    operation = models.ForeignKey(
        "assistants.Operation", on_delete=models.SET_NULL, null=True, blank=True, related_name="calls"
    )
    # When it was first seen waiting, when somebody first opened its run then, and who.
    asked_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # When a draft of its answer was first saved, and last before the answer went out.
    drafted_at = models.DateTimeField(null=True, blank=True)
    draft_saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "remote_id"], name="one_call_an_id")]
        indexes = [
            models.Index(fields=["remote_id"], name="call_by_id"),
            # The answers given here, by the function's name as far as an index takes it.
            models.Index(
                Left("name", INDEXED),
                models.F("id").desc(),
                name="call_answered",
                condition=models.Q(operation__isnull=False),
            ),
        ]
        ordering = ["run", "position", "id"]

    def __str__(self) -> str:
        return self.remote_id

    @property
    def shape(self) -> Shape | None:
        """How it is answered; None where it cannot be answered here. A server that does not say wants an output."""
        asked = self.required_type or Shape.OUTPUTS
        return Shape(asked) if asked in Shape.values else None

    @property
    def field(self) -> str:
        """The name of its field in the form that answers it."""
        return f"output-{self.pk}"

    @property
    def format_field(self) -> str:
        """The name of the field that says how its answer is written."""
        return f"format-{self.pk}"

    @property
    def answer(self) -> str | None:
        """What was answered: its output, or of consent one of two words."""
        return self.output if self.approved is None else APPROVE if self.approved else DENY
