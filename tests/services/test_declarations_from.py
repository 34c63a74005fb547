"""Declarations drafted from Python, OpenAPI and sample calls; also from what somebody hostile pastes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from assistants_app.services import declarations_from, schemas
from assistants_app.services.declarations_from import CALL, OPENAPI, PYTHON, Drafted, Unusable, find, kind_of

GOOGLE = '''
def book_table(guests: int, when: "datetime", name: str | None = None, *, tags: list[str] = [],
               area: Literal["inside", "outside"] = "inside", note: Annotated[str, "For the kitchen"] = "") -> dict:
    """Book a table.

    At most 12 guests.

    Args:
        guests: How many
            come.
        when (datetime): The evening.
        unknown: Not there.
    """
    return kitchen.book(guests)
'''
NUMPY = '''
async def get_weather(city, days=3, units=None, **more):
    """Say the weather.

    Parameters
    ----------
    city : str
        Where.
    units : {"metric", "imperial"}, optional
        Of what.
    """
'''
REST = '''
class Desk:
    def __init__(self): ...
    @staticmethod
    def ring(times: Union[int, str], to: Dict[str, float], odd: Thing, when=now()):
        """Ring.

        :param times: How often.
        :type times: int
        """
    def open(self, door: Optional[str]) -> None: "Opens."
'''
ORDER = """
openapi: 3.0.3
info: {title: Shop, version: 2026-01-01}
paths:
  /orders/{order}:
    parameters:
      - {name: order, in: path, required: true, schema: {type: string, format: uuid}, description: Which}
    get: {operationId: orders.get, summary: One order}
    post:
      summary: Change an order
      description: Sends mail.
      parameters:
        - $ref: '#/components/parameters/Notify'
        - {name: session, in: cookie, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/xml: {schema: {type: string}}
          application/json:
            schema: {$ref: '#/components/schemas/Order'}
components:
  parameters:
    Notify: {name: notify, in: query, schema: {type: boolean, default: false}}
  schemas:
    Order:
      type: object
      required: [lines, id]
      properties:
        id: {type: string, readOnly: true}
        due: {type: string, nullable: true, example: 2026-11-21}
        lines: {type: array, items: {$ref: '#/components/schemas/Line'}}
    Line:
      type: object
      properties:
        count: {type: integer, minimum: 0, exclusiveMinimum: true}
        parent: {$ref: '#/components/schemas/Line'}
"""


def made(text: str, kind: str = "", place: int = 0) -> Drafted:
    drafted = find(text, kind)[place].draft()
    schemas.usable(drafted.declaration["parameters"])
    return drafted


def test_a_function_with_googles_docstring() -> None:
    drafted = made(GOOGLE)
    assert drafted.declaration == {
        "name": "book_table",
        "description": "Book a table.\n\nAt most 12 guests.",
        "parameters": {
            "type": "object",
            "properties": {
                "guests": {"type": "integer", "description": "How many come."},
                "when": {"type": "string", "format": "date-time", "description": "The evening."},
                "name": {"type": ["string", "null"]},
                "tags": {"type": "array", "items": {"type": "string"}, "default": []},
                "area": {"type": "string", "enum": ["inside", "outside"], "default": "inside"},
                "note": {"type": "string", "description": "For the kitchen", "default": ""},
            },
            "required": ["guests", "when"],
        },
    }
    assert drafted.left_out == ["The docstring describes “unknown”, which is no argument."]


def test_a_function_whose_types_are_in_numpys_docstring() -> None:
    drafted = made(NUMPY)
    assert drafted.declaration["parameters"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where."},
            "days": {"type": "integer", "default": 3},
            "units": {"type": "string", "enum": ["metric", "imperial"], "description": "Of what."},
        },
        "required": ["city"],
    }
    assert drafted.left_out == ["**more cannot be declared: name the arguments."]


def test_methods_of_a_class_are_found_and_what_is_not_known_is_said() -> None:
    assert [each.words for each in find(REST)] == ["Desk.ring", "Desk.open"]
    drafted = made(REST)
    assert drafted.declaration["name"] == "ring"
    assert drafted.declaration["parameters"]["properties"] == {
        "times": {"anyOf": [{"type": "integer"}, {"type": "string"}], "description": "How often."},
        "to": {"type": "object", "additionalProperties": {"type": "number"}},
        "odd": {},
        "when": {},
    }
    assert [words.partition(":")[0] for words in drafted.left_out] == ["Line 5", "Line 5", "Line 5"]
    second = made(REST, place=1).declaration
    assert second["parameters"]["properties"] == {"door": {"type": ["string", "null"]}}
    assert second["description"] == "Opens."


@pytest.mark.parametrize("text", ["def f(a: int)", "def f(a: int) -> str:", "    def f(self, a: int):\n        ...\n"])
def test_a_signature_alone_is_enough(text: str) -> None:
    assert made(text, PYTHON).declaration["parameters"]["properties"] == {"a": {"type": "integer"}}


def test_an_operation_and_what_it_refers_to_become_one_object() -> None:
    found = find(ORDER)
    assert [each.words for each in found] == [
        "GET /orders/{order} - One order",
        "POST /orders/{order} - Change an order",
    ]
    first, second = (each.draft() for each in found)
    assert first.declaration["name"] == "orders_get"
    assert "orders_get" in first.left_out[0]
    assert second.declaration["name"] == "post_orders_order"
    assert second.declaration["description"] == "Change an order\n\nSends mail."
    line = {"type": "object", "properties": {"count": {"type": "integer", "exclusiveMinimum": 0}, "parent": {}}}
    assert second.declaration["parameters"] == {
        "type": "object",
        "properties": {
            "order": {"type": "string", "format": "uuid", "description": "Which"},
            "notify": {"type": "boolean", "default": False},
            "due": {"type": ["string", "null"], "examples": ["2026-11-21"]},
            "lines": {"type": "array", "items": line},
        },
        "required": ["order", "lines"],
    }
    said = " ".join(second.left_out)
    assert all(
        words in said for words in ("“session”", "application/xml", "“id”", "“Line” has itself", "was written as")
    )


def test_an_operation_alone_in_json() -> None:
    body = {"content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/nowhere"}}}}}
    drafted = made(json.dumps({"operationId": "putThem", "requestBody": body}))
    assert drafted.declaration["name"] == "putThem"
    assert drafted.declaration["parameters"]["properties"] == {"body": {"type": "array", "items": {}}}
    assert "“#/nowhere” is not in what was pasted" in " ".join(drafted.left_out)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "ring", "arguments": {"times": 2, "to": ["a"], "loud": null}}',
        '{"name": "ring", "arguments": "{\\"times\\": 2, \\"to\\": [\\"a\\"], \\"loud\\": null}"}',
        '{"id": "call_1", "type": "function", "function": {"name": "ring", '
        '"arguments": "{\\"times\\": 2, \\"to\\": [\\"a\\"], \\"loud\\": null}"}}',
    ],
)
def test_types_are_guessed_from_a_sample_call(text: str) -> None:
    drafted = made(text)
    assert drafted.declaration == {
        "name": "ring",
        "parameters": {
            "type": "object",
            "properties": {
                "times": {"type": "integer"},
                "to": {"type": "array", "items": {"type": "string"}},
                "loud": {"type": "null"},
            },
            "required": ["loud", "times", "to"],
        },
    }
    assert "guessed from 1 call" in drafted.left_out[0]


def test_several_samples_say_what_may_be_left_out() -> None:
    calls: list[Any] = [{"name": "f", "arguments": {"a": 1}}, {"name": "f", "arguments": {"a": 1.5, "b": "x"}}]
    (found,) = find(json.dumps(calls))
    parameters = found.draft().declaration["parameters"]
    assert parameters["properties"] == {"a": {"type": "number"}, "b": {"type": "string"}}
    assert parameters["required"] == ["a"]


def test_arguments_alone_and_a_declaration_as_it_is() -> None:
    alone = made('{"city": "Oslo"}')
    assert alone.declaration["name"] == "my_function"
    assert "write the function's name" in alone.left_out[0]
    given = {"name": "f", "strict": True, "parameters": {"type": "object", "properties": {}}}
    assert made(json.dumps({"type": "function", "function": given})).declaration == given


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOGLE, PYTHON),
        (NUMPY, PYTHON),
        (ORDER, OPENAPI),
        ('{"openapi": "3.1.0", "paths": {}}', OPENAPI),
        ("[{}]", CALL),
    ],
)
def test_what_it_is_is_found_out(text: str, kind: str) -> None:
    assert kind_of(text) == kind


DEEP = 30_000
BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
CYCLE = {"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}, "/b": {"get": {"parameters": [{"$ref": "#/x"}]}}}}
WIDE = {f"s{n}": {"allOf": [{"$ref": f"#/components/schemas/s{n + 1}"}] * 10} for n in range(20)}
HUGE = {
    "openapi": "3.1.0",
    "paths": {
        "/a": {
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/s0"}}}}}
        }
    },
    "components": {"schemas": WIDE},
}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "", "Paste something first."),
        ("hello", "", "choose it"),
        ("x" * 200_001, "", "longer than 200,000"),
        ("\n\ndef f(a: int:\n  pass", "", "Line 3: This is not Python"),
        ("x = 1", PYTHON, "no “def”"),
        ("def f(a=" + "(" * DEEP, "", "not Python"),
        ("def f(a=" + "-" * DEEP + "1): ...", "", "deep"),
        ("def f(a=" + "9" * 5000 + "): ...", "", "not Python"),
        ("def f(a: '\0'): ...", "", "not Python"),
        ("def f(): ...\n" * 101, "", "more than 100"),
        ("openapi: 3\npaths: {a: ]", "", "Line 2: This is not YAML"),
        ("openapi: 3\n" + BOMB, "", "aliases (*a) are not taken"),
        ("paths: &a\n  b: *a", "", "Line 2: This is not YAML: aliases"),
        ("paths: " + "[" * DEEP, "", "Line 1: This is not YAML: it is nested too deep"),
        ("paths: !!python/object/apply:os.system ['touch /tmp/pasted']", "", "not YAML"),
        ("swagger: '2.0'", "", "Swagger 2"),
        (json.dumps(CYCLE | {"paths": {"/a": CYCLE["paths"]["/a"]}}), "", "no operations"),  # type: ignore[index]
        (json.dumps(HUGE), "", "too large"),
        ("[" * DEEP + "]" * DEEP, "", "deep"),
        ('{"a": 1,\n  "b": }', "", "Line 2: This is not JSON"),
        ('{"name": "f", "arguments": "{"}', "", "The arguments of “f”: Line 1"),
        ('{"name": "f", "arguments": 3}', "", "no JSON object"),
        ("[1]", "", "A call is a JSON object"),
        (
            json.dumps({"name": "f", "parameters": {"type": "object", "properties": 3}}),
            "",
            "“f”: This is no JSON Schema",
        ),
        (json.dumps({str(n): n for n in range(5_001)}), "", "too large"),
    ],
)
def test_what_cannot_be_taken_over_is_told_with_its_line(text: str, kind: str, words: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unusable) as caught:
        find(text, kind)[0].draft()
    assert words in str(caught.value)
    assert time.monotonic() - began < 20


def test_nothing_that_is_pasted_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    write = f"__import__('pathlib').Path({str(mark)!r}).touch()"
    made(f"{write}\n@({write})\ndef f(a: {write} = {write}, b: 'x' = 1): {write}")
    assert not mark.exists()


def test_a_cycle_of_parameters_is_left_out() -> None:
    (found,) = find(json.dumps(CYCLE))
    assert found.draft().left_out[0] == "A parameter without a name was left out."


@pytest.mark.parametrize("kind", [PYTHON, OPENAPI, CALL])
@pytest.mark.parametrize(
    "text", [GOOGLE, ORDER, '{"name": "f", "arguments": {}}', "null", "- a", "1", "'", "\x00", "\ud800"]
)
def test_a_wrong_choice_is_told(text: str, kind: str) -> None:
    try:
        for each in declarations_from.find(text, kind):
            each.draft()
    except Unusable as error:
        assert str(error)
