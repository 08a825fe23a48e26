"""The text of an error is a server's: searching it takes linear time, and it can be stored."""

import time
from typing import Any

import httpx2
import openai
import pytest

from core.errors.explain import explain
from core.errors.response import parse_error
from core.errors.types import StreamError
from tests.servers import event_stream
from tests.unit.completions.test_call import run_stub_call

SIZE = 1_000_000
# Texts for which a search that repeats from every position takes minutes, even at a fifth of this size.
PATTERNS = [
    "exceed ",
    "exceeds n_ct",
    "<html><title ",
    "<title>&nbsp;",
    "<!--",
    "<![",
    "<?",
    "</script",
    "<script>",
    "<a b='",
    "&",
    "model ",
    "authorization: basic ",
    'bearer "authorization" : ',
    "api_key=",
    "sk-",
    "://",
    "?key=&",
    " ",
    "***",
]
# Seconds of processor time. Linear searches take a few milliseconds.
LIMIT = 2.0


def rejected(body: object) -> openai.BadRequestError:
    response = httpx2.Response(400, request=httpx2.Request("POST", "http://h/v1"))
    return openai.BadRequestError("Error code: 400", response=response, body=body)


@pytest.mark.parametrize("pattern", PATTERNS, ids=repr)
def test_takes_linear_time_for_any_text(pattern: str) -> None:
    text = pattern * (SIZE // len(pattern))
    shapes: list[Exception] = [
        StreamError(text),
        *map(rejected, (text, f"<html>{text}", {"message": text}, {"detail": [{"msg": text}] * 9})),
    ]

    start = time.thread_time()
    for shape in shapes:
        assert len(explain(shape, base_url="http://h").detail) <= 300

    assert time.thread_time() - start < LIMIT


async def test_takes_linear_time_for_an_error_event() -> None:
    start = time.thread_time()
    run = await run_stub_call(
        event_stream({"error": {"message": "exceed " * (SIZE // 7), "code": "x" * SIZE}})
    )

    assert run.error
    assert run.error.detail.startswith("exceed exceed")
    assert time.thread_time() - start < LIMIT


@pytest.mark.parametrize("name", ["error", "message", "detail"])
def test_reads_a_deeply_nested_body(name: str) -> None:
    body: Any = "deep"
    for _ in range(5_000):
        body = {name: body}

    assert parse_error(rejected(body)).status == 400


def test_shows_half_a_surrogate_pair_as_a_replacement_character() -> None:
    explanation = explain(rejected({"message": "bad \ud83d emoji", "code": "\ude00"}))

    assert explanation.detail == "bad \N{REPLACEMENT CHARACTER} emoji"
    assert explanation.code == "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("has_text", [True, False])
def test_says_that_text_is_kept_only_if_there_is_some(has_text: bool) -> None:
    hint = explain(httpx2.RemoteProtocolError("peer closed"), has_text=has_text).hint

    assert hint == ("The text received so far is kept. Try again." if has_text else "Try again.")


def test_offers_a_retry_of_a_reply_that_is_not_utf_8() -> None:
    explanation = explain(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"))

    assert explanation.retryable
    assert explanation.hint == "Try again."
