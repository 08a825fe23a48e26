"""Requests that are not valid JSON, or have an unknown path or method."""

import json

import httpx2
import pytest

from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES, user_message


def test_treats_a_null_parameter_as_omitted(http_client: httpx2.Client) -> None:
    body = {"model": CHAT_MODEL, "messages": HI_MESSAGES, "temperature": None, "stop": None, "n": None}
    assert http_client.post("/v1/chat/completions", json=body).status_code == 200


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff", b"[" * 100_000], ids=["truncated", "empty", "bytes", "deeply nested"]
)
def test_rejects_a_body_that_is_not_json(http_client: httpx2.Client, body: bytes) -> None:
    response = http_client.post(
        "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == 400
    assert "could not parse the JSON body" in response.json()["error"]["message"]


@pytest.mark.parametrize("body", ["[]", "3", '"x"', "null"])
def test_rejects_a_body_that_is_not_an_object(http_client: httpx2.Client, body: str) -> None:
    response = http_client.post(
        "/v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_type")


def test_handles_lone_surrogates(http_client: httpx2.Client) -> None:
    bodies = [
        {"model": "\ud83d"},
        {"model": CHAT_MODEL, "messages": HI_MESSAGES, "\ud83d": 1},
        {"model": CHAT_MODEL, **user_message("\ud83d")},
    ]
    responses = [
        http_client.post(
            "/v1/chat/completions", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        for body in bodies
    ]
    assert [response.status_code for response in responses] == [400, 400, 200]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/audio/speech", 404),
        ("GET", "/", 404),
        ("GET", "/v1/embeddings", 405),
        ("DELETE", "/v1/models", 405),
    ],
)
def test_answers_unknown_paths_and_methods_with_an_error_object(
    http_client: httpx2.Client, method: str, path: str, status: int
) -> None:
    response = http_client.request(method, path)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
