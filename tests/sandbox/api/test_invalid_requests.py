"""What the sandbox says to bodies, paths and methods that are no request of the API."""

import json

import httpx2
import pytest

from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES, user_message


def test_takes_a_null_for_a_parameter_left_out(http: httpx2.Client) -> None:
    body = {"model": CHAT_MODEL, "messages": HI_MESSAGES, "temperature": None, "stop": None, "n": None}
    assert http.post("/v1/chat/completions", json=body).status_code == 200


@pytest.mark.parametrize("body", [b"{", b"", b"\xff", b"[" * 100_000], ids=["cut", "empty", "bytes", "deep"])
def test_says_so_when_a_body_is_not_json(http: httpx2.Client, body: bytes) -> None:
    reply = http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 400
    assert "could not parse the JSON body" in reply.json()["error"]["message"]


@pytest.mark.parametrize("body", ["[]", "3", '"x"', "null"])
def test_says_so_when_a_body_is_no_object(http: httpx2.Client, body: str) -> None:
    reply = http.post("/v1/chat/completions", content=body, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_type")


def test_survives_half_a_surrogate_pair(http: httpx2.Client) -> None:
    bodies = [
        {"model": "\ud83d"},
        {"model": CHAT_MODEL, "messages": HI_MESSAGES, "\ud83d": 1},
        {"model": CHAT_MODEL, **user_message("\ud83d")},
    ]
    replies = [
        http.post(
            "/v1/chat/completions", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        for body in bodies
    ]
    assert [reply.status_code for reply in replies] == [400, 400, 200]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("POST", "/v1/audio/speech", 404),
        ("GET", "/", 404),
        ("GET", "/v1/chat/completions", 405),
        ("DELETE", "/v1/models", 405),
    ],
)
def test_answers_other_paths_and_methods_with_an_envelope(
    http: httpx2.Client, method: str, path: str, status: int
) -> None:
    reply = http.request(method, path)
    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
