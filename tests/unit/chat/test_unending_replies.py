"""A reply that never ends is closed and said to be; one that is done is not waited for."""

import pytest

from core.client.response_body import MAX_BODY_BYTES, MAX_STREAM_BYTES
from core.redaction import REDACTED, register_key
from core.runs.run import RunState
from tests.servers import ConnectionFault, StubResponse, chunk, event_stream, http_response
from tests.unit.chat.test_completion import quirky

STREAM = event_stream(done=False)[0]
KEY = "sk-test-echoed-0123456789abcdef"


def endless(piece: bytes, size: int) -> StubResponse:
    """A body of *piece* over and over, a little longer than *size*, after which the server falls silent."""
    block = piece * max(1, 1_000_000 // len(piece))
    return (STREAM, *[block] * (size // len(block) + 2), ConnectionFault.HANG)


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"x", MAX_STREAM_BYTES),
        endless(b": still here\n", MAX_STREAM_BYTES),
        endless(b"data: {}\n\n", 5_000_000),
        (
            http_response(b"", content_length="99999999999")[0],
            *[b" " * 1_000_000] * (MAX_BODY_BYTES // 10**6 + 2),
            ConnectionFault.HANG,
        ),
    ],
    ids=["one line", "comments", "empty chunks", "one JSON body"],
)
async def test_closes_a_reply_that_never_ends(answer: StubResponse) -> None:
    run = await quirky(answer, timeout=20)

    assert run.state is RunState.FAILED
    assert run.error
    assert run.error.title == "The reply never ended"


async def test_does_not_wait_for_the_connection_to_close_once_the_reply_is_done() -> None:
    answer = event_stream(chunk("all"), chunk(finish_reason="stop"))

    run = await quirky((*answer, ConnectionFault.HANG), timeout=20)

    assert (run.state, run.text) == (RunState.DONE, "all")
    assert run.total
    assert run.total < 5


async def test_keeps_a_key_that_comes_back_in_pieces_out_of_the_record() -> None:
    register_key(KEY)
    half = len(KEY) // 2
    stream = event_stream(
        chunk(f"your key {KEY[:half]}"), chunk(f"{KEY[half:]}."), chunk(finish_reason="stop")
    )
    head = stream[0]
    assert isinstance(head, bytes)

    run = await quirky(
        (head.replace(b"\r\n\r\n", b"\r\nx-request-id: " + KEY.encode() + b"\r\n\r\n"), *stream[1:])
    )

    assert run.text == f"your key {REDACTED}."
    assert run.request_id == REDACTED
    assert KEY not in repr(run)
