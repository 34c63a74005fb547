"""/threads/{thread_id}/runs/{run_id}/steps"""

import json

from local_api.call import Call
from local_api.fields import dump
from local_api.objects import Document
from local_api.pages import page


def list_run_steps(call: Call) -> str:
    call.within_thread("run")
    return _answer(call, page(call, "step", parent=call.path["run_id"]))


def get_run_step(call: Call) -> str:
    call.within_thread("run")
    return _answer(call, call.found("step", call.path["step_id"], parent=call.path["run_id"]))


def _answer(call: Call, text: str) -> str:
    """Without the words that file searches found, unless they were asked for."""
    if call.includes() or '"file_search"' not in text:
        return text
    answer = json.loads(text)
    return dump({**answer, "data": [brief(each) for each in answer["data"]]} if "data" in answer else brief(answer))


def brief(step: Document) -> Document:
    """A step without the words that file searches found."""
    details = step["step_details"]
    calls = [_brief_call(call) for call in details.get("tool_calls", [])]
    return {**step, "step_details": {**details, "tool_calls": calls}} if calls else step


def _brief_call(call: Document) -> Document:
    if call["type"] != "file_search":
        return call
    search = call["file_search"]
    found = [{name: value for name, value in each.items() if name != "content"} for each in search["results"]]
    return {**call, "file_search": {**search, "results": found}}
