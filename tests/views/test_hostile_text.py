"""Text of attackers in every place that shows text: it stays text.

Whatever a payload is and wherever it lands, the page may have no element, attribute or address that our own pages
do not have.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from assistants_app.api.dialects.v2 import DIALECT
from assistants_app.models import Assistant, Connection, Message, Operation, Run, RunStep, Thread, ToolCall
from assistants_app.services import mirror, rendering
from testing.html_page import Page
from tests.views.conftest import page

X = "alert(1)"
PAYLOADS = [
    f"<script>{X}</script>",
    f"</script><script>{X}</script>",
    f"</title><script>{X}</script>",
    f"</textarea><script>{X}</script>",
    f"</code></pre><img src=x onerror={X}>",
    f'"><img src=x onerror={X}>',
    f"'><img src=x onerror={X}>",
    f'" onmouseover="{X}" x="',
    f"' onmouseover='{X}' x='",
    f"` onmouseover=`{X}`",
    f'" autofocus onfocus={X} x="',
    f"<img src=x onerror={X}>",
    f"<IMG SRC=javascript:{X}>",
    f"<img/src=x/onerror={X}//",
    f"<svg onload={X}>",
    f"<svg><script>{X}</script></svg>",
    f"<svg><animate onbegin={X} attributeName=x>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={X}>",
    f"<iframe src=javascript:{X}></iframe>",
    f"<iframe srcdoc='<script>{X}</script>'>",
    f"<object data=javascript:{X}>",
    f"<embed src=javascript:{X}>",
    f"<a href=javascript:{X}>x</a>",
    f"<form action=javascript:{X}><button>x</button></form>",
    f"<button formaction=javascript:{X}>x</button>",
    "<form action=https://elsewhere.example><input name=csrfmiddlewaretoken>",
    f"<base href=javascript:{X}//>",
    "<base href=https://elsewhere.example/>",
    f"<meta http-equiv=refresh content='0;url=javascript:{X}'>",
    f"<link rel=stylesheet href=javascript:{X}>",
    "<style>@import 'https://elsewhere.example/';</style>",
    "<p style=position:fixed;inset:0>x</p>",
    f"<body onload={X}>",
    f"<details open ontoggle={X}>",
    f"<video><source onerror={X}>",
    f"<input autofocus onfocus={X}>",
    f"<marquee onstart={X}>",
    "<div id=main class=banner hx-get=/sign-out/ hx-trigger=load>x</div>",
    "<div data-topics=queue data-copy=x data-confirm=x>x</div>",
    "<template><script>alert(1)</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={X}>'>",
    f"<!--><script>{X}</script>-->",
    f"<![CDATA[<script>{X}</script>]]>",
    f"<?xml version='1.0'?><script>{X}</script>",
    f"&lt;script&gt;{X}&lt;/script&gt;",
    f"&#60;script&#62;{X}&#60;/script&#62;",
    f"%3Cscript%3E{X}%3C/script%3E",
    f"\\u003cscript\\u003e{X}\\u003c/script\\u003e",
    f"+ADw-script+AD4-{X}+ADw-/script+AD4-",
    f"\uff1cscript\uff1e{X}\uff1c/script\uff1e",
    f"<scr\x00ipt>{X}</scr\x00ipt>",
    f"<scr<script>ipt>{X}</scr</script>ipt>",
    "{{ 7|add:35 }}{% debug %}{% csrf_token %}",
    "${alert(1)} #{alert(1)} <%= alert(1) %>",
    f"[x](javascript:{X})",
    f"[x](JaVaScRiPt&colon;{X})",
    f"[x](java\tscript:{X})",
    f"[x](&#106;avascript:{X})",
    f"[x](data:text/html;base64,PHNjcmlwdD4=) [y](vbscript:{X}) [z](file:///etc/passwd)",
    f'[x](https://elsewhere.example "\\" onmouseover={X}")',
    f'![x](x\\" onerror={X})',
    f'![x](https://elsewhere.example/pixel.png) [r]\n\n[r]: javascript:{X} "t"',
    f'<javascript:{X}> <https://elsewhere.example/"onmouseover={X}>',
    f'```"><img src=x onerror={X}>\n<script>{X}</script>\n```',
    f"`<script>{X}</script>` **<b onclick={X}>** | <i> |\n|---|\n| <script>{X}</script> |",
    "\u202e<b>\u2066\u200b\ufeff\u2028\u2029\x1b[31m\x7f",
]
MARKDOWN = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "s"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}


def everywhere(connection: Connection, text: str) -> Run:
    """A waiting run, and all around it, with this text in whatever a server can fill with words."""
    raw = {"id": text, "name": text, "model": text, "instructions": text, "description": text}
    function = {"name": text, "description": text, "parameters": {text: [text, {text: text}]}}
    raw_assistant: dict[str, Any] = {**raw, "tools": [{"type": "function", "function": function}, {"type": text}]}
    mirror.assistants(connection, [DIALECT.read_assistant(raw_assistant)], asked_at=timezone.now())
    mirror.threads(connection, [DIALECT.read_thread({"id": text})])
    thread, assistant = Thread.objects.get(), Assistant.objects.get()
    parts = [{"type": "text", "text": {"value": text}}, {"type": text}]
    said = [{"id": f"{text}{role}", "role": role, "content": parts} for role in ("user", "assistant", text)]
    mirror.messages(thread, [DIALECT.read_message({**each, "status": text, "run_id": text}) for each in said])
    call = {"id": text, "type": "function", "function": {"name": text, "arguments": text}}
    tree = {"id": text + "2", "type": text, text: {text: text}}
    action = {"type": text, "x": {"tool_calls": [call, tree]}}
    seen = {"id": text, "status": "requires_action", "model": text, "assistant_id": text, "required_action": action}
    failed = {"id": text + "2", "status": text, "model": text, "last_error": {"code": text, "message": text}}
    mirror.runs(thread, [DIALECT.read_run(each) for each in (seen, failed)], asked_at=timezone.now())
    run = Run.objects.get(status="requires_action")
    done = {"id": text + "3", "type": "function", "function": {"name": text, "arguments": text, "output": text}}
    details = {"tool_calls": [done]}
    steps = {"id": text, "type": text, "status": text, "step_details": details, "last_error": {"message": text}}
    mirror.steps(run, [DIALECT.read_step(steps)])
    Thread.objects.update(status=own(text)[:64], preview=own(text)[:200], assistant=assistant)
    assert Message.objects.count() == 3
    assert RunStep.objects.count() == 1
    return run


def own(text: str) -> str:
    """The text as the database takes it."""
    return text.replace("\x00", "")


def refused(run: Run, text: str, client: Client) -> None:
    """Operations that the server refused with this text for a reason."""
    by = client.get("/queue/").wsgi_request.user
    common = {"connection": run.connection, "thread": run.thread, "by": by, "state": "refused", "error": own(text)}
    body = json.dumps({"content": text, "tool_outputs": [{"tool_call_id": "none", "output": text}]})
    for kind, of in (("create_message", None), ("submit_tool_outputs", run), ("cancel_run", run)):
        key = f"{kind}:{run.pk}"
        Operation.objects.create(**common, kind=kind, key=key, run=of, body=body, request_id=own(text))
    Connection.objects.update(last_error=own(text))
    Run.objects.update(parked_at=timezone.now(), parked_because=own(text))


def pages(run: Run, client: Client, text: str) -> list[Page]:
    """Every page that shows the run or what belongs to it; forms sent back too."""
    assert run.assistant is not None
    here, thread = run.get_absolute_url(), run.thread.get_absolute_url()
    addresses = ["/queue/", "/assistants/", "/threads/", here, thread, run.assistant.get_absolute_url()]
    shown = [page(client.get(each)) for each in addresses]
    other = Run.objects.exclude(pk=run.pk).get()
    shown.append(page(client.get(other.get_absolute_url())))
    shown += [page(client.get(each, {"q": text, "words": text})) for each in ("/assistants/", "/threads/")]
    found = client.get("/find", {"q": text})
    shown.append(page(found, found.status_code))
    shown.append(page(client.post(f"{thread}messages/", {"text": text, "once": text}), 422))
    shown.append(page(client.post(f"{here}answers/", {"calls": text, "output-1": text}), 409))
    shown.append(page(client.post("/threads/add/", {"connection": text, "ids": text}), 422))
    shown.append(page(client.get("/none", {text: text}), 404))
    return shown


def marks(shown: Page) -> set[tuple[str, str]]:
    """The kinds of elements and attributes of a page; of links where they lead."""
    found = {(each.tag, name) for each in shown.elements for name in ("", *each.attributes)}
    for each in shown.elements:
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            if value := each.attributes.get(name):
                found.add((f"{name}:", urlsplit(value.strip()).scheme.lower()))
    return found


@pytest.fixture
def harmless(connection: Connection, olga: Client) -> set[tuple[str, str]]:
    """What our own pages are made of where all text is harmless, and what markdown may add."""
    run = everywhere(connection, "harmless")
    refused(run, "harmless", olga)
    known = {mark for shown in pages(run, olga, "harmless") for mark in marks(shown)}
    for model in (Operation, ToolCall, RunStep, Run, Message, Thread, Assistant):
        model.objects.all().delete()
    known |= {(tag, "") for tag in MARKDOWN}
    known |= {("a", each) for each in ("href", "title", "rel", "target")} | {("code", "class"), ("ol", "start")}
    # What stands in a page only where a text is long, empty, or no plain id.
    known |= {
        ("details", "class"),
        ("dl", "class"),
        ("dd", "class"),
        ("span", "class"),
        ("svg", "role"),
        ("svg", "aria-label"),
        ("href:", ""),
        ("href:", "https"),
    }
    # Of a field that was refused.
    known |= {(tag, each) for tag in ("input", "textarea") for each in ("aria-describedby", "aria-invalid")}
    return known


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_no_payload_becomes_more_than_text_anywhere(
    connection: Connection, olga: Client, harmless: set[tuple[str, str]]
) -> None:
    for text in PAYLOADS:
        run = everywhere(connection, text)
        refused(run, text, olga)
        for shown in pages(run, olga, text):
            assert marks(shown) - harmless == set(), text
        for model in (Operation, ToolCall, RunStep, Run, Message, Thread, Assistant):
            model.objects.all().delete()


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_markdown_makes_only_harmless_elements(text: str) -> None:
    for wrapped in (text, f"> {text}", f"- {text}", f"# {text}", f"**{text}**", f"[{text}](https://a.example)"):
        for each in Page(rendering.markdown(wrapped)).elements:
            assert each.tag in MARKDOWN
            assert set(each.attributes) <= {"href", "title", "rel", "target", "class", "start"}
            if each.tag == "a":
                assert urlsplit(each.attributes.get("href", "")).scheme in {"", "http", "https", "mailto"}
                assert each.attributes["rel"] == "noopener noreferrer nofollow"
                assert each.attributes["target"] == "_blank"


@pytest.mark.parametrize(
    "text", ["[" * 32_000, "*a **a " * 4_500, "> " * 16_000, "`" * 32_000, "|a" * 15_000 + "\n|-|"]
)
def test_markdown_made_to_be_slow_is_not(text: str) -> None:
    assert len(rendering.markdown(text)) < 2_000_000


def test_a_picture_is_a_link_that_asks_no_server(connection: Connection) -> None:
    (link,) = Page(rendering.markdown("![chart](https://elsewhere.example/a.png)")).all("a")
    assert (link.text, link.attributes["href"]) == ("chart", "https://elsewhere.example/a.png")
