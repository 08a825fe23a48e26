"""Servers that have no Batch API, do not answer, or have no room in the queue; files on a server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from openai import OpenAI
from streamlit.testing.v1 import AppTest

from components.batches.repositories import batch_folder, batch_repository
from components.runtime import resources
from components.runtime.batches import submission_jobs
from core.batches.batch import BatchRecord, BatchStatus, prepare_batch
from core.batches.input.request_line import RequestLine, write_lines
from tests.app.batches.conftest import INSTANT, MakeBatch, finish, labels, press, row, text
from tests.app.conftest import OpenPage
from tests.e2e.app_server import serve_responses
from tests.servers import (
    COMPLETION,
    MODELS,
    ReceivedRequest,
    RequestHandler,
    StubResponse,
    by_path,
    http_response,
)
from tests.unit.batches.batch_server import BatchServer, batch_object
from tests.unit.conftest import profile_for

NO_BATCHES = {"object": "list", "data": [], "has_more": False}
OpenBatch = Callable[[str], AppTest]


def test_says_that_a_server_has_no_batch_api(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_responses(by_path({"/v1/models": http_response(MODELS)})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)

        app = finish(open_page("batches"))

        assert "This server has no Batch API." in text(app)
        press(app, "Refresh")
        assert "This server has no Batch API." in text(finish(app))


def test_explains_that_a_server_does_not_answer_and_stops_asking(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setattr("components.batches.polling._FIRST_RETRY_DELAY", 0.01)

    app = finish(open_page("batches"))

    assert len(app.error) == 2  # also in the sidebar


def test_lists_the_batches_after_a_request_that_failed_once(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.batches.polling._FIRST_RETRY_DELAY", 0.01)
    batches = BatchServer(batches={"batch_1": batch_object(status="completed", metadata={"title": "Listed"})})
    failures = [http_response({"error": {"message": "No", "type": "x", "param": None, "code": None}}, 400)]

    def before(route: str) -> StubResponse | None:
        if route == "GET /models":
            return http_response(MODELS)
        return failures.pop() if failures and route == "GET /batches" else None

    batches.before = before
    with serve_responses(batches) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)

        app = finish(open_page("batches"))

    assert row(app, "Listed")
    assert not app.error
    assert failures == []


@pytest.fixture
def without_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of the active server, which has no batches and rejects chat requests with "reject"."""
    replies: dict[str, RequestHandler | StubResponse] = {
        "/v1/models": http_response(MODELS),
        "/v1/chat/completions": _reply,
    }
    with serve_responses(by_path(replies)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server.url


def _reply(request: ReceivedRequest) -> StubResponse:
    if "reject" in str(request.json()):
        return http_response({"error": {"message": "Rejected", "type": "x", "param": None, "code": "x"}}, 400)
    return http_response(COMPLETION)


def end_run(app: AppTest) -> AppTest:
    """Rerun the page until the newest batch, whose requests are made now, has ended."""
    while (status := batch_repository().list()[0].status).is_active or status == BatchStatus.PREPARED:
        app.run()
    return finish(app)


@pytest.mark.usefixtures("without_batches")
def test_runs_the_example_now_without_a_batch_api(open_page: OpenPage) -> None:
    app = finish(open_page("batches"))

    end_run(press(app, "Run example"))

    [record] = batch_repository().list()
    assert (record.status, record.headline) == (BatchStatus.COMPLETED, "100 of 100 succeeded")


def test_offers_to_run_a_batch_now_that_could_not_be_submitted(
    open_page: OpenPage, without_batches: str
) -> None:
    app = open_page("batches")
    record = prepare("Refused", without_batches)
    task = submission_jobs().start([record], batch_repository(), profile_for(without_batches))
    assert task
    task.result()
    listed = row(finish(app.run()), "Refused")
    assert ":red-badge" in listed.label
    assert "Not submitted: This server has no Batch API" in listed.label.replace("\\", "")
    app = listed.click().run()
    assert "This server has no Batch API" in text(app)

    end_run(press(app, "Run now"))

    assert "20 of 20 succeeded" in text(app)
    assert batch_repository().get(record.id).job_id


def test_retries_requests_now_that_were_run_now(open_page: OpenPage, without_batches: str) -> None:
    app = open_page("batches")
    record = prepare("Rejected", without_batches, "reject", 3)
    app = row(finish(app.run()), "Rejected").click().run()
    app = end_run(press(app, "Run now"))

    end_run(press(app, "Retry 3 requests"))

    parent, retry = sorted(batch_repository().list(), key=lambda record: record.created_at)
    assert (retry.parent_id, retry.status) == (record.id, BatchStatus.COMPLETED)
    assert (parent.id, bool(retry.job_id)) == (record.id, True)


def test_does_not_follow_a_batch_of_another_key(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    listing = {"/v1/models": http_response(MODELS), "/v1/batches": http_response(NO_BATCHES)}
    with serve_responses(by_path(listing)) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        app = open_page("batches")
        submitted = prepare("Of a colleague", server.url)
        batch_repository().save(
            replace(submitted, status=BatchStatus.IN_PROGRESS, remote_id="batch_1", account="0" * 12)
        )

        app = finish(app.run())
        assert any("with another key" in label for label in labels(app))
        app = finish(row(app, "Of a colleague").click().run())

    assert "submitted with another key" in text(app)
    assert not {"Cancel", "Cancel this batch"} & {*labels(app)}
    assert batch_repository().get(submitted.id).status == BatchStatus.IN_PROGRESS


def prepare(title: str, address: str = "sandbox", prompt: str = "안녕", count: int = 20) -> BatchRecord:
    """Save a batch as the page does."""
    batch_id, body = uuid4().hex, {"model": "gpt-6-luna", "messages": [{"role": "user", "content": prompt}]}
    lines = [RequestLine(str(number), body, "/v1/chat/completions") for number in range(count)]
    written = write_lines(batch_folder(batch_id).input_file, lines)
    record = replace(prepare_batch(written, "sandbox", address, title), id=batch_id)
    batch_repository().save(record)
    return record


def submit(title: str) -> BatchRecord:
    """Submit a batch as the page does, which knows its tokens."""
    record = prepare(title)
    task = submission_jobs().start([record], batch_repository(), resources.sandbox_profile("sandbox"))
    assert task
    task.result()
    return batch_repository().get(record.id)


def test_submits_a_batch_again_once_the_queue_has_room(open_page: OpenPage, client: OpenAI) -> None:
    settings = resources.sandbox().settings
    settings.update({"batch_speed": "1"})
    first = submit("First in the queue")
    settings.update({"batch_speed": INSTANT, "batch_token_limit": str(first.tokens)})
    second = submit("Second in the queue")
    app = row(open_page("batches"), "Second in the queue").click().run()
    while "Submit again when the queue has room" not in labels(app):
        app.run()
    settings.update({"batch_token_limit": None})

    press(app, "Submit again when the queue has room")
    assert "Waiting until the queue of the model has room." in text(app)
    assert "Do not submit again" in labels(app)
    client.batches.cancel(first.remote_id or "")
    while not (children := [record for record in batch_repository().list() if record.parent_id == second.id]):
        app.run()

    app.run()
    again = next(button for button in app.button if button.label.startswith("Submitted again as **Second"))
    again.click().run()
    while batch_repository().get(children[0].id).status != BatchStatus.COMPLETED:
        app.run()
    assert "First submitted as **Second in the queue**" in " ".join(labels(app))


def test_lists_the_files_of_the_server(open_page: OpenPage, client: OpenAI, make_batch: MakeBatch) -> None:
    make_batch(3)
    app = finish(open_page("batches"))
    assert not app.dataframe

    app.session_state["batches.files.section"] = True
    app.run()

    files = app.dataframe[0].value
    assert list(files["purpose"]) == ["batch_output", "batch"]
    assert [*files["id"]] == [file.id for file in client.files.list()]


def test_shows_the_batches_of_the_active_server_only(
    open_page: OpenPage, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(headers={"speed": "0.01"})
    open_page("batches")
    with serve_responses(by_path({"/v1/models": http_response(MODELS)})) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)

        app = finish(open_page("batches"))
        assert not any("Reviews" in label for label in labels(app))

        app.query_params["batch"] = batch_repository().list()[0].id
        app.run()
        assert "This batch is on the sandbox." in text(app)
        assert "Cancel this batch" not in labels(app)


def test_discards_a_batch_that_was_not_submitted(open_page: OpenPage, client: OpenAI) -> None:
    record = prepare("Not sent")
    app = finish(open_page("batches"))
    assert "Not submitted" in row(app, "Not sent").label

    press(row(app, "Not sent").click().run(), "Delete this batch")

    assert batch_repository().list() == []
    assert not batch_folder(record.id).path.exists()
    assert client.batches.list().data == []
