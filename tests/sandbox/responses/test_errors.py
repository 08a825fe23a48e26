"""What the Responses API refuses: message, parameter, code, and which mistake is reported first."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.responses.invalid_input import INVALID_INPUT, MISSING
from tests.sandbox.responses.invalid_values import INVALID_VALUES

ROWS = (*INVALID_INPUT, *INVALID_VALUES)


def refuse(http_client: httpx2.Client, params: dict[str, Any]) -> httpx2.Response:
    body = {"model": CHAT_MODEL, "input": "hello", **params}
    response = http_client.post("/v1/responses", json=body)
    assert response.status_code in (400, 404), response.text
    return response


@pytest.mark.parametrize(
    ("params", "param", "code", "text"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_refuses(
    http_client: httpx2.Client, params: dict[str, Any], param: str | None, code: str | None, text: str
) -> None:
    error = refuse(http_client, params).json()["error"]

    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert text in error["message"]


def test_requires_a_model(http_client: httpx2.Client) -> None:
    response = http_client.post("/v1/responses", json={"input": "hello"})

    assert response.json()["error"] == {
        "message": "Missing required parameter: 'model'.",
        "type": "invalid_request_error",
        "param": "model",
        "code": MISSING,
    }


@pytest.mark.parametrize(
    "params",
    [{"conversation": {"id": "conv_x"}}, {"prompt": {"id": "pmpt_x"}}, {"input": [{"id": "msg_x"}]}],
)
def test_answers_404_for_what_it_does_not_have(http_client: httpx2.Client, params: dict[str, Any]) -> None:
    assert refuse(http_client, params).status_code == 404


# Of these mistakes each is reported before those after it.
ORDER: list[tuple[str, dict[str, Any]]] = [
    ("model", {"model": "x"}),
    ("bogus", {"bogus": 1}),
    ("input[0].content", {"input": [{"role": "user", "content": 5}]}),
    ("truncation", {"truncation": "bogus"}),
    ("previous_response_id", {"previous_response_id": "resp_x"}),
    ("temperature", {"temperature": 0.3}),
]


@pytest.mark.parametrize("count", range(len(ORDER), 0, -1))
def test_checks_in_the_order_of_the_api(http_client: httpx2.Client, count: int) -> None:
    mistakes = ORDER[-count:]
    params: dict[str, Any] = {"model": REASONING_MODEL}
    for _, mistake in reversed(mistakes):
        params |= mistake

    assert refuse(http_client, params).json()["error"]["param"] == mistakes[0][0]


def test_refuses_a_stream_without_a_stream(http_client: httpx2.Client) -> None:
    response = refuse(http_client, {"stream": True, "input": 5})

    assert response.headers["content-type"] == "application/json"
