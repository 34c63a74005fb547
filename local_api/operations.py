"""Every operation that we carry out: where it is, which dialects have it, and what does it."""

from collections.abc import Callable
from dataclasses import dataclass

from local_api import (
    assistant_files,
    assistants,
    files,
    message_files,
    messages,
    models,
    runs,
    steps,
    threads,
    vector_stores,
)
from local_api.answers import Blob, Stream
from local_api.call import Call
from local_api.objects import Document

Answer = Document | str | Blob | Stream
_BOTH = ("v1", "v2")
_OLDER = ("v1",)
_NEWER = ("v2",)


@dataclass(frozen=True)
class Operation:
    """`needs_dialect` if the request must say which it speaks."""

    method: str
    path: str
    carry_out: Callable[[Call], Answer]
    dialects: tuple[str, ...] = _BOTH
    needs_dialect: bool = True

    @property
    def name(self) -> str:
        return self.carry_out.__name__


_ASSISTANT = "/assistants/{assistant_id}"
_THREAD = "/threads/{thread_id}"
_MESSAGE = _THREAD + "/messages/{message_id}"
_RUN = _THREAD + "/runs/{run_id}"
_STORE = "/vector_stores/{vector_store_id}"

OPERATIONS = (
    Operation("GET", "/assistants", assistants.list_assistants),
    Operation("POST", "/assistants", assistants.create_assistant),
    Operation("GET", _ASSISTANT, assistants.get_assistant),
    Operation("POST", _ASSISTANT, assistants.modify_assistant),
    Operation("DELETE", _ASSISTANT, assistants.delete_assistant),
    Operation("GET", _ASSISTANT + "/files", assistant_files.list_assistant_files, _OLDER),
    Operation("POST", _ASSISTANT + "/files", assistant_files.create_assistant_file, _OLDER),
    Operation("GET", _ASSISTANT + "/files/{file_id}", assistant_files.get_assistant_file, _OLDER),
    Operation("DELETE", _ASSISTANT + "/files/{file_id}", assistant_files.delete_assistant_file, _OLDER),
    Operation("GET", "/threads", threads.list_threads),
    Operation("POST", "/threads", threads.create_thread),
    Operation("POST", "/threads/runs", runs.create_thread_and_run),
    Operation("GET", _THREAD, threads.get_thread),
    Operation("POST", _THREAD, threads.modify_thread),
    Operation("DELETE", _THREAD, threads.delete_thread),
    Operation("GET", _THREAD + "/messages", messages.list_messages),
    Operation("POST", _THREAD + "/messages", messages.create_message),
    Operation("GET", _MESSAGE, messages.get_message),
    Operation("POST", _MESSAGE, messages.modify_message),
    Operation("DELETE", _MESSAGE, messages.delete_message, _NEWER),
    Operation("GET", _MESSAGE + "/files", message_files.list_message_files, _OLDER),
    Operation("GET", _MESSAGE + "/files/{file_id}", message_files.get_message_file, _OLDER),
    Operation("GET", _THREAD + "/runs", runs.list_runs),
    Operation("POST", _THREAD + "/runs", runs.create_run),
    Operation("GET", _RUN, runs.get_run),
    Operation("POST", _RUN, runs.modify_run),
    Operation("POST", _RUN + "/cancel", runs.cancel_run),
    Operation("POST", _RUN + "/submit_tool_outputs", runs.submit_tool_outputs),
    Operation("GET", _RUN + "/steps", steps.list_run_steps),
    Operation("GET", _RUN + "/steps/{step_id}", steps.get_run_step),
    Operation("GET", "/files", files.list_files, needs_dialect=False),
    Operation("POST", "/files", files.create_file, needs_dialect=False),
    Operation("GET", "/files/{file_id}", files.get_file, needs_dialect=False),
    Operation("DELETE", "/files/{file_id}", files.delete_file, needs_dialect=False),
    Operation("GET", "/files/{file_id}/content", files.get_content, needs_dialect=False),
    Operation("GET", "/models", models.list_models, needs_dialect=False),
    Operation("GET", "/models/{model}", models.get_model, needs_dialect=False),
    Operation("GET", "/vector_stores", vector_stores.list_vector_stores, _NEWER),
    Operation("POST", "/vector_stores", vector_stores.create_vector_store, _NEWER),
    Operation("GET", _STORE, vector_stores.get_vector_store, _NEWER),
    Operation("DELETE", _STORE, vector_stores.delete_vector_store, _NEWER),
    Operation("GET", _STORE + "/files", vector_stores.list_vector_store_files, _NEWER),
    Operation("POST", _STORE + "/files", vector_stores.create_vector_store_file, _NEWER),
    Operation("GET", _STORE + "/files/{file_id}", vector_stores.get_vector_store_file, _NEWER),
    Operation("DELETE", _STORE + "/files/{file_id}", vector_stores.delete_vector_store_file, _NEWER),
)
