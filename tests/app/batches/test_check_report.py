"""The report of a check with more findings than a page of its table."""

from openai import OpenAI

from tests.app.batches.conftest import check, press, text
from tests.app.batches.test_new_batch import chat_line, upload_requests
from tests.app.conftest import OpenPage


def test_lists_all_findings_by_line_a_page_at_a_time(open_page: OpenPage, client: OpenAI) -> None:
    assert client
    app = press(open_page("batches"), "New batch")

    check(upload_requests(app, *(chat_line(f"row-{number}", method="GET") for number in range(250))))

    assert "250 findings" in text(app)
    table = app.dataframe[0].value
    assert list(table["line"]) == list(range(1, 101))
