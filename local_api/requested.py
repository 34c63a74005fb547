"""What clients ask for: the request bodies of the specification, checked, as the values that objects keep.

Every function takes the `Fields` of one JSON object, and the dialect where that matters, and raises `ApiError` (400)
where the rules are broken. What comes back is in the shapes that we keep.
"""

from typing import Any

from local_api import errors, older
from local_api.dialects import Dialect
from local_api.fields import Fields
from local_api.objects import Document

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_FUNCTION_NAME = "[a-zA-Z0-9_-]{1,64}"


def assistant(body: Fields, spoken: Dialect, *, new: bool) -> dict[str, Any]:
    """The columns of createAssistant and modifyAssistant; only those that were sent."""
    body.only(*spoken.assistant_fields).choice("reasoning_effort", EFFORTS)
    read = {
        "model": body.text("model", required=new, maximum=256),
        "name": body.text("name", maximum=256),
        "description": body.text("description", maximum=512),
        "instructions": body.text("instructions", maximum=256_000),
        "tools": tools(body, spoken, maximum=128) or [],
        "tool_resources": tool_resources(body, new=new) or {},
        "metadata": metadata(body),
        **sampling(body, spoken),
    }
    if read["model"] is None:
        del read["model"]
    changes = {name: value for name, value in read.items() if name in body}
    if "file_ids" in body:
        changes["tool_resources"] = older.kept_resources(identifiers(body, "file_ids", maximum=20))
    return changes


def sampling(body: Fields, spoken: Dialect) -> dict[str, Any]:
    """Temperature, top_p and response_format, with the API's defaults."""
    temperature = body.decimal("temperature", low=0, high=2)
    top_p = body.decimal("top_p", low=0, high=1)
    return {
        "temperature": 1.0 if temperature is None else temperature,
        "top_p": 1.0 if top_p is None else top_p,
        "response_format": response_format(body, spoken),
    }


def metadata(body: Fields) -> dict[str, str]:
    """At most 16 pairs; keys up to 64 characters, values text of up to 512."""
    pairs = body.inner("metadata")
    if pairs is None:
        return {}
    if len(pairs.value) > 16:
        raise errors.too_long(pairs.path, "object", len(pairs.value), 16)
    for key in pairs.value:
        if len(key) > 64:
            raise errors.too_long(pairs.path, "string", len(key), 64)
        if pairs.value[key] is None:
            raise errors.wrong_type(pairs.name_of(key), "a string", None)
        pairs.text(key, maximum=512)
    return pairs.value


def tools(body: Fields, spoken: Dialect, *, maximum: int) -> list[Document] | None:
    """The tool declarations, as they were sent but for the types that we keep under another name."""
    if body.get("tools") is None:
        return None
    return [_tool(tool, spoken) for tool in body.each("tools", maximum=maximum)]


def _tool(tool: Fields, spoken: Dialect) -> Document:
    kind = tool.choice("type", spoken.tools, required=True)
    assert kind is not None
    if kind == "function":
        function = tool.only("type", "function").inner("function", required=True)
        assert function is not None
        _function(function)
    if kind == "file_search" and (search := tool.inner("file_search")):
        search.integer("max_num_results", low=1, high=50)
        if ranking := search.inner("ranking_options"):
            ranking.choice("ranker", ("auto", "default_2024_08_21"))
            ranking.decimal("score_threshold", low=0, high=1, required=True)
    return {**tool.value, "type": older.kept_type(kind)}


def _function(function: Fields) -> None:
    function.only("name", "description", "parameters", "strict")
    function.needed_text("name", pattern=_FUNCTION_NAME)
    function.text("description")
    function.inner("parameters")
    function.flag("strict")


def tool_resources(body: Fields, *, new: bool = False) -> Document | None:
    """Files and vector stores by id. With `new`, vector stores may be given by what shall be in them: these are left
    as they are, under `vector_stores`, for those who make them."""
    resources = body.inner("tool_resources")
    if resources is None:
        return None
    resources.only("code_interpreter", "file_search")
    if interpreter := resources.inner("code_interpreter"):
        identifiers(interpreter, "file_ids", maximum=20)
    if search := resources.inner("file_search"):
        identifiers(search, "vector_store_ids", maximum=1)
        if new and search.get("vector_stores") is not None:
            _new_vector_stores(search)
    return resources.value


def _new_vector_stores(search: Fields) -> None:
    if search.get("vector_store_ids"):
        raise errors.refused(
            "You must specify only one of 'vector_store_ids' or 'vector_stores'.", param=search.name_of("vector_stores")
        )
    for store in search.each("vector_stores", maximum=1):
        identifiers(store, "file_ids", maximum=10_000)
        chunking(store)
        metadata(store)


def identifiers(fields: Fields, name: str, *, maximum: int) -> list[str]:
    """Ids in an array field; [] where it is absent."""
    found = fields.items(name, maximum=maximum) or []
    for position, value in enumerate(found):
        if not isinstance(value, str):
            raise errors.wrong_type(f"{fields.name_of(name)}[{position}]", "a string", value)
    return found


def response_format(body: Fields, spoken: Dialect) -> Any:
    """`auto` or an object with a type; `none`, as the first dialect has it, means text."""
    value = body.get("response_format")
    if value is None or value == "auto":
        return "auto"
    if isinstance(value, str):
        body.choice("response_format", spoken.format_words)
        return {"type": "text"}
    wanted = Fields(value, body.name_of("response_format"))
    kind = wanted.choice("type", spoken.format_types, required=True)
    if kind == "json_schema":
        schema = wanted.inner("json_schema", required=True)
        assert schema is not None
        schema.only("name", "description", "schema", "strict").needed_text("name", pattern=_FUNCTION_NAME)
        schema.text("description")
        schema.inner("schema")
        schema.flag("strict")
    return value


def message(body: Fields, spoken: Dialect) -> dict[str, Any]:
    """createMessage: role, content as the API stores it, attachments and metadata."""
    body.only(*spoken.message_fields)
    return {
        "role": body.choice("role", ("user", "assistant"), required=True),
        "content": _content(body, spoken),
        "attachments": _attachments(body),
        "metadata": metadata(body),
    }


def _content(body: Fields, spoken: Dialect) -> list[dict[str, Any]]:
    value = body.get("content", required=True)
    if isinstance(value, str):
        return [_text_part(value, body.name_of("content"))]
    if not spoken.parts:
        raise errors.wrong_type(body.name_of("content"), "a string", value)
    if not isinstance(value, list):
        raise errors.wrong_type(body.name_of("content"), "one of a string or array of objects", value)
    if not value:
        raise errors.too_short(body.name_of("content"), "array", 0, 1)
    return [_part(part) for part in body.each("content")]


def _part(part: Fields) -> dict[str, Any]:
    kind = part.choice("type", ("text", "image_file", "image_url"), required=True)
    if kind == "text":
        return _text_part(part.only("type", "text").needed_text("text"), part.name_of("text"))
    assert kind is not None
    image = part.only("type", kind).inner(kind, required=True)
    assert image is not None
    where = "file_id" if kind == "image_file" else "url"
    address = image.only(where, "detail").needed_text(where)
    detail = image.choice("detail", ("auto", "low", "high")) or "auto"
    return {"type": kind, kind: {where: address, "detail": detail}}


def _text_part(text: str, name: str) -> dict[str, Any]:
    if not text:
        raise errors.refused("Message content must be non-empty.", param=name)
    if len(text) > 256_000:
        raise errors.too_long(name, "string", len(text), 256_000)
    return {"type": "text", "text": {"value": text, "annotations": []}}


def _attachments(body: Fields) -> list[Document]:
    if "file_ids" in body:
        return older.kept_attachments(identifiers(body, "file_ids", maximum=10))
    for attachment in body.each("attachments"):
        attachment.only("file_id", "tools").needed_text("file_id")
        for tool in attachment.each("tools", required=True):
            tool.choice("type", ("code_interpreter", "file_search"), required=True)
    return body.items("attachments") or []


def thread(body: Fields, spoken: Dialect) -> dict[str, Any]:
    """createThread: the thread's own columns, and under `messages` those to begin with."""
    body.only(*spoken.thread_fields)
    return {
        "messages": [message(each, spoken) for each in body.each("messages")],
        "tool_resources": tool_resources(body, new=True) or {},
        "metadata": metadata(body),
    }


def run(body: Fields, spoken: Dialect) -> dict[str, Any]:
    """What createRun and createThreadAndRun share, with the API's defaults; absent overrides are null."""
    parallel = body.flag("parallel_tool_calls")
    return {
        "model": body.text("model", maximum=256),
        "instructions": body.text("instructions", maximum=256_000),
        "tools": tools(body, spoken, maximum=20),
        "metadata": metadata(body),
        **_sampling_overrides(body, spoken),
        "max_prompt_tokens": body.integer("max_prompt_tokens", low=256),
        "max_completion_tokens": body.integer("max_completion_tokens", low=256),
        "truncation_strategy": _truncation(body),
        "tool_choice": _tool_choice(body, spoken),
        "parallel_tool_calls": True if parallel is None else parallel,
    }


def _sampling_overrides(body: Fields, spoken: Dialect) -> dict[str, Any]:
    read = sampling(body, spoken)
    return {name: value if body.get(name) is not None else None for name, value in read.items()}


def _truncation(body: Fields) -> dict[str, Any]:
    strategy = body.inner("truncation_strategy")
    if strategy is None:
        return {"type": "auto", "last_messages": None}
    kind = strategy.choice("type", ("auto", "last_messages"), required=True)
    last = strategy.integer("last_messages", low=1, required=kind == "last_messages")
    return {"type": kind, "last_messages": last}


def _tool_choice(body: Fields, spoken: Dialect) -> Any:
    value = body.get("tool_choice")
    if value is None:
        return "auto"
    if isinstance(value, str):
        return body.choice("tool_choice", spoken.tool_choices)
    named = Fields(value, body.name_of("tool_choice"))
    kind = named.choice("type", spoken.tools, required=True)
    assert kind is not None
    if kind == "function":
        function = named.inner("function", required=True)
        assert function is not None
        function.needed_text("name")
    return {**named.value, "type": older.kept_type(kind)}


def approvals(body: Fields) -> list[tuple[str, bool]] | None:
    """submitToolOuputsToRun as Azure AI Foundry has it: pairs of call id and decision, or None where there are none."""
    if "tool_approvals" not in body:
        return None
    body.only("tool_approvals", "stream").flag("stream")
    return [
        (each.only("tool_call_id", "approve", "headers").needed_text("tool_call_id"), each.needed_flag("approve"))
        for each in body.each("tool_approvals", required=True)
    ]


def tool_outputs(body: Fields) -> list[tuple[str, str]]:
    """submitToolOuputsToRun: pairs of call id and output, in the order sent."""
    body.only("tool_outputs", "stream").flag("stream")
    return [
        (each.needed_text("tool_call_id"), each.text("output") or "")
        for each in body.each("tool_outputs", required=True)
    ]


def vector_store(body: Fields) -> dict[str, Any]:
    """createVectorStore: its own columns, and under `file_ids` what shall be in it."""
    body.only("file_ids", "name", "description", "expires_after", "chunking_strategy", "metadata")
    if after := body.inner("expires_after"):
        after.only("anchor", "days").choice("anchor", ("last_active_at",), required=True)
        after.integer("days", low=1, high=365, required=True)
    body.text("description")
    return {
        "name": body.text("name", maximum=256),
        "expires_after": body.get("expires_after"),
        "chunking_strategy": chunking(body),
        "metadata": metadata(body),
        "file_ids": identifiers(body, "file_ids", maximum=500),
    }


def chunking(body: Fields) -> Document | None:
    """How files are cut up, as the API shows it; None for its own way. Nothing is cut up here."""
    strategy = body.inner("chunking_strategy")
    if strategy is None or strategy.choice("type", ("auto", "static"), required=True) == "auto":
        return None
    static = strategy.only("type", "static").inner("static", required=True)
    assert static is not None
    static.only("max_chunk_size_tokens", "chunk_overlap_tokens")
    largest = static.integer("max_chunk_size_tokens", low=100, high=4096, required=True)
    assert largest is not None
    static.integer("chunk_overlap_tokens", low=0, high=largest // 2, required=True)
    return strategy.value


def vector_store_file(body: Fields) -> dict[str, Any]:
    """createVectorStoreFile"""
    body.only("file_id", "chunking_strategy", "attributes")
    attributes = body.inner("attributes")
    if attributes is not None and len(attributes.value) > 16:
        raise errors.too_long(attributes.path, "object", len(attributes.value), 16)
    for key, value in attributes.value.items() if attributes else ():
        if len(key) > 64:
            raise errors.too_long("attributes", "string", len(key), 64)
        if not isinstance(value, str | int | float):
            raise errors.wrong_type(f"attributes.{key}", "one of a string, a number or a boolean", value)
        if isinstance(value, str) and len(value) > 512:
            raise errors.too_long(f"attributes.{key}", "string", len(value), 512)
    return {
        "file_id": body.needed_text("file_id"),
        "chunking_strategy": chunking(body),
        "attributes": attributes.value if attributes else {},
    }
