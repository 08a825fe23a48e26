"""The Extractor page: the first click, three views in step, strict mode, and many documents."""

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, TimeoutError, expect
from pyarrow import parquet  # type: ignore[import-untyped]  # it has no types

from tests.e2e.app_server import AppServer, Upstream, running_app, serve_responses, wait_until
from tests.e2e.pages import settle
from tests.servers import COMPLETION, MODELS, by_path, http_response

DOCUMENTS = 200
OPEN_SCHEMA = {"type": "object", "properties": {"link": {"type": "string", "format": "uri"}}}


@pytest.fixture
def extractor(page: Page, app: AppServer) -> Page:
    """The Extractor page with its example."""
    return open_extractor(page, app)


def open_extractor(page: Page, app: AppServer) -> Page:
    page.goto(f"{app.url}/extractor")
    # After a start the page waits for the imports of the process.
    expect(page.get_by_role("button", name="Extract", exact=False).first).to_be_enabled(timeout=60_000)
    settle(page)
    return page


def choose(page: Page, label: str) -> None:
    page.locator("[data-testid=stButtonGroup]").get_by_text(label, exact=True).click()
    settle(page)


@contextmanager
def redrawn(page: Page, key: str) -> Iterator[None]:
    """Wait until the view whose key begins with *key* is drawn anew, as the schema has changed."""
    view = page.locator(f"[class*='st-key-{key}']")
    # While Streamlit replaces an element, the page has both for a moment.
    expect(view).to_have_count(1)
    classes = str(view.get_attribute("class"))
    (name,) = re.findall(rf"st-key-{key}\S+", classes)
    yield
    expect(page.locator(f".{name}")).to_have_count(0)
    settle(page)


def edit_code(page: Page, view: str, text: str) -> None:
    area = code(page, view)
    expect(area).to_be_visible()
    with redrawn(page, f"extractor-code-{view.replace(' ', '-')}-"):
        area.fill(text)
        area.press("Control+Enter")


def code(page: Page, view: str) -> Locator:
    return page.get_by_role("textbox", name=f"{view} of the schema")


def edit_first_cell(page: Page, text: str) -> None:
    """Type *text* into the first cell of the table of fields, which is a canvas."""
    table, overlay = page.locator("[data-testid=stDataFrame]"), page.locator(".gdg-input")
    expect(table.locator("canvas").first).to_be_visible()
    box = table.bounding_box()
    assert box
    position = box["x"] + 80, box["y"] + 53  # below the header

    def opens_cell() -> bool:
        page.mouse.dblclick(*position)
        with suppress(TimeoutError):  # the table is not ready yet
            overlay.wait_for(timeout=2_000)
        return overlay.is_visible()

    wait_until(opens_cell)
    with redrawn(page, "extractor-fields-"):  # the table sends an edit a moment later
        overlay.fill(text)
        overlay.press("Enter")


def test_extracts_by_the_responses_api_and_quotes_the_text(extractor: Page) -> None:
    extractor.get_by_role("button", name="Settings", exact=True).click()
    extractor.get_by_role("radio", name="Responses").click()
    expect(extractor.get_by_role("button", name="Settings: Responses")).to_be_visible()
    extractor.keyboard.press("Escape")
    extractor.get_by_role("button", name="Extract").first.click()

    expect(extractor.get_by_text(re.compile("Valid$"))).to_be_visible()
    row = extractor.get_by_role("row", name="title")
    expect(row).to_contain_text("하버시티")
    expect(extractor.get_by_role("row", name="keywords[0]")).to_contain_text("하버시티")


def test_fills_in_the_object_while_the_reply_arrives_and_stops(extractor: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=6")
    extractor.get_by_role("button", name="Extract").first.click()
    expect(extractor.get_by_role("row", name="title")).to_be_visible()
    expect(extractor.get_by_text("Receiving")).to_be_visible()

    extractor.get_by_role("button", name="Stop").click()

    expect(extractor.get_by_text(re.compile("Stopped$"))).to_be_visible()
    expect(extractor.get_by_role("row", name="title")).to_be_visible()


def test_continues_to_show_the_reply_after_a_reload(extractor: Page, upstream: Upstream) -> None:
    upstream.set_latency("ttft=0.1,tps=20")
    text = "Ulm opens a new bridge.\n\nThe mayor is happy about it."
    extractor.get_by_role("textbox", name="Text", exact=True).fill(text)
    extractor.get_by_role("button", name="Extract").first.click()
    expect(extractor.get_by_text("Receiving")).to_be_visible()
    expect(extractor).to_have_url(re.compile(r"schema=\w+&runs=\w+"))

    extractor.reload()
    expect(extractor.get_by_role("row", name="title")).to_be_visible()
    upstream.set_latency("ttft=0")

    expect(extractor.get_by_text(re.compile("Valid$"))).to_be_visible(timeout=60_000)
    expect(extractor.get_by_role("textbox", name="Text", exact=True)).to_have_value(text)
    assert len(upstream.replies()) == 1


def test_shows_each_edit_in_the_other_views(extractor: Page) -> None:
    model = "class City(BaseModel):\n    name: str\n    people: int\n"
    edit_code(extractor, "Pydantic", f"from pydantic import BaseModel\n\n{model}")
    choose(extractor, "JSON Schema")
    expect(code(extractor, "JSON Schema")).to_contain_text('"people"')

    schema = json.loads(code(extractor, "JSON Schema").input_value())
    schema["properties"]["mayor"] = {"type": ["string", "null"]}
    schema["required"].append("mayor")
    edit_code(extractor, "JSON Schema", json.dumps(schema))
    choose(extractor, "Fields")
    edit_first_cell(extractor, "city_name")
    choose(extractor, "Pydantic")
    expect(code(extractor, "Pydantic")).to_contain_text("city_name: str")
    expect(code(extractor, "Pydantic")).to_contain_text("mayor: str | None")


def test_shows_unsaved_edits_again_after_a_reload(extractor: Page) -> None:
    model = "from pydantic import BaseModel\n\n\n# Comment\nclass City(BaseModel):\n    name: str\n"
    choose(extractor, "English")
    edit_code(extractor, "Pydantic", model)
    choose(extractor, "json_object")
    expect(extractor).to_have_url(re.compile(r"draft=\w{32}"))
    settle(extractor)

    extractor.reload()

    expect(code(extractor, "Pydantic")).to_have_value(model)
    expect(extractor.get_by_role("textbox", name="Text", exact=True)).to_have_value(re.compile("Harbour"))
    expect(extractor.get_by_role("radio", name="json_object")).to_be_checked()


def test_corrects_a_schema_for_strict_mode_with_one_click(extractor: Page) -> None:
    choose(extractor, "JSON Schema")
    edit_code(extractor, "JSON Schema", json.dumps(OPEN_SCHEMA))
    expect(extractor.get_by_text("Strict mode: 3 problems")).to_be_visible()

    extractor.get_by_role("button", name="Fix all").click()

    expect(extractor.get_by_text("Strict mode: ready")).to_be_visible()
    expect(extractor.locator("[data-testid=stCode]").first).to_contain_text('"additionalProperties": false')
    extractor.get_by_role("button", name="Undo").click()
    expect(extractor.get_by_text("Strict mode: 3 problems")).to_be_visible()


def test_generates_a_schema_from_a_description(page: Page, tmp_path: Path) -> None:
    salary = {"field": "salary", "type": "number", "list": False, "nullable": True, "values": []}
    reply = json.dumps({"name": "JobOffer", "fields": [{**salary, "description": "Per year"}]})
    message = {"role": "assistant", "content": reply, "refusal": None}
    completion = {**COMPLETION, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    responses = {"/v1/models": http_response(MODELS), "/v1/chat/completions": http_response(completion)}
    with (
        serve_responses(by_path(responses)) as server,
        running_app(tmp_path, {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "k"}) as app,
    ):
        open_extractor(page, app)
        page.get_by_text("Name, sample and description").click()
        description = page.get_by_role("textbox", name="Description of the object")
        description.fill("A job offer with its salary")
        description.press("Control+Enter")
        page.get_by_role("button", name="Generate schema").click()

        expect(code(page, "Pydantic")).to_contain_text("class JobOffer(BaseModel)")
        expect(code(page, "Pydantic")).to_contain_text("salary: float | None")


def upload_documents(page: Page) -> None:
    out = io.StringIO()
    rows = [
        {"text": f"=Report {number}\n\nThe sales rose by {number} percent."} for number in range(DOCUMENTS)
    ]
    writer = csv.DictWriter(out, ["text"])
    writer.writeheader()
    writer.writerows(rows)
    payload: FilePayload = {"name": "reports.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    choose(page, "Documents")
    page.locator("input[type=file]").set_input_files(payload)


def test_extracts_from_200_documents_despite_a_crash(
    cold_app: AppServer, upstream: Upstream, page: Page
) -> None:
    open_extractor(page, cold_app)
    upload_documents(page)
    upstream.set_latency("ttft=0.3")
    page.get_by_role("button", name=f"Extract from {DOCUMENTS} documents").click()
    wait_until(lambda: 30 < len(upstream.replies()) < DOCUMENTS)

    cold_app.kill()
    cold_app.start()
    upstream.set_latency("ttft=0")
    page.reload()
    page.get_by_role("button", name="Resume").click()

    expect(page.get_by_text(f"{DOCUMENTS} rows.", exact=False)).to_be_visible(timeout=60_000)
    # Only the requests that were under way when the app was killed are sent again.
    assert len(upstream.replies()) <= DOCUMENTS + 50
    names = [f"reports.csv row {number + 2}" for number in range(DOCUMENTS)]
    rows = list(csv.DictReader(io.StringIO(export(page, "CSV").decode("utf-8-sig"), newline="")))
    assert [row["document"] for row in rows] == names
    assert {row["outcome"] for row in rows} == {"valid"}
    assert not [row for row in rows if row["title"].startswith("=")]
    records = json.loads(export(page, "JSON"))
    assert [record["document"] for record in records] == names
    assert [json.loads(line) for line in export(page, "JSON Lines").splitlines()] == records
    table = parquet.read_table(io.BytesIO(export(page, "Parquet"))).to_pydict()
    assert table["title"] == [record["value"]["title"] for record in records]


def export(page: Page, label: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    return download.value.path().read_bytes()
