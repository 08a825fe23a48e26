"""What a test does on the Vision page."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.apis import api_of
from core.runs import event_loop
from core.runs.run import Run
from core.storage.run_repository import RunRepository
from tests.app import conftest


def find(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, raw in files:
        page.file_uploader[0].upload(name, raw, "application/octet-stream")
    page.run()
    assert not page.exception
    return page


def page_text(page: AppTest) -> str:
    elements = (page.markdown, page.caption, page.info, page.warning, page.error)
    return " ".join(element.value for kind in elements for element in kind).replace("\\", "")


def visible_run_ids(page: AppTest) -> list[str]:
    data = [json.loads(element.proto.bytes) for element in page.get("bidi_component") if element.proto.bytes]
    return [view["run"] for view in data if view.get("mode") == "run"]


def visible_runs(page: AppTest) -> list[Run]:
    """Wait until the visible runs have ended and return them in full, oldest first."""
    for run_id in visible_run_ids(page):
        if job := resources.jobs.get(run_id):
            event_loop.run_until_complete(job.saved.wait(), 20)
    page.run()
    repository = RunRepository(resources.store())
    return sorted(
        (repository.get(run_id) for run_id in visible_run_ids(page)), key=lambda run: run.started_at
    )


def ask(page: AppTest, text: str, button: str = "Ask") -> list[Run]:
    find(page.text_area, "Question").set_value(text)
    find(page.button, button).click().run()
    assert not page.exception
    return visible_runs(page)


def sent_images(run: Run) -> list[dict[str, Any]]:
    """Return the images in the last message of *run*."""
    content = api_of(run.endpoint).chat_params(run.params)["messages"][-1]["content"]
    return [part["image_url"] for part in content if part["type"] == "image_url"]


def select_model(page: AppTest, model: str) -> AppTest:
    return conftest.select_model(page, model)
