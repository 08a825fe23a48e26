"""A stored response is continued by its id; else the whole conversation is sent."""

from typing import Any

import pytest

from core.runs.run import RunState
from tests.servers import event_stream, http_response, in_sequence
from tests.unit.responses.test_call import PARAMS, WHOLE, message, run_call, snapshot

CONTINUED = {**PARAMS, "previous_response_id": "resp_0", "input": "And then?"}
WHOLE_INPUT = [{"role": "user", "content": "Hello"}, {"role": "user", "content": "And then?"}]


async def test_sends_the_whole_conversation_after_the_previous_response_is_gone() -> None:
    error = {
        "message": "Previous response with id 'resp_0' not found.",
        "type": "invalid_request_error",
        "param": "previous_response_id",
        "code": "previous_response_not_found",
    }
    requests: list[Any] = []
    responses = in_sequence(http_response({"error": error}, 400), event_stream(*WHOLE))
    run = await run_call(responses, CONTINUED, WHOLE_INPUT, requests)

    assert (run.state, run.text) == (RunState.DONE, "Hello!")
    assert "no longer has the previous response" in run.note
    assert requests[0]["previous_response_id"] == "resp_0"
    assert "previous_response_id" not in requests[1]
    assert requests[1]["input"] == run.params["input"] == WHOLE_INPUT


NOT_FOUND = {
    "message": "Response with id 'resp_0' not found.",
    "type": "invalid_request_error",
    "param": "response_id",
    "code": 404,
}
NOT_SUPPORTED = {
    "message": "llama.cpp does not support 'previous_response_id'.",
    "type": "invalid_request_error",
    "code": 400,
}
MALFORMED = {"message": "Expected an ID that begins with 'resp'.", "param": "previous_response_id"}


@pytest.mark.parametrize(
    ("status", "error", "note"),
    [
        pytest.param(404, NOT_FOUND, "no longer has the previous response", id="vLLM"),
        pytest.param(400, NOT_SUPPORTED, "does not accept previous_response_id", id="llama.cpp"),
        pytest.param(400, MALFORMED, "does not accept previous_response_id", id="parameter named"),
    ],
)
async def test_sends_the_whole_conversation_whatever_the_error_of_the_previous_response(
    status: int, error: dict[str, Any], note: str
) -> None:
    requests: list[Any] = []
    responses = in_sequence(http_response({"error": error}, status), event_stream(*WHOLE))
    run = await run_call(responses, CONTINUED, WHOLE_INPUT, requests)

    assert (run.state, run.text) == (RunState.DONE, "Hello!")
    assert note in run.note
    assert [request["input"] for request in requests] == ["And then?", WHOLE_INPUT]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"message": "Unknown parameter: 'verbosity'.", "param": "verbosity"}),
        (404, {"message": "The model 'x' does not exist.", "code": "model_not_found"}),
    ],
)
async def test_does_not_repeat_a_request_that_fails_for_another_reason(
    status: int, error: dict[str, Any]
) -> None:
    requests: list[Any] = []
    run = await run_call(http_response({"error": error}, status), CONTINUED, WHOLE_INPUT, requests)

    assert (run.state, run.note, len(requests)) == (RunState.FAILED, "", 1)


async def test_sends_the_whole_conversation_to_a_server_that_ignores_the_previous_response() -> None:
    requests: list[Any] = []
    run = await run_call(event_stream(*WHOLE), CONTINUED, WHOLE_INPUT, requests)

    assert (run.state, run.text) == (RunState.DONE, "Hello!")
    assert "ignores previous_response_id" in run.note
    assert [request["input"] for request in requests] == ["And then?", WHOLE_INPUT]


async def test_continues_the_previous_response_in_one_request() -> None:
    echoed = {"previous_response_id": "resp_0"}
    events = [{"type": "response.created", "response": snapshot(**echoed)}, *WHOLE[1:-1]]
    events.append(
        {"type": "response.completed", "response": snapshot("completed", [message("Hello!")], **echoed)}
    )
    requests: list[Any] = []
    run = await run_call(event_stream(*events), CONTINUED, WHOLE_INPUT, requests)

    assert (run.state, run.note, len(requests)) == (RunState.DONE, "", 1)
