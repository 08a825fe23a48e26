"""Each capability gets the status that the server's behaviour shows."""

import json
from typing import Any

import pytest

from core.client.client import create_client
from core.client.profile import Profile
from core.servers.capability_checks import CHECKS, ProbeTarget, SupportStatus
from core.servers.capability_test import CapabilityResult, find_embedding_model, run_check
from tests.servers import (
    COMPLETION,
    MODELS,
    ConnectionFault,
    ReceivedRequest,
    RequestHandler,
    StubResponse,
    by_path,
    chunk,
    event_stream,
    http_response,
    stub_server,
)

CHAT = "/v1/chat/completions"
REFUSED = http_response({"error": {"message": "not here", "type": "x", "param": None, "code": None}}, 400)


def completion(finish_reason: str = "stop", tokens: int = 1, **message: Any) -> StubResponse:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 3, "completion_tokens": tokens, "total_tokens": tokens + 3}
    return http_response({**COMPLETION, "choices": [choice], "usage": usage})


def call(name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": '{"city": "Paris"}'}
    return {"content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]}


def embedding(*vector: Any) -> StubResponse:
    rows = [{"object": "embedding", "index": i, "embedding": list(vector)} for i in range(2)]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    return http_response({"object": "list", "data": rows, "model": "e", "usage": usage})


async def results_of(
    capability: str, responses: dict[str, StubResponse | RequestHandler], timeout: float = 5
) -> dict[str, CapabilityResult]:
    check = next(check for check in CHECKS if capability in check.capabilities)
    async with stub_server(by_path(responses)) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        target = ProbeTarget(create_client(profile), "stub-model", "embedder")
        results = await run_check(check, target, timeout)
    return {result.capability: result for result in results}


CASES = [
    ("Model list", "/v1/models", http_response(MODELS), "yes"),
    ("Model details", "/v1/models/stub-model", http_response(MODELS["data"][0]), "yes"),
    ("Model details", "/v1/models/other", REFUSED, "no"),
    ("Chat", CHAT, http_response(COMPLETION), "yes"),
    ("Chat", CHAT, http_response("<html>"), "no"),
    ("Chat", CHAT, http_response({"choices": None}), "no"),
    ("Chat", CHAT, REFUSED, "no"),
    ("Chat", CHAT, http_response({"detail": "key"}, 401), "unknown"),
    ("Chat", CHAT, http_response({}, 503), "unknown"),
    ("Chat", CHAT, (ConnectionFault.RESET,), "unknown"),
    ("Chat", CHAT, (ConnectionFault.HANG,), "unknown"),
    ("Output limit", CHAT, completion("length", 16, content="one two"), "yes"),
    ("Output limit", CHAT, completion("stop", 150, content="one two"), "ignored"),
    ("Output limit", CHAT, completion("stop", 4, content="no"), "unknown"),
    ("Streaming", CHAT, event_stream(chunk("a"), chunk("b"), chunk(None, "stop")), "yes"),
    ("Streaming", CHAT, http_response("<html>"), "no"),
    ("Streaming", CHAT, event_stream("data: {broken\n\n"), "no"),
    ("Usage in streams", CHAT, event_stream(chunk("a"), chunk(None, "stop")), "ignored"),
    (
        "Usage in streams",
        CHAT,
        event_stream(chunk("a", "stop"), {**chunk(), "choices": [], "usage": {"total_tokens": 4}}),
        "yes",
    ),
    ("Forced tool call", CHAT, completion("tool_calls", **call("get_weather")), "yes"),
    ("Forced tool call", CHAT, completion(content="Hello Paris"), "ignored"),
    ("Forced tool call", CHAT, completion("length", content="Well"), "unknown"),
    ("Named tool call", CHAT, completion("stop", **call("get_time")), "yes"),
    ("Named tool call", CHAT, completion("stop", **call("get_weather")), "ignored"),
    ("Named tool call", CHAT, http_response({"error": "Invalid tool_choice type: 'object'"}, 400), "no"),
    ("Structured output", CHAT, completion(content='{"city": "Paris", "population": 1}'), "yes"),
    ("Structured output", CHAT, completion(content="Paris is large"), "ignored"),
    ("Structured output", CHAT, completion("length", content='{"city'), "unknown"),
    ("Embeddings", "/v1/embeddings", embedding(*[0.5] * 8), "yes"),
    ("Embeddings", "/v1/embeddings", embedding([0.5], [0.5]), "no"),
    (
        "Embeddings",
        "/v1/embeddings",
        http_response({"error": {"message": "start with --embeddings"}}, 501),
        "no",
    ),
    ("Embedding dimensions", "/v1/embeddings", embedding(*[0.5] * 768), "ignored"),
    (
        "Responses API",
        "/v1/responses",
        http_response({"object": "response", "status": "completed", "output": []}),
        "yes",
    ),
    ("Responses API", "/v1/responses", event_stream({"type": "response.created"}), "no"),
    ("Responses API", "/v1/none", REFUSED, "no"),
    ("Token counting", "/v1/responses/input_tokens", http_response({"input_tokens": 9}), "yes"),
    ("Token counting", "/v1/responses/input_tokens", http_response({}), "no"),
    ("Files", "/v1/files", http_response({"object": "list", "data": [], "has_more": False}), "yes"),
    ("Files", "/v1/none", REFUSED, "no"),
    ("Batches", "/v1/batches", http_response({"object": "list", "data": [], "has_more": False}), "yes"),
    ("Batches", "/v1/batches", http_response({"detail": "Method Not Allowed"}, 405), "no"),
]


@pytest.mark.parametrize(("capability", "path", "response", "status"), CASES)
async def test_reports_the_status_that_the_reply_shows(
    capability: str, path: str, response: StubResponse, status: str
) -> None:
    results = await results_of(capability, {path: response}, timeout=1)

    assert results[capability].status == status
    assert results[capability].evidence


async def test_repeats_the_request_without_dimensions_if_they_are_rejected() -> None:
    def handle(request: ReceivedRequest) -> StubResponse:
        return REFUSED if "dimensions" in request.json() else embedding(*[0.5] * 3)

    results = await results_of("Embeddings", {"/v1/embeddings": handle})

    assert [result.status for result in results.values()] == [SupportStatus.YES, SupportStatus.NO]


async def test_repeats_the_request_without_reasoning_if_tools_require_that() -> None:
    message = "Function tools with reasoning_effort are not supported for m in /v1/chat/completions."

    def handle(request: ReceivedRequest) -> StubResponse:
        if request.json().get("reasoning_effort") == "none":
            return completion("tool_calls", **call("get_weather"))
        return http_response({"error": {"message": message, "param": "reasoning_effort", "code": None}}, 400)

    assert (await results_of("Forced tool call", {CHAT: handle}))[
        "Forced tool call"
    ].status == SupportStatus.YES


async def test_uses_few_tokens_and_requests() -> None:
    async with stub_server(by_path({CHAT: http_response(COMPLETION)})) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        target = ProbeTarget(create_client(profile), "stub-model")
        results = [result for check in CHECKS for result in await run_check(check, target)]

    bodies = [json.loads(request.body) for request in server.requests if request.path == CHAT]
    assert sum(body["max_completion_tokens"] for body in bodies) <= 1000
    assert len(server.requests) <= 12
    assert {result.capability for result in results} == {
        name for check in CHECKS for name in check.capabilities
    }


async def test_skips_a_check_without_a_model_for_it() -> None:
    async with stub_server(http_response(MODELS)) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        results = await run_check(CHECKS[2], ProbeTarget(create_client(profile), ""))

    assert {result.status for result in results} == {SupportStatus.UNKNOWN}
    assert server.requests == []


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (["gpt-6", "text-embedding-3-small"], "text-embedding-3-small"),
        (["all-minilm"], "all-minilm"),
        (["m"], ""),
    ],
    ids=str,
)
def test_finds_an_embedding_model_by_its_name(models: list[str], expected: str) -> None:
    assert find_embedding_model(models) == expected
