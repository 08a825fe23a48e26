"""The Batches page on the sandbox, and batches made by the SDK with the key of copied code."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai import DefaultHttpx2Client, OpenAI
from openai.types import Batch
from streamlit.testing.v1 import AppTest

from components.batches.new_batch.new_batch import drafts
from components.batches.polling import BatchPolling
from components.runtime import resources
from components.runtime.batches import queue_watch, result_imports, submission_jobs
from tests.app.conftest import OpenPage

INSTANT = "1000000"
SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["title", "score"],
    "additionalProperties": False,
}
MakeBatch = Callable[..., Batch]


@pytest.fixture(autouse=True)
def _fresh_jobs() -> Iterator[None]:
    """Forget the jobs and drafts of the test before, which had another data directory."""
    drafts.cache_clear()
    submission_jobs.cache_clear()
    queue_watch.cache_clear()
    result_imports.cache_clear()
    yield
    queue_watch().stop()


@pytest.fixture
def client() -> Iterator[OpenAI]:
    """A client of the sandbox of the app, whose batches take no time."""
    sandbox = resources.sandbox()
    sandbox.settings.update({"batch_speed": INSTANT})
    with DefaultHttpx2Client(trust_env=False) as http_client:
        yield OpenAI(base_url=sandbox.url, api_key="sandbox", http_client=http_client)


@pytest.fixture
def make_batch(client: OpenAI) -> MakeBatch:
    """Create a batch elsewhere, with *headers* such as `outcome`; *body* is part of each line."""

    def make(count: int = 10, title: str = "Reviews", headers: Any = None, **body: Any) -> Batch:
        lines = (
            {
                "custom_id": f"row-{number:03}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {
                    "model": "gpt-6-luna",
                    "messages": [{"role": "user", "content": f"항목 {number} 요약"}],
                    "max_completion_tokens": 20,
                    **body,
                },
            }
            for number in range(1, count + 1)
        )
        content = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        file = client.files.create(file=("input.jsonl", content), purpose="batch")
        return client.batches.create(
            input_file_id=file.id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={"title": title},
            extra_headers={f"x-sandbox-batch-{name}": value for name, value in (headers or {}).items()},
        )

    return make


@pytest.fixture
def open_batch(open_page: OpenPage, client: OpenAI) -> Callable[[str], AppTest]:
    """Open the list of batches, and in it the one with a title, once it has ended."""
    assert client

    def open_by_title(title: str) -> AppTest:
        app = open_page("batches")
        return finish(row(app, title).click().run())

    return open_by_title


def row(app: AppTest, title: str) -> Any:
    """Return the row of a batch, once the server has listed it."""
    deadline = time.monotonic() + 30
    while not (rows := [button for button in app.button if button.label.startswith(f"**{title}** ")]):
        assert time.monotonic() < deadline
        app.run()
    return rows[0]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def labels(app: AppTest) -> list[str]:
    return [button.label.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ") for button in app.button]


def finish(app: AppTest) -> AppTest:
    """Rerun the page, as its fragments do, until nothing is active and the results have been loaded."""
    was_busy = True
    # What a request started just before it ended, such as an import, is drawn by the next run only.
    while was_busy or is_busy(app):
        was_busy = is_busy(app)
        app.run()
    assert not app.exception
    return app


def check(app: AppTest) -> AppTest:
    """Press the button that checks, and wait for the result."""
    press(app, next(label for label in labels(app) if label.startswith("Check")))
    return wait_for_check(app)


def wait_for_check(app: AppTest) -> AppTest:
    while "Stop" in labels(app):
        app.run()
    assert not app.exception
    return app


def is_busy(app: AppTest) -> bool:
    polling = app.session_state[f"object.{BatchPolling.__module__}.{BatchPolling.__qualname__}"]
    texts = [element.value for element in [*app.info, *app.markdown]]
    is_importing = any("progress" in str(element.type) for element in app.get("progress"))
    return polling.is_watching or is_importing or any("uploaded" in text for text in texts)


def text(app: AppTest) -> str:
    elements = [*app.markdown, *app.caption, *app.info, *app.error, *app.header, *app.subheader]
    return " ".join(element.value for element in elements).replace("\\", "")
