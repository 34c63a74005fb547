from typing import Any

from tests.local_api.conftest import Http, calls_of, path_of, recorded_conversations


def play(http: Http, script: Any) -> Any:
    """Play a whole script by its record; what was said in the thread afterwards."""
    assistant = http.post("/assistants", script["assistant"])
    thread = http.post("/threads", {"metadata": {"script": script["id"]}})
    path = f"/threads/{thread['id']}"
    for turn in script["turns"]:
        http.post(path + "/messages", {"role": "user", "content": turn["user"]})
        run = http.post(path + "/runs", {"assistant_id": assistant["id"]})
        for recorded in turn["rounds"]:
            run = http.get(path_of(run))
            asked = [(call["function"]["name"], call["function"]["arguments"]) for call in calls_of(run)]
            assert asked == [(call["name"], call["arguments"]) for call in recorded]
            outputs = [
                {"tool_call_id": call["id"], "output": known["output"]}
                for call, known in zip(calls_of(run), recorded, strict=True)
            ]
            run = http.post(path_of(run) + "/submit_tool_outputs", {"tool_outputs": outputs})
        assert http.get(path_of(run))["status"] == "completed"
    messages = http.get(path + "/messages", order="asc", limit=100)["data"]
    return [(message["role"], message["content"][0]["text"]["value"]) for message in messages]


def test_the_record_is_played_byte_for_byte(http: Http) -> None:
    scripts = recorded_conversations()
    http.post("/control/scripts", scripts)
    longest = max(scripts, key=lambda script: sum(len(turn["rounds"]) for turn in script["turns"]))
    for script in (scripts[0], longest):
        said = [(role, turn[role]) for turn in script["turns"] for role in ("user", "reply")]
        expected = [("assistant" if role == "reply" else role, text) for role, text in said if text is not None]
        assert play(http, script) == expected
