"""A server that replies with the tool calls of a test, in the forms in which servers send them."""

from typing import Any

from tests.servers import ReceivedRequest, RequestHandler, StubResponse, chunk, event_stream

Call = tuple[str, str]  # name and arguments


def tool_chunk(index: int | None, arguments: str, call_id: str = "", name: str = "") -> dict[str, Any]:
    """Build a chunk with a part of a tool call; an index of None is not sent."""
    function = {"arguments": arguments} | ({"name": name} if name else {})
    delta: dict[str, Any] = {"function": function} | ({"id": call_id, "type": "function"} if call_id else {})
    delta |= {} if index is None else {"index": index}
    choice = {"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": None}
    return {**chunk(), "choices": [choice]}


def calls_reply(*calls: Call, text: str = "") -> StubResponse:
    """Request *calls* as the API does: the arguments arrive in pieces, after *text*."""
    chunks = [chunk(text)] if text else []
    for index, (name, arguments) in enumerate(calls):
        middle = len(arguments) // 2
        chunks += [
            tool_chunk(index, "", f"call_{index}", name),
            tool_chunk(index, arguments[:middle]),
            tool_chunk(index, arguments[middle:]),
        ]
    return event_stream(*chunks, chunk(finish_reason="tool_calls", usage=usage(20, 5)))


def text_reply(text: str) -> StubResponse:
    return event_stream(chunk(text, "stop"), chunk(usage=usage(40, 3)))


def usage(prompt: int, completion: int) -> dict[str, int]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def tool_messages(request: ReceivedRequest) -> dict[str, str]:
    """Return the results that a request contains, by the id of their call."""
    messages = request.json()["messages"]
    return {message["tool_call_id"]: message["content"] for message in messages if message["role"] == "tool"}


def calls_then_text(*calls: Call, text: str = "Done.") -> RequestHandler:
    """Request *calls* until their results arrive, then reply with *text*."""

    def handle(request: ReceivedRequest) -> StubResponse:
        return text_reply(text) if tool_messages(request) else calls_reply(*calls)

    return handle
