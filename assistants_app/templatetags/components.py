"""The components of templates/components as tags: those with content, those with any attributes, and those of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.forms.utils import flatatt
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from assistants_app.templatetags.diff import diff
from assistants_app.templatetags.icons import icon

register = template.Library()
register.filter("diff", diff)

HEIGHT = 32  # of a chart, in its own units
STEP, BAR = 5, 4  # from one number of a chart to the next, and how much of that its bar takes


@register.simple_block_tag(takes_context=True)
def component(context: Context, content: SafeString, name: str, **inputs: Any) -> SafeString:
    """The component of that name around what stands between the tags. It sees its inputs and nothing else."""
    assert context.template is not None  # it is being rendered
    found = context.template.engine.get_template(f"components/{name}.html")
    inputs |= {"content": mark_safe(content.strip()), "csrf_token": context.get("csrf_token")}  # noqa: S308
    return mark_safe(found.render(context.new(inputs)).strip())  # noqa: S308 (templates escape)


@register.simple_tag
def button(text: str, *, type: str = "submit", href: str = "", classes: str = "", **given: Any) -> SafeString:
    """A button, or a link that looks like one. What the component does not name becomes an attribute: data_confirm is
    data-confirm."""
    named = {name: given.pop(name) for name in ("kind", "size", "wide", "icon", "icon_after") if name in given}
    attributes: dict[str, Any] = {
        name.rstrip("_").replace("_", "-"): value for name, value in given.items() if value is not None
    }
    if not href:
        attributes = {"type": type, **attributes}
    inputs: dict[str, Any] = {"text": text, "href": href, "classes": classes, "attributes": flatatt(attributes)}
    return _rendered("button", inputs | named)


@register.simple_tag(takes_context=True)
def act(context: Context, text: str, url: str, *, id: str = "", swap: str = "", **given: Any) -> SafeString:
    """A form that is one button; takes what `button` takes."""
    inputs = {"url": url, "id": id, "swap": swap, "button": button(text, **given)}
    return _rendered("act", inputs | {"csrf_token": context.get("csrf_token")})


@register.simple_tag
def copy(text: str | None = None, *, label: str, source: str = "", title: str = "", classes: str = "") -> SafeString:
    """A button that copies a text, what the element of the id `source` holds, or else what follows its line."""
    where = (
        {"data-copy-from": source} if source else {"data-copy": text} if text is not None else {"data-copy-next": True}
    )
    attributes = flatatt({"class": f"copy {classes}".strip(), "type": "button", **where, "title": title or None})
    return format_html('<button{} aria-label="{}">{}</button>', attributes, label, icon("copy"))


@register.simple_tag(takes_context=True)
def tab_address(context: Context, name: str, value: str | None) -> str:
    """The address of this page with that tab."""
    query = context.request.GET.copy() if getattr(context, "request", None) else None  # type: ignore[attr-defined]
    if query is None:
        return f"?{name}={value}" if value is not None else "?"
    query.pop(name, None)
    if value is not None:
        query[name] = value
    return f"?{query.urlencode()}"


@register.simple_tag
def chart(points: Sequence[tuple[str, float]], *, label: str, kind: str = "bars", wide: bool = False) -> SafeString:
    """Names with their numbers as bars or as a line; a wide one has the first and last name below it."""
    values = [max(0.0, float(value)) for _, value in points]
    most = max(values, default=0) or 1
    tops = [round(HEIGHT - value / most * HEIGHT, 1) for value in values]
    width = max(1, len(values) - (kind == "line")) * STEP
    shape = {
        "kind": kind,
        "width": width,
        "height": HEIGHT,
        "words": _heard(points),
        "first": points[0][0] if points else "",
        "last": points[-1][0] if points else "",
        "points": " ".join(f"{place * STEP},{top}" for place, top in enumerate(tops)),
        "bars": [
            {
                "x": place * STEP,
                "y": top,
                "width": BAR,
                "height": round(HEIGHT - top, 1),
                "title": f"{name}: {_number(value)}",
            }
            for place, ((name, value), top) in enumerate(zip(points, tops, strict=True))
        ],
    }
    return _rendered("chart", {"label": label, "shape": shape, "wide": wide})


def _heard(points: Sequence[tuple[str, float]]) -> str:
    """What somebody is told who does not see a chart."""
    if not points:
        return gettext("nothing yet")
    least, most = min(points, key=lambda point: point[1]), max(points, key=lambda point: point[1])
    said = gettext("least {least} ({least_at}), most {most} ({most_at}), last {last} ({last_at})")
    last = points[-1]
    return said.format(
        least=_number(least[1]),
        least_at=least[0],
        most=_number(most[1]),
        most_at=most[0],
        last=_number(last[1]),
        last_at=last[0],
    )


def _number(value: float) -> str:
    return number_format(f"{value:g}")


def _rendered(name: str, inputs: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(f"components/{name}.html", inputs).strip())  # noqa: S308 (templates escape)
