"""What we remember, by noun."""

from assistants_app.models.answer_templates import AnswerTemplate
from assistants_app.models.assistant_files import AssistantFile
from assistants_app.models.assistants import Assistant
from assistants_app.models.bulk_changes import BulkChange
from assistants_app.models.claims import Claim
from assistants_app.models.connections import Connection, ConnectionCheck
from assistants_app.models.drafts import Draft
from assistants_app.models.files import File, Upload
from assistants_app.models.form_drafts import FormDraft
from assistants_app.models.history import HistoryEntry
from assistants_app.models.listings import Listing
from assistants_app.models.messages import Message
from assistants_app.models.notifications import Notification, Recipient
from assistants_app.models.operations import Operation
from assistants_app.models.output_schemas import OutputSchema
from assistants_app.models.people import Preferences
from assistants_app.models.rules import Rule, Ruling, Verdict
from assistants_app.models.runs import Run, RunStep
from assistants_app.models.saved_views import SavedView
from assistants_app.models.threads import Thread
from assistants_app.models.tool_calls import ToolCall
from assistants_app.models.vector_stores import VectorStore, VectorStoreFile
from assistants_app.models.versions import AssistantVersion

__all__ = [
    "AnswerTemplate",
    "Assistant",
    "AssistantFile",
    "AssistantVersion",
    "BulkChange",
    "Claim",
    "Connection",
    "ConnectionCheck",
    "Draft",
    "File",
    "FormDraft",
    "HistoryEntry",
    "Listing",
    "Message",
    "Notification",
    "Operation",
    "OutputSchema",
    "Preferences",
    "Recipient",
    "Rule",
    "Ruling",
    "Run",
    "RunStep",
    "SavedView",
    "Thread",
    "ToolCall",
    "Upload",
    "VectorStore",
    "VectorStoreFile",
    "Verdict",
]
