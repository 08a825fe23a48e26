"""A reply that never ends is closed at the size limit, and what cannot be stored is replaced or left out."""

import threading
from typing import Any

import pytest

from core.http.limits import MAX_BODY_BYTES, MAX_STREAM_BYTES
from core.json_values import parse_json
from core.redaction import REDACTED, register_key
from core.runs.run import RunState, from_json, to_json
from tests.servers import ConnectionFault, StubResponse, chunk, event_stream, http_response
from tests.unit.completions.test_call import run_stub_call

STREAM = event_stream(done=False)[0]
KEY = "sk-test-echoed-0123456789abcdef"


def unending(data: bytes, size: int) -> StubResponse:
    """Repeat *data* to a little more than *size* bytes, then send nothing and keep the connection open."""
    block = data * max(1, 1_000_000 // len(data))
    return (STREAM, *[block] * (size // len(block) + 2), ConnectionFault.HANG)


@pytest.mark.parametrize(
    "response",
    [
        unending(b"x", MAX_STREAM_BYTES),
        unending(b": keep-alive\n", MAX_STREAM_BYTES),
        unending(b"data: {}\n\n", 5_000_000),
        (
            http_response(b"", content_length="99999999999")[0],
            *[b" " * 1_000_000] * (MAX_BODY_BYTES // 10**6 + 2),
            ConnectionFault.HANG,
        ),
    ],
    ids=["one line", "comments", "empty chunks", "one JSON body"],
)
async def test_closes_a_reply_that_never_ends(response: StubResponse) -> None:
    run = await run_stub_call(response, timeout=100)

    assert run.state is RunState.FAILED
    assert run.error
    assert run.error.title == "The reply exceeds the size limit"


async def test_parses_a_large_event_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()

    def parse(text: str) -> Any:
        threads.add((len(text) > 1_000_000, threading.current_thread() is threading.main_thread()))
        return parse_json(text)

    monkeypatch.setattr("core.generation.call.parse_json", parse)
    run = await run_stub_call(event_stream(chunk("a" * 1_000_000), chunk("b", "stop")))

    assert run.text == "a" * 1_000_000 + "b"
    assert threads == {(True, False), (False, True)}


async def test_offers_a_retry_of_a_stream_that_is_not_utf_8() -> None:
    run = await run_stub_call((STREAM, event_stream(chunk("Hi"), done=False)[1], b"data: \xff\n\n"))

    assert (run.state, run.text) == (RunState.FAILED, "Hi")
    assert run.error
    assert (run.error.title, run.error.retryable) == ("The server sent text that is not UTF-8", True)


async def test_does_not_wait_for_the_connection_to_close_after_a_complete_reply() -> None:
    response = event_stream(chunk("all"), chunk(finish_reason="stop"))

    run = await run_stub_call((*response, ConnectionFault.HANG), timeout=20)

    # The connection stays open: waiting would end in a timeout, and the run as interrupted.
    assert (run.state, run.text) == (RunState.DONE, "all")


async def test_redacts_a_key_that_is_split_over_two_chunks() -> None:
    register_key(KEY)
    half = len(KEY) // 2
    stream = event_stream(
        chunk(f"your key {KEY[:half]}"), chunk(f"{KEY[half:]}."), chunk(finish_reason="stop")
    )
    head = stream[0]
    assert isinstance(head, bytes)

    run = await run_stub_call(
        (head.replace(b"\r\n\r\n", b"\r\nx-request-id: " + KEY.encode() + b"\r\n\r\n"), *stream[1:])
    )

    assert run.text == f"your key {REDACTED}."
    assert run.request_id == REDACTED
    assert KEY not in repr(run)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (r'{"choices":[{"delta":{"content":"a\ud83d"},"finish_reason":"stop"}],"model":"m\ud83d"}', "a"),
        (r'{"choices":[{"delta":{"content":"\ude00a"},"finish_reason":"stop"}],"x":NaN}', "\ufffda"),
        (r'{"choices":[{"delta":{"reasoning":"\ude00","content":"a"},"finish_reason":"stop"}]}', "a"),
    ],
    ids=["text and model", "NaN", "reasoning"],
)
async def test_stores_a_reply_with_half_a_surrogate_pair(event: str, text: str) -> None:
    run = await run_stub_call(event_stream(f"data: {event}\n\n"))

    assert (run.state, run.text) == (RunState.DONE, text)
    assert from_json(to_json(run)).response == run.response


async def test_stores_as_many_choices_as_requested() -> None:
    choices = [{"index": index, "delta": {"content": "x"}} for index in range(20_000)]
    run = await run_stub_call(
        event_stream(*({"choices": choices[at : at + 100]} for at in range(0, 20_000, 100)))
    )

    assert run.text == "x"
    assert run.response
    assert len(run.response["choices"]) == 1
