"""The components as tags."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory

FOLDER = Path(settings.BASE_DIR) / "templates" / "components"


@pytest.fixture(autouse=True)
def plain_static_files(settings: pytest.FixtureRequest) -> None:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}  # type: ignore[attr-defined]


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.html")), ids=lambda path: path.stem)
def test_each_component_begins_by_saying_what_it_is_and_takes(path: Path) -> None:
    assert re.match(r"\{# \w.*#\}\n", path.read_text())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.html")), ids=lambda path: path.stem)
def test_each_component_is_on_the_page_that_shows_them(path: Path) -> None:
    parts = [*(FOLDER.parent / "styleguide").glob("*.html"), *FOLDER.glob("*.html")]
    used = "".join(each.read_text() for each in parts if each != path)
    assert re.search(rf'components/{path.stem}\.html|component "{path.stem}"|{{% {path.stem} ', used)


def test_a_component_sees_its_inputs_only() -> None:
    html = rendered(
        '{% component "banner" kind="error" %}<b>{{ words }}</b>{% endcomponent %}', words="<i>", id="leaked"
    )
    assert "<b>&lt;i&gt;</b>" in html
    assert "banner-error" in html
    assert "leaked" not in html


def test_a_button_takes_any_attribute_and_escapes_it() -> None:
    html = rendered('{% button "Go" kind="primary" data_confirm=words disabled=True %}', words='"><script>')
    assert html.startswith('<button class="button button-primary"')
    assert all(part in html for part in (' type="submit"', ' data-confirm="', " disabled"))
    assert "<script" not in html


def test_a_button_with_an_address_is_a_link() -> None:
    assert rendered('{% button "Go" href="/queue/" %}') == '<a class="button" href="/queue/">Go</a>'


def test_an_act_is_a_form_with_its_token() -> None:
    html = rendered('{% act "Refresh" "/there/" %}', csrf_token="token")
    assert 'action="/there/" method="post"' in html
    assert 'value="token"' in html


def test_a_tab_keeps_the_rest_of_the_address() -> None:
    from django.template import RequestContext

    request = RequestFactory().get("/x/?status=failed&tab=raw")
    context = RequestContext(request, {"tabs": [{"value": "steps", "text": "Steps"}, {"value": "raw", "text": "Raw"}]})
    html = Template('{% include "components/tabs.html" with name="tab" chosen="raw" tabs=tabs only %}').render(context)
    assert 'href="?status=failed"' in html
    assert 'href="?status=failed&amp;tab=raw" aria-current="page"' in html


def test_a_chart_is_heard_as_well() -> None:
    html = rendered('{% chart points label="Runs a day" %}', points=[("1 May", 3), ("2 May", 9), ("3 May", 0)])
    assert 'aria-label="Runs a day: least 0 (3 May), most 9 (2 May), last 0 (3 May)"' in html
    assert html.count("<rect") == 3
    assert "nothing yet" in rendered('{% chart points label="Runs" kind="line" %}', points=[])
