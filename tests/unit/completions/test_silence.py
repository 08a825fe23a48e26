"""A reply times out if no content arrives, whatever else the server sends."""

import pytest

from core.runs.run import RunState
from tests.servers import Repeat, StubResponse, chunk, event_stream, http_response
from tests.unit.completions.test_call import run_stub_call

TIMEOUT = 0.5
HEAD = event_stream(done=False)[0]
JSON_HEAD = http_response(b"", content_type="application/json", content_length="100000")[0]


def event(text: str) -> bytes:
    data = event_stream(chunk(text), done=False)[1]
    assert isinstance(data, bytes)
    return data


@pytest.mark.parametrize(
    "response",
    [
        (HEAD, Repeat(b": keep-alive\n", 0.05)),
        (HEAD, Repeat(b"data: {}\n\n", 0.05)),
        (HEAD, Repeat(event(""), 0.05)),
        (HEAD, b'data: {"choices":', Repeat(b" ", 0.05)),
        (JSON_HEAD, Repeat(b"\n", 0.05)),
        (JSON_HEAD, b'{"choices":"', Repeat(b"x", 0.05)),
        (b"HTTP/1.1 200 OK\r\nx-long: ", Repeat(b"x", 0.05)),
    ],
    ids=[
        "comments",
        "empty chunks",
        "empty texts",
        "a byte of a line",
        "blanks",
        "bytes of a body",
        "headers",
    ],
)
async def test_times_out_without_content(response: StubResponse) -> None:
    run = await run_stub_call(response, timeout=TIMEOUT)

    assert run.error
    assert run.error.title == "The request timed out"
    assert "comments and single bytes do not count" in run.error.hint
    assert "received so far" not in run.error.hint


async def test_keeps_what_arrived_before_the_silence() -> None:
    run = await run_stub_call((HEAD, event("Hello"), Repeat(b": keep-alive\n", 0.05)), timeout=TIMEOUT)

    assert (run.state, run.text) == (RunState.INTERRUPTED, "Hello")
    assert run.error
    assert run.error.hint.startswith("The text received so far is kept.")


async def test_waits_for_a_slow_reply_with_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.generation.call.MAX_EVENTS", 12)  # how this reply ends

    run = await run_stub_call((HEAD, Repeat(event("x"), 0.1)), timeout=TIMEOUT)

    assert len(run.text) > 10
    assert run.error
    assert run.error.title == "The reply exceeds the size limit"
