"""Every exception is explained: each class of the SDK, each HTTP status, each class of this app."""

import asyncio
import json
import logging
import subprocess
import sys

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import _exceptions as sdk

from core.errors.explain import explain
from core.errors.groups import EXPECTED_ERRORS
from core.errors.messages import BY_CLASS, BY_CODE, BY_STATUS, text_for_class
from core.errors.response import parse_error, parse_retry_after
from core.errors.types import MalformedEvent, NotOpenAICompatible, PlaygroundError, StreamError

SDK_ERRORS = [
    error
    for error in vars(sdk).values()
    if isinstance(error, type) and issubclass(error, Exception) and error.__module__ == sdk.__name__
]


@pytest.mark.parametrize("error", SDK_ERRORS, ids=lambda error: error.__name__)
def test_has_a_text_for_every_error_of_the_sdk(error: type[Exception]) -> None:
    """An upgrade of the SDK that adds an error class fails this test instead of showing no hint to a user."""
    assert error in BY_CLASS
    assert issubclass(error, EXPECTED_ERRORS)
    assert all(text_for_class(error) or ())


@pytest.mark.parametrize("status", range(400, 600))
def test_explains_every_status(status: int) -> None:
    explanation = explain(status_error(status))

    assert explanation.title
    assert explanation.hint
    assert explanation.status == status
    assert explanation.retryable is (status in (408, 409, 429) or status >= 500)


def test_does_not_explain_a_timeout_of_the_server_as_one_of_this_app() -> None:
    explanation = explain(status_error(408))

    assert explanation.title == "The server reported a timeout"
    assert "read timeout" not in explanation.hint


def test_ends_no_title_with_a_full_stop() -> None:
    assert (
        explain(PlaygroundError("The file is not text.", "Choose a text file.")).title
        == "The file is not text"
    )


SYNC_CLIENT = openai.OpenAI(api_key="x", base_url="http://127.0.0.1/v1")


def status_error(status: int, body: object = None, **headers: str) -> openai.APIStatusError:
    request = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
    response = httpx2.Response(status, json=body, headers=headers, request=request)
    return SYNC_CLIENT._make_status_error_from_response(response)


@given(
    body=st.recursive(
        st.none() | st.text() | st.integers() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["error", "detail", "message", "code", "param", "type"]), inner)
        ),
        max_leaves=8,
    ),
    status=st.sampled_from([400, 404, 429, 500]),
)
def test_explains_any_body_within_three_hundred_characters(body: object, status: int) -> None:
    exc = sdk.APIStatusError("x", response=httpx2.Response(status, request=REQUEST), body=body)

    explanation = explain(exc)

    assert explanation.title
    assert all(len(text) <= 300 for text in (explanation.title, explanation.hint, explanation.detail))


REQUEST = httpx2.Request("GET", "http://127.0.0.1/v1")


async def test_explains_a_key_with_invalid_characters_without_quoting_it() -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        "ключ-Ab3dEf6h".encode("ascii")

    explanation = explain(caught.value)

    assert "Paste it again" in explanation.hint
    assert "Ab3d" not in str(explanation)


@pytest.mark.parametrize(
    ("exc", "title", "hint"),
    [
        (PlaygroundError("Broken", "Repair it"), "Broken", "Repair it"),
        (NotOpenAICompatible("A page was sent"), "A page was sent", "Check the base URL http://h/v1"),
        (MalformedEvent(""), "The stream is malformed", "Try again"),
        (StreamError("boom", code="insufficient_quota"), "Quota exceeded", "The account has no"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_shows_the_message_of_an_error_of_this_app_unchanged(
    exc: PlaygroundError, title: str, hint: str
) -> None:
    explanation = explain(exc, base_url="http://h/v1")

    assert explanation.title == title
    assert explanation.hint.startswith(hint)


def test_derives_the_code_of_an_error_event_from_its_message() -> None:
    explanation = explain(StreamError("the request exceeds the available context size", code="400"))

    assert explanation.title == "The request is too long for this model"
    assert explanation.detail == "the request exceeds the available context size"
    assert not explanation.retryable


def test_logs_an_unexpected_error_under_the_id_that_the_hint_quotes(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        explanation = explain(KeyError("internal text"))

    assert explanation.title == "Something went wrong in the app"
    assert caplog.records[0].getMessage().split()[-1] in explanation.hint
    assert "internal text" not in str(explanation)


@pytest.mark.parametrize("exc", [KeyError(), AttributeError(), asyncio.CancelledError()], ids=repr)
def test_expects_no_bug_and_no_cancellation(exc: BaseException) -> None:
    assert not isinstance(exc, EXPECTED_ERRORS)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
    ids=lambda value: json.dumps(value),
)
def test_parses_the_headers_that_ask_for_a_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, now=10.0) == seconds


def test_parses_an_exception_without_a_response() -> None:
    assert parse_error(ValueError("x")).status is None


@pytest.mark.parametrize(
    "text", [*BY_CLASS.values(), *BY_CODE.values(), *BY_STATUS.values()], ids=lambda text: text[0]
)
def test_ends_each_hint_with_a_full_stop_and_no_title(text: tuple[str, str]) -> None:
    title, hint = text

    assert not title.endswith(".")
    assert not hint or hint.endswith((".", "/v1."))


def test_does_not_load_the_sdk_before_an_error_is_explained() -> None:
    code = "import sys, core.errors.explain, core.client.retry, core.client.client; "
    code += "assert 'openai' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)
