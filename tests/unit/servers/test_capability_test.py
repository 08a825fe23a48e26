"""Each capability gets the verdict that the server's own behaviour earns it."""

import json
from typing import Any

import pytest

from core.client.client import client_for
from core.client.profile import Profile
from core.servers.capability_checks import CHECKS, Subject, Verdict
from core.servers.capability_test import Finding, embedding_model_of, probe, run_check
from tests.servers import (
    COMPLETION,
    MODELS,
    Answer,
    Fault,
    Request,
    Script,
    by_path,
    chunk,
    events,
    quirk_server,
    reply,
)

CHAT = "/v1/chat/completions"
REFUSED = reply({"error": {"message": "not here", "type": "x", "param": None, "code": None}}, 400)


def completion(finish_reason: str = "stop", tokens: int = 1, **message: Any) -> Answer:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish_reason}
    usage = {"prompt_tokens": 3, "completion_tokens": tokens, "total_tokens": tokens + 3}
    return reply({**COMPLETION, "choices": [choice], "usage": usage})


def call(name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": '{"city": "Paris"}'}
    return {"content": None, "tool_calls": [{"id": "c", "type": "function", "function": function}]}


def embedding(*vector: Any) -> Answer:
    rows = [{"object": "embedding", "index": i, "embedding": list(vector)} for i in range(2)]
    usage = {"prompt_tokens": 2, "total_tokens": 2}
    return reply({"object": "list", "data": rows, "model": "e", "usage": usage})


async def findings(
    capability: str, answers: dict[str, Answer | Script], patience: float = 5
) -> dict[str, Finding]:
    check = next(check for check in CHECKS if capability in check.capabilities)
    async with quirk_server(by_path(answers)) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        found = await run_check(check, Subject(client_for(profile), "quirk", "embedder"), patience)
    return {finding.capability: finding for finding in found}


CASES = [
    ("Model list", "/v1/models", reply(MODELS), "yes"),
    ("One model's facts", "/v1/models/quirk", reply(MODELS["data"][0]), "yes"),
    ("One model's facts", "/v1/models/other", REFUSED, "no"),
    ("Chat", CHAT, reply(COMPLETION), "yes"),
    ("Chat", CHAT, reply("<html>"), "no"),
    ("Chat", CHAT, reply({"choices": None}), "no"),
    ("Chat", CHAT, REFUSED, "no"),
    ("Chat", CHAT, reply({"detail": "key"}, 401), "unknown"),
    ("Chat", CHAT, reply({}, 503), "unknown"),
    ("Chat", CHAT, (Fault.RESET,), "unknown"),
    ("Chat", CHAT, (Fault.HANG,), "unknown"),
    ("Output limit", CHAT, completion("length", 16, content="one two"), "yes"),
    ("Output limit", CHAT, completion("stop", 150, content="one two"), "ignored"),
    ("Output limit", CHAT, completion("stop", 4, content="no"), "unknown"),
    ("Streaming", CHAT, events(chunk("a"), chunk("b"), chunk(None, "stop")), "yes"),
    ("Streaming", CHAT, reply("<html>"), "no"),
    ("Streaming", CHAT, events("data: {broken\n\n"), "no"),
    ("Usage in streams", CHAT, events(chunk("a"), chunk(None, "stop")), "ignored"),
    (
        "Usage in streams",
        CHAT,
        events(chunk("a", "stop"), {**chunk(), "choices": [], "usage": {"total_tokens": 4}}),
        "yes",
    ),
    ("Forced tool call", CHAT, completion("tool_calls", **call("get_weather")), "yes"),
    ("Forced tool call", CHAT, completion(content="Hello Paris"), "ignored"),
    ("Forced tool call", CHAT, completion("length", content="Well"), "unknown"),
    ("Named tool call", CHAT, completion("stop", **call("get_time")), "yes"),
    ("Named tool call", CHAT, completion("stop", **call("get_weather")), "ignored"),
    ("Named tool call", CHAT, reply({"error": "Invalid tool_choice type: 'object'"}, 400), "no"),
    ("Structured output", CHAT, completion(content='{"city": "Paris", "population": 1}'), "yes"),
    ("Structured output", CHAT, completion(content="Paris is large"), "ignored"),
    ("Structured output", CHAT, completion("length", content='{"city'), "unknown"),
    ("Embeddings", "/v1/embeddings", embedding(*[0.5] * 8), "yes"),
    ("Embeddings", "/v1/embeddings", embedding([0.5], [0.5]), "no"),
    ("Embeddings", "/v1/embeddings", reply({"error": {"message": "start with --embeddings"}}, 501), "no"),
    ("Shortened embeddings", "/v1/embeddings", embedding(*[0.5] * 768), "ignored"),
    (
        "Responses API",
        "/v1/responses",
        reply({"object": "response", "status": "completed", "output": []}),
        "yes",
    ),
    ("Responses API", "/v1/responses", events({"type": "response.created"}), "no"),
    ("Responses API", "/v1/none", REFUSED, "no"),
    ("Token counting", "/v1/responses/input_tokens", reply({"input_tokens": 9}), "yes"),
    ("Token counting", "/v1/responses/input_tokens", reply({}), "no"),
    ("Files", "/v1/files", reply({"object": "list", "data": [], "has_more": False}), "yes"),
    ("Files", "/v1/none", REFUSED, "no"),
    ("Batches", "/v1/batches", reply({"object": "list", "data": [], "has_more": False}), "yes"),
    ("Batches", "/v1/batches", reply({"detail": "Method Not Allowed"}, 405), "no"),
]


@pytest.mark.parametrize(("capability", "path", "answer", "verdict"), CASES)
async def test_gives_the_verdict_that_behaviour_earns(
    capability: str, path: str, answer: Answer, verdict: str
) -> None:
    found = await findings(capability, {path: answer}, patience=1)

    assert found[capability].verdict == verdict
    assert found[capability].evidence


async def test_asks_again_without_dimensions_where_they_are_refused() -> None:
    def script(request: Request) -> Answer:
        return REFUSED if "dimensions" in request.json() else embedding(*[0.5] * 3)

    found = await findings("Embeddings", {"/v1/embeddings": script})

    assert [finding.verdict for finding in found.values()] == [Verdict.YES, Verdict.NO]


async def test_asks_again_without_reasoning_where_tools_want_that() -> None:
    message = "Function tools with reasoning_effort are not supported for m in /v1/chat/completions."

    def script(request: Request) -> Answer:
        if request.json().get("reasoning_effort") == "none":
            return completion("tool_calls", **call("get_weather"))
        return reply({"error": {"message": message, "param": "reasoning_effort", "code": None}}, 400)

    assert (await findings("Forced tool call", {CHAT: script}))["Forced tool call"].verdict == Verdict.YES


async def test_spends_next_to_nothing() -> None:
    async with quirk_server(by_path({CHAT: reply(COMPLETION)})) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        found = [finding async for finding in probe(Subject(client_for(profile), "quirk"))]

    asked = [json.loads(request.body) for request in server.requests if request.path == CHAT]
    assert sum(body["max_completion_tokens"] for body in asked) <= 1000
    assert len(server.requests) <= 12
    assert {finding.capability for finding in found} == {
        name for check in CHECKS for name in check.capabilities
    }


async def test_leaves_unasked_what_no_model_can_answer() -> None:
    async with quirk_server(reply(MODELS)) as server:
        profile = Profile(id="t", name="t", kind="custom", base_url=server.url)
        found = await run_check(CHECKS[2], Subject(client_for(profile), ""))

    assert {finding.verdict for finding in found} == {Verdict.UNKNOWN}
    assert server.requests == []


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        (["gpt-6", "text-embedding-3-small"], "text-embedding-3-small"),
        (["all-minilm"], "all-minilm"),
        (["m"], ""),
    ],
    ids=str,
)
def test_tells_an_embedding_model_by_its_name(models: list[str], chosen: str) -> None:
    assert embedding_model_of(models) == chosen
