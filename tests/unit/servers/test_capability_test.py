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
    capability: str, responses: dict[str, StubResponse | RequestHandler], timeout: float = 20
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
    ("Output limit", CHAT, completion("length", 16, content="one two"), "yes"),
    ("Output limit", CHAT, completion("stop", 150, content="one two"), "ignored"),
    ("Output limit", CHAT, completion("stop", 4, content="no"), "unknown"),
    ("Streaming", CHAT, event_stream(chunk("a"), chunk("b"), chunk(None, "stop")), "yes"),
    ("Streaming", CHAT, http_response("<html>"), "no"),
    ("Streaming", CHAT, http_response(COMPLETION), "ignored"),
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
    ("Forced tool call", CHAT, completion("tool_calls", **call("search_web")), "no"),
    ("Named tool call", CHAT, completion("stop", **call("get_time")), "ignored"),
    ("Named tool call", CHAT, completion("stop", **call("get_weather")), "ignored"),
    ("Named tool call", CHAT, completion("stop", **call("search_web")), "no"),
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
    ("Batches", "/v1/batches", http_response({"detail": "Method Not Allowed"}, 405), "unknown"),
    ("Responses API", "/v1/responses", http_response({"detail": "Method Not Allowed"}, 405), "no"),
]


@pytest.mark.parametrize(("capability", "path", "response", "status"), CASES)
async def test_reports_the_status_that_the_reply_shows(
    capability: str, path: str, response: StubResponse, status: str
) -> None:
    results = await results_of(capability, {path: response})

    assert results[capability].status == status
    assert results[capability].evidence


async def test_reports_nothing_about_a_server_that_sends_nothing() -> None:
    results = await results_of("Chat", {CHAT: (ConnectionFault.HANG,)}, timeout=0.5)

    assert (results["Chat"].status, bool(results["Chat"].evidence)) == ("unknown", True)


def error(message: str, code: str | int | None = None, status: int = 404) -> StubResponse:
    return http_response({"error": {"message": message, "type": "x", "param": None, "code": code}}, status)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(http_response({"detail": "Not Found"}, 404), id="FastAPI"),
        pytest.param(
            http_response({"error": {"code": 404, "message": "File Not Found"}}, 404), id="llama.cpp"
        ),
        pytest.param(http_response("404 page not found", 404), id="Go"),
        pytest.param(http_response("<html><title>404</title></html>", 404), id="web page"),
        pytest.param(http_response("", 404), id="empty"),
        pytest.param(error("Invalid URL (POST /v1/chat/completions)"), id="OpenAI"),
        pytest.param(error("Unknown request URL: POST /v1/x.", "unknown_url"), id="OpenAI with a code"),
        pytest.param(error("no such route"), id="route"),
    ],
)
async def test_reports_a_missing_endpoint_where_that_is_known(response: StubResponse) -> None:
    result = (await results_of("Chat", {CHAT: response}))["Chat"]

    assert (result.status, result.evidence) == (SupportStatus.NO, "404: no such endpoint.")


@pytest.mark.parametrize(
    ("response", "evidence"),
    [
        (error("No fixture matched", "no_fixture_match"), "404: No fixture matched"),
        (error("The model `m` does not exist", "model_not_found"), "404: The model `m` does not exist"),
        (error("no such tenant"), "404: no such tenant"),
    ],
    ids=["a code", "a model", "a message"],
)
async def test_quotes_another_404_and_decides_nothing(response: StubResponse, evidence: str) -> None:
    result = (await results_of("Chat", {CHAT: response}))["Chat"]

    assert (result.status, result.evidence) == (SupportStatus.UNKNOWN, evidence)


async def test_says_that_a_path_exists_which_does_not_accept_the_method() -> None:
    refused = http_response({"detail": "Method Not Allowed"}, 405)

    results = await results_of("Files", {"/v1/files": refused})

    assert results["Files"].evidence == "405: the path exists, but does not accept GET."


@pytest.mark.parametrize(
    ("response", "evidence"),
    [
        (http_response(COMPLETION), "No chunks: the reply came in one piece."),
        (http_response("<html>"), "No chunks: the server sent text/html."),
        (event_stream(chunk("a", "stop")), "1 chunk, so the reply came in one piece; ends with stop."),
    ],
    ids=["json", "html", "one chunk"],
)
async def test_says_why_a_stream_has_no_chunks(response: StubResponse, evidence: str) -> None:
    assert (await results_of("Streaming", {CHAT: response}))["Streaming"].evidence == evidence


@pytest.mark.parametrize(
    ("obeys", "status"),
    [({"get_time", "get_weather"}, "yes"), ({"get_time"}, "ignored")],
    ids=["both", "one"],
)
async def test_confirms_named_calls_only_after_each_of_two_names(obeys: set[str], status: str) -> None:
    def handle(request: ReceivedRequest) -> StubResponse:
        name = request.json()["tool_choice"]["function"]["name"]
        return completion("tool_calls", **call(name if name in obeys else "get_time"))

    assert (await results_of("Named tool call", {CHAT: handle}))["Named tool call"].status == status


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
