"""Batches of requests to other endpoints than Chat Completions, made from a template."""

import pytest
from openai import OpenAI

from tests.app.batches.conftest import check, finish, press, text
from tests.app.batches.test_new_batch import choose, input_lines, records
from tests.app.conftest import OpenPage


@pytest.mark.parametrize(
    ("endpoint", "option", "url", "limit"),
    [
        ("Embeddings", "dimensions", "/v1/embeddings", {"dimensions": 256}),
        ("Responses", "max_tokens", "/v1/responses", {"max_output_tokens": 2_000}),
    ],
)
def test_submits_requests_to_an_endpoint(
    open_page: OpenPage, client: OpenAI, endpoint: str, option: str, url: str, limit: dict[str, int]
) -> None:
    assert client
    app = press(open_page("batches"), "New batch")
    choose(app, "batches.new.endpoint", endpoint)
    app.number_input(key=f"batches.new.{option}").set_value(*limit.values()).run()

    check(app)
    finish(press(app, "Submit batch"))

    (record,) = records()
    assert record.endpoint == url
    bodies = [line["body"] for line in input_lines(record)]
    assert all(limit.items() <= body.items() for body in bodies)
    results = app.dataframe[0].value
    assert list(results["request"]) == [body["input"] for body in bodies]
    assert all(results["reply"])
    assert "6 of 6 succeeded" in text(app)
