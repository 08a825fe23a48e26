"""One rule decides which base URL lacks its version, and which has the path of an endpoint too much."""

import httpx2
import openai
import pytest

from core.base_url import with_version, without_endpoint
from core.errors.explain import explain

VERSIONED = [
    ("http://h:1", "http://h:1/v1"),
    ("http://h:1/", "http://h:1/v1"),
    ("http://h:1/v1", None),
    ("http://h:1/v1/", None),
    ("http://h/openai/v1", None),
    ("http://h/api/v3beta/x", None),
    ("http://h/api", "http://h/api/v1"),
    ("https://generativelanguage.googleapis.com/v1beta/openai", None),
    ("https://gateway.example/v1/acct/x/openai", None),
    ("https://v1.example.org/api", "https://v1.example.org/api/v1"),
]


@pytest.mark.parametrize(("url", "versioned"), VERSIONED)
def test_adds_the_version_that_most_servers_expect(url: str, versioned: str | None) -> None:
    assert with_version(url) == versioned


@pytest.mark.parametrize(
    ("url", "shorter"),
    [
        ("http://h/v1/chat/completions", "http://h/v1"),
        ("http://h/v1/chat", "http://h/v1"),
        ("http://h/v1/models/", "http://h/v1"),
        ("http://h/embeddings", "http://h"),
        ("http://h/v1", None),
        ("http://h/v1beta/openai", None),
        ("http://h/v1/acct/x/openai", None),
    ],
)
def test_removes_the_path_of_an_endpoint_only(url: str, shorter: str | None) -> None:
    assert without_endpoint(url) == shorter


@pytest.mark.parametrize(("url", "versioned"), VERSIONED)
def test_decides_the_hint_for_a_path_that_is_not_found(url: str, versioned: str | None) -> None:
    explanation = explain(not_found({"detail": "Not Found"}), base_url=url)

    assert ("Try " in explanation.hint) is (versioned is not None)
    assert versioned is None or f"Try {versioned} as" in explanation.hint


def test_suggests_no_version_to_a_server_that_knows_the_path() -> None:
    body = {"error": {"message": "No fixture matched", "type": "x", "code": "no_fixture_match"}}

    explanation = explain(not_found(body), base_url="http://h")

    assert "/v1" not in explanation.hint
    assert explanation.detail == "No fixture matched"


def not_found(body: object) -> openai.APIStatusError:
    request = httpx2.Request("POST", "http://h/chat/completions")
    return openai.NotFoundError("Error code: 404", response=httpx2.Response(404, request=request), body=body)
