"""The results of a batch as a table: filter, search, errors by cause, fields of JSON replies."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from openai import OpenAI
from streamlit.testing.v1 import AppTest

from components.batches.repositories import batch_repository
from components.batches.results import downloads
from components.batches.results.result_cells import result_columns
from core.batches.batch import BatchStatus
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultRow, save_result
from tests.app.batches.conftest import SCHEMA, MakeBatch, finish, labels, press, text
from tests.app.batches.test_servers import prepare
from tests.app.conftest import OpenPage

OpenBatch = Callable[[str], AppTest]


def ids(app: AppTest) -> list[str]:
    return list(app.dataframe[-1].value["custom_id"])


def test_shows_the_requests_beside_their_results(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(3, max_completion_tokens=500)

    table = open_batch("Reviews").dataframe[0].value

    assert list(table["custom_id"]) == ["row-001", "row-002", "row-003"]
    assert list(table["request"]) == [f"항목 {number} 요약" for number in (1, 2, 3)]
    assert all(table["reply"])
    assert "error" not in table


def test_filters_by_state_and_searches(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(20, headers={"outcome": "lines-fail"})
    app = open_batch("Reviews")

    app.segmented_control[0].set_value(ResultState.FAILED.value).run()
    assert ids(app) == ["row-005", "row-010", "row-015", "row-020"]

    app.text_input[0].set_value("row-01").run()
    assert ids(app) == ["row-010", "row-015"]

    app.text_input[0].set_value("nothing like this").run()
    assert "No results match." in text(app)


def test_shows_the_requests_with_the_same_error(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(20, headers={"outcome": "lines-fail"})
    app = open_batch("Reviews")
    causes = [label for label in labels(app) if " ×** " in label]
    assert [label[2] for label in causes] == ["2", "1", "1"]
    app.segmented_control[0].set_value(ResultState.SUCCEEDED.value).run()

    next(button for button in app.button if button.label.startswith("**2 ×**")).click().run()

    assert len(ids(app)) == 2
    assert set(app.dataframe[0].value["state"]) == {"failed"}


def test_shows_a_page_at_a_time(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(120)

    app = open_batch("Reviews")

    assert len(ids(app)) == 50
    assert "120 results." in text(app)


def test_shows_the_fields_of_json_replies_as_columns(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    schema = {"name": "review", "strict": True, "schema": SCHEMA}
    make_batch(3, response_format={"type": "json_schema", "json_schema": schema}, max_completion_tokens=500)

    table = open_batch("Reviews").dataframe[0].value

    assert {"title", "score"} <= set(table)
    assert "reply" not in table


def test_explains_why_results_cannot_be_loaded(
    client: OpenAI, make_batch: MakeBatch, open_batch: OpenBatch
) -> None:
    batch_id = make_batch(3).id
    while not (file_id := client.batches.retrieve(batch_id).output_file_id):
        pass
    client.files.delete(file_id)

    app = open_batch("Reviews")
    assert f"No such File object: {file_id}" in text(app)

    press(app, "Load the results again")

    assert "Load the results again" in labels(finish(app))


def test_shows_the_results_of_requests_made_now_before_the_last_one(open_page: OpenPage) -> None:
    record = prepare("Made now")
    change = partial(replace, status=BatchStatus.IN_PROGRESS, job_id="0" * 32)
    record = batch_repository().update(record.id, change)
    # Without a lease, the process that made the requests was killed.
    assert batch_repository().claim(record.id, [BatchStatus.IN_PROGRESS])
    body = {"choices": [{"message": {"content": "안녕하세요"}}]}
    line = {"custom_id": "1", "response": {"status_code": 200, "body": body}, "error": None}
    save_result(batch_repository().store, record, 2, line)

    app = open_page("batches", batch=record.id)

    assert list(app.dataframe[0].value["reply"]) == ["안녕하세요"]
    assert "Stop" in labels(app)


def test_does_not_read_files_that_are_too_large_into_memory(
    make_batch: MakeBatch, open_batch: OpenBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(3)
    assert len(open_batch("Reviews").get("download_button")) > 3

    monkeypatch.setattr(downloads, "_MAX_DOWNLOAD", 10)
    app = open_batch("Reviews")

    assert not app.get("download_button")
    assert "too large to download" in text(app)
    assert "cannot be exported together" in text(app)
    assert any(code.value.endswith("output.jsonl") for code in app.code)


def row(text: str, number: int = 1) -> ResultRow:
    return ResultRow(number, f"row-{number}", ResultState.SUCCEEDED, 200, text, None, None, "", "")


def test_has_columns_of_one_type_whatever_the_replies_are() -> None:
    replies = ('{"a": 1, "b": "x", "c": 9223372036854775808}', '{"a": "2", "state": [1]}', '{"c": null}')

    columns = result_columns([row(reply, number) for number, reply in enumerate(replies, 1)], {})

    assert columns["a"] == ["1", "2", None]
    assert columns["b"] == ["x", None, None]
    assert columns["c"] == ["9223372036854775808", None, None]
    assert columns["reply.state"] == [None, "[1]", None]
    assert "reply" not in columns


def test_escapes_cells_that_a_spreadsheet_would_run() -> None:
    columns = result_columns([row("=1+1")], {1: {"input": "@x"}})

    assert (columns["reply"], columns["request"]) == (["'=1+1"], ["'@x"])


def test_shortens_long_texts() -> None:
    (cell,) = result_columns([row("x" * 9_000)], {})["reply"]

    assert len(cell) == 500
    assert cell.endswith("…")
