"""Lines of the output file of a batch, by the API of their requests."""

from typing import Any

import pytest

from core.batches.results.result_lines import ResultState, parse_result

REASONING = {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "Hm"}]}


def message(kind: str, text: str, phase: str | None = None) -> dict[str, Any]:
    content = {"type": kind, kind.removeprefix("output_"): text}
    return {"type": "message", "role": "assistant", "phase": phase, "content": [content]}


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ([message("output_text", "비")], "비"),
        ([REASONING, message("output_text", "비"), message("output_text", " 눈")], "비 눈"),
        (
            [message("output_text", "I look", "commentary"), message("output_text", "{}", "final_answer")],
            "{}",
        ),
        ([message("refusal", "I cannot")], "I cannot"),
        ([REASONING], ""),
        ([{"type": "message", "content": None}, None, 5], ""),
        (None, ""),
    ],
)
def test_reads_the_answer_in_a_response(output: Any, text: str) -> None:
    usage = {"input_tokens": 5, "output_tokens": 2}
    body = {"object": "response", "status": "completed", "error": None, "output": output, "usage": usage}
    result = parse_result({"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None})

    assert (result.state, result.text) == (ResultState.SUCCEEDED, text)
    assert result.usage
    assert result.usage.total_tokens == 7


def test_reads_the_error_of_a_response_that_failed() -> None:
    error = {"code": "server_error", "message": "Overloaded"}
    body: dict[str, Any] = {
        "object": "response",
        "status": "failed",
        "error": error,
        "output": [],
        "usage": None,
    }
    result = parse_result({"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None})

    assert result.state is ResultState.FAILED
    assert (result.error_code, result.error_message) == ("server_error", "Overloaded")


def completion(text: str, finish_reason: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"content": text}, "finish_reason": finish_reason}
    return {"object": "chat.completion", "choices": [choice]}


def response(output: list[Any], reason: str | None) -> dict[str, Any]:
    status = {"status": "incomplete", "incomplete_details": {"reason": reason}} if reason else {}
    return {"object": "response", "status": "completed", "output": output, **status}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (completion("비", "stop"), "", ""),
        (completion("", "length"), "length", "before the first word"),
        (completion("비", "length"), "length", "stopped at the token limit"),
        (completion("", "content_filter"), "content_filter", "content filter"),
        (response([message("output_text", "비")], None), "", ""),
        (response([REASONING], "max_output_tokens"), "max_output_tokens", "before the first word"),
        (response([message("output_text", "비")], "max_output_tokens"), "max_output_tokens", "token limit"),
        (response([], "content_filter"), "content_filter", "content filter"),
        (response([], "new_reason"), "new_reason", "incomplete"),
    ],
)
def test_says_why_a_reply_is_incomplete(body: dict[str, Any], code: str, message: str) -> None:
    result = parse_result({"custom_id": "a", "response": {"status_code": 200, "body": body}, "error": None})

    assert (result.state, result.error_code) == (ResultState.SUCCEEDED, code)
    assert message in result.error_message
