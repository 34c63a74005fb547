"""Every operation of the API by its name in the specifications: where it is, who has it, which method sends it."""

from collections.abc import Mapping
from dataclasses import dataclass

BOTH = ("v1", "v2")
V1 = ("v1",)
V2 = ("v2",)


@dataclass(frozen=True, slots=True)
class Operation:
    """`call` is the method of `Client`, `dialects` the names of those whose specification has it."""

    name: str
    method: str
    path: str
    call: str
    dialects: tuple[str, ...] = BOTH


_THREAD = "/threads/{thread_id}"
_MESSAGE = _THREAD + "/messages/{message_id}"
_RUN = _THREAD + "/runs/{run_id}"
_ASSISTANT = "/assistants/{assistant_id}"
_STORE = "/vector_stores/{vector_store_id}"

ASSISTANTS_API: tuple[Operation, ...] = (
    Operation("listAssistants", "GET", "/assistants", "assistants.list"),
    Operation("createAssistant", "POST", "/assistants", "assistants.create"),
    Operation("getAssistant", "GET", _ASSISTANT, "assistants.get"),
    Operation("modifyAssistant", "POST", _ASSISTANT, "assistants.modify"),
    Operation("deleteAssistant", "DELETE", _ASSISTANT, "assistants.delete"),
    Operation("listAssistantFiles", "GET", _ASSISTANT + "/files", "assistants.files.list", V1),
    Operation("createAssistantFile", "POST", _ASSISTANT + "/files", "assistants.files.create", V1),
    Operation("getAssistantFile", "GET", _ASSISTANT + "/files/{file_id}", "assistants.files.get", V1),
    Operation("deleteAssistantFile", "DELETE", _ASSISTANT + "/files/{file_id}", "assistants.files.delete", V1),
    Operation("createThread", "POST", "/threads", "threads.create"),
    Operation("getThread", "GET", _THREAD, "threads.get"),
    Operation("modifyThread", "POST", _THREAD, "threads.modify"),
    Operation("deleteThread", "DELETE", _THREAD, "threads.delete"),
    Operation("createThreadAndRun", "POST", "/threads/runs", "threads.create_and_run"),
    Operation("listMessages", "GET", _THREAD + "/messages", "threads.messages.list"),
    Operation("createMessage", "POST", _THREAD + "/messages", "threads.messages.create"),
    Operation("getMessage", "GET", _MESSAGE, "threads.messages.get"),
    Operation("modifyMessage", "POST", _MESSAGE, "threads.messages.modify"),
    Operation("deleteMessage", "DELETE", _MESSAGE, "threads.messages.delete", V2),
    Operation("listMessageFiles", "GET", _MESSAGE + "/files", "threads.messages.files.list", V1),
    Operation("getMessageFile", "GET", _MESSAGE + "/files/{file_id}", "threads.messages.files.get", V1),
    Operation("listRuns", "GET", _THREAD + "/runs", "threads.runs.list"),
    Operation("createRun", "POST", _THREAD + "/runs", "threads.runs.create"),
    Operation("getRun", "GET", _RUN, "threads.runs.get"),
    Operation("modifyRun", "POST", _RUN, "threads.runs.modify"),
    Operation("cancelRun", "POST", _RUN + "/cancel", "threads.runs.cancel"),
    Operation("submitToolOuputsToRun", "POST", _RUN + "/submit_tool_outputs", "threads.runs.submit_tool_outputs"),
    Operation("listRunSteps", "GET", _RUN + "/steps", "threads.runs.steps.list"),
    Operation("getRunStep", "GET", _RUN + "/steps/{step_id}", "threads.runs.steps.get"),
)

# What assistants and threads refer to. Servers serve these under either dialect's header.
BESIDE: tuple[Operation, ...] = (
    Operation("listFiles", "GET", "/files", "files.list"),
    Operation("createFile", "POST", "/files", "files.create"),
    Operation("retrieveFile", "GET", "/files/{file_id}", "files.get"),
    Operation("deleteFile", "DELETE", "/files/{file_id}", "files.delete"),
    Operation("downloadFile", "GET", "/files/{file_id}/content", "files.content"),
    Operation("listModels", "GET", "/models", "models.list"),
    Operation("listVectorStores", "GET", "/vector_stores", "vector_stores.list", V2),
    Operation("createVectorStore", "POST", "/vector_stores", "vector_stores.create", V2),
    Operation("getVectorStore", "GET", _STORE, "vector_stores.get", V2),
    Operation("deleteVectorStore", "DELETE", _STORE, "vector_stores.delete", V2),
    Operation("listVectorStoreFiles", "GET", _STORE + "/files", "vector_stores.files.list", V2),
    Operation("createVectorStoreFile", "POST", _STORE + "/files", "vector_stores.files.create", V2),
    Operation("getVectorStoreFile", "GET", _STORE + "/files/{file_id}", "vector_stores.files.get", V2),
    Operation("deleteVectorStoreFile", "DELETE", _STORE + "/files/{file_id}", "vector_stores.files.delete", V2),
)

OPERATIONS: Mapping[str, Operation] = {each.name: each for each in (*ASSISTANTS_API, *BESIDE)}


def of_dialect(name: str) -> frozenset[str]:
    """The names of the operations that a dialect's specification has."""
    return frozenset(each.name for each in OPERATIONS.values() if name in each.dialects)
