"""What a person asked the server to do: stored to the letter before it is sent, and what came of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.models.assistants import Assistant
from assistants_app.models.connections import Connection
from assistants_app.models.due import Due, DueQuerySet
from assistants_app.models.runs import Run
from assistants_app.models.threads import Thread
from assistants_app.models.versions import AssistantVersion

APPROVE, DENY = "approve", "deny"
# In the metadata of what was made here: the uuid of the operation, by which it is found again.
OPERATION_KEY = "switchboard_operation"
MOST_PAIRS = 16  # of metadata that an object has, that key among them


class Operation(Due):
    """A POST that makes or moves something. Unique for its key unless refused, so nothing is asked for twice."""

    class Kind(models.TextChoices):
        CREATE_THREAD = "create_thread", _("Create thread")
        CREATE_MESSAGE = "create_message", _("Post message")
        CREATE_RUN = "create_run", _("Start run")
        CREATE_THREAD_AND_RUN = "create_thread_and_run", _("Create thread and run")
        SUBMIT = "submit_tool_outputs", _("Send answers")
        CANCEL_RUN = "cancel_run", _("Cancel run")
        CREATE_ASSISTANT = "create_assistant", _("Create assistant")
        MODIFY_ASSISTANT = "modify_assistant", _("Change assistant")
        DELETE_ASSISTANT = "delete_assistant", _("Delete assistant")
        CREATE_ASSISTANT_FILE = "create_assistant_file", _("Attach file")
        DELETE_ASSISTANT_FILE = "delete_assistant_file", _("Detach file")
        CREATE_FILE = "create_file", _("Upload file")
        CREATE_VECTOR_STORE = "create_vector_store", _("Create vector store")

    class State(models.TextChoices):
        SENDING = "sending", _("Sending")
        UNKNOWN = "unknown", _("No answer yet")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    OPEN = (State.SENDING, State.UNKNOWN)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    key = models.CharField(max_length=128)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="operations")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, null=True, blank=True, related_name="operations")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, blank=True, related_name="operations")
    assistant = models.ForeignKey(Assistant, on_delete=models.CASCADE, null=True, blank=True, related_name="operations")
    # The version of an assistant that a change began from: on top of another it is not sent.
    base = models.ForeignKey(AssistantVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Sent only once that one is accepted; refused with it.
    after = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followers")
    # The run whose answers are to be used again in the one that is started.
    replays = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, blank=True, related_name="replayed_by")
    body = models.TextField(default="{}")
    # Why, in the words of who asked for it.
    reason = models.TextField(default="", blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.SENDING)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="operations")
    # Rules answered; `by` is whoever switched them on.
    is_automatic = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)
    # When it was last put on the wire, and how often that was done.
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_times = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    result_remote_id = models.CharField(max_length=512, default="", blank=True)
    # The server's own words where it refused.
    error = models.TextField(default="", blank=True)
    # The field of the request that its words are about.
    error_param = models.TextField(default="", blank=True)
    error_status = models.PositiveSmallIntegerField(null=True, blank=True)
    request_id = models.TextField(default="", blank=True)

    objects = DueQuerySet["Operation"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(state="refused"), name="one_operation_a_key"),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="operation_due", condition=models.Q(due_at__isnull=False)),
            models.Index(fields=["thread", "-made_at"], name="operation_of_thread"),
            models.Index(fields=["run", "-made_at"], name="operation_of_run"),
            models.Index(fields=["assistant", "-made_at"], name="operation_of_assistant"),
        ]

    # Whether the server tells what comes of it, so that nothing needs to be read now.
    is_followed = False

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_open(self) -> bool:
        """Not settled yet: it may or may not have arrived."""
        return self.state in self.OPEN

    @property
    def who(self) -> str:
        """Whose it is, for people."""
        return gettext("automatic") if self.is_automatic else self.by.get_username()

    @property
    def payload(self) -> dict[str, Any]:
        """The body that goes out, parsed."""
        return dict(json.loads(self.body))

    @property
    def is_consent(self) -> bool:
        """It approves or denies calls, and carries no outputs."""
        return "tool_approvals" in self.payload

    @property
    def answers(self) -> dict[str, str]:
        """What it answers, by the calls' ids: outputs as they are sent, approvals as one of two words."""
        payload = self.payload
        decided = {each["tool_call_id"]: each["approve"] for each in payload.get("tool_approvals", [])}
        outputs = {each["tool_call_id"]: each["output"] for each in payload.get("tool_outputs", [])}
        return outputs | {call_id: APPROVE if approved else DENY for call_id, approved in decided.items()}
