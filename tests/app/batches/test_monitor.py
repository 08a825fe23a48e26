"""Batches in the list and one by one: what they say of their outcome, and what can be done with them."""

from collections.abc import Callable

import pytest
from openai import OpenAI
from streamlit.testing.v1 import AppTest

from components.batches.repositories import batch_repository
from components.runtime import resources
from core.batches.batch import RequestCounts
from tests.app.batches.conftest import MakeBatch, finish, labels, press, row, text
from tests.app.conftest import OpenPage

OpenBatch = Callable[[str], AppTest]


@pytest.mark.parametrize(
    ("outcome", "badge"),
    [
        ("", ":green-badge[:material/check: 10 of 10 succeeded]"),
        ("lines-fail", ":orange-badge[:material/warning: 8 of 10 succeeded]"),
        ("all-fail", ":red-badge[:material/error: All 10 requests failed]"),
        ("fail-validation", ":red-badge[:material/error: The input file was rejected]"),
        ("expire", ":orange-badge[:material/warning: Expired\\: 5 of 10 succeeded]"),
    ],
)
def test_is_green_only_if_every_request_succeeded(
    open_page: OpenPage, make_batch: MakeBatch, outcome: str, badge: str
) -> None:
    make_batch(headers={"outcome": outcome})

    app = finish(open_page("batches"))

    assert badge in row(app, "Reviews").label
    assert any("made elsewhere" in label for label in labels(app))


def test_submits_the_example_with_one_click_and_loads_its_results(
    open_page: OpenPage, client: OpenAI
) -> None:
    app = open_page("batches")

    finish(press(app, "Submit example"))

    assert "100 of 100 succeeded" in text(app)
    assert "All 100" in str(app.segmented_control[0].options)
    assert "List price $" in text(app)
    assert ", saves $" in text(app)
    assert len(client.batches.list().data) == 1
    finish(press(app, "All batches"))
    assert any("list price $" in label for label in labels(app))


def test_shows_the_errors_of_a_rejected_file_by_line(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(headers={"outcome": "fail-validation"})

    app = open_batch("Reviews")

    errors = app.dataframe[0].value
    assert list(errors["line"]) == ["1"]
    assert list(errors["code"]) == ["invalid_json_line"]
    assert not any(label.startswith("Retry") for label in labels(app))


def test_cancels_a_batch(open_page: OpenPage, make_batch: MakeBatch) -> None:
    make_batch(100, headers={"speed": "1"})
    app = row(open_page("batches"), "Reviews").click().run()
    assert "Validating" in text(app)

    finish(press(app, "Cancel this batch"))

    assert "Cancelled" in text(app)
    assert "Cancel this batch" not in labels(app)


def test_retries_only_the_requests_that_failed(make_batch: MakeBatch, open_batch: OpenBatch) -> None:
    make_batch(headers={"outcome": "lines-fail"})
    app = open_batch("Reviews")

    finish(press(app, "Retry 2 requests"))

    assert "2 of 2 succeeded" in text(app)
    parent, child = sorted(batch_repository().list(), key=lambda record: record.lines, reverse=True)
    assert (child.parent_id, child.results) == (parent.id, RequestCounts(2, 2, 0))
    retry_of = next(button for button in app.button if button.label.startswith("Retry of **Reviews**"))
    finish(retry_of.click().run())
    assert "8 of 10 succeeded" in text(app)
    assert any(label.startswith("Retried as **Reviews (retry 1)**") for label in labels(app))
    assert not any(label.startswith("Retry 2 requests") for label in labels(app))
    press(app, "Open retry")
    assert "2 of 2 succeeded" in text(finish(app))


def test_asks_the_server_only_while_a_batch_is_active(open_page: OpenPage, make_batch: MakeBatch) -> None:
    make_batch()
    app = finish(open_page("batches"))

    make_batch(title="Later")
    app.run()
    assert not any("Later" in label for label in labels(app))

    finish(press(app, "Refresh"))
    assert "10 of 10 succeeded" in row(app, "Later").label


def test_says_that_a_batch_in_the_url_was_deleted(open_page: OpenPage) -> None:
    app = open_page("batches", batch="0" * 32)

    assert [toast.value for toast in app.toast] == ["This batch was deleted."]
    assert "batch" not in app.query_params


def test_keeps_a_batch_that_is_no_longer_on_the_server(open_page: OpenPage, make_batch: MakeBatch) -> None:
    make_batch(headers={"speed": "0.01"})
    open_page("batches")
    resources.sandbox().reset()

    app = finish(open_page("batches"))

    assert "No longer on the server" in row(app, "Reviews").label
    finish(row(app, "Reviews").click().run())
    press(app, "Delete this batch")
    assert batch_repository().list() == []


def test_deletes_the_files_of_a_batch_and_keeps_the_results(
    client: OpenAI, make_batch: MakeBatch, open_batch: OpenBatch
) -> None:
    make_batch()
    app = open_batch("Reviews")
    assert len(client.files.list().data) == 2

    press(app, "Delete 2 files on the server")

    assert client.files.list().data == []
    assert "10 of 10 succeeded" in text(app)
