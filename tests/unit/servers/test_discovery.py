"""Local servers are found by how they answer, quickly, and nothing else is taken for one."""

import time
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.servers.discovery import DiscoveredServer, find_local_servers, model_ids
from tests.servers import (
    MODELS,
    ConnectionFault,
    RequestHandler,
    StubResponse,
    StubServer,
    by_path,
    http_response,
    stub_server,
)


def models(owner: str = "someone", **headers: Any) -> StubResponse:
    row = {"id": "m1", "object": "model", "owned_by": owner}
    return http_response({"object": "list", "data": [row]}, **headers)


OWN: dict[str, dict[str, StubResponse | RequestHandler]] = {
    "Ollama": {"/v1/models": models("library")},
    "Ollama without models": {
        "/v1/models": http_response({"object": "list", "data": []}),
        "/api/version": http_response({"version": "0.40.1"}),
    },
    "LM Studio": {
        "/v1/models": models(),
        "/api/v0/models": http_response({"data": [{"id": "m1", "state": "loaded"}]}),
    },
    "llama.cpp": {"/v1/models": models(server="llama.cpp")},
    "LocalAI": {"/v1/models": models(), "/readyz": http_response("OK")},
    "vLLM": {"/v1/models": models("vllm")},
    "vLLM of another owner": {"/v1/models": models(), "/version": http_response({"version": "0.14"})},
    "llama-cpp-python": {"/v1/models": models("me")},
    "LiteLLM": {"/v1/models": models("openai"), "/health/liveliness": http_response('"I\'m alive!"')},
    "SGLang": {"/v1/models": models("sglang")},
    "KoboldCpp": {"/v1/models": models("koboldcpp")},
    "Sandbox": {"/v1/models": models(x_sandbox="1")},
    "Local server": {"/v1/models": models()},
}


async def find(*servers: StubServer, **environ: str) -> list[DiscoveredServer]:
    return await find_local_servers([server.port for server in servers], environ, in_container=False)


@pytest.mark.parametrize("name", OWN)
async def test_knows_each_server_by_its_own_signs(name: str) -> None:
    async with stub_server(by_path(OWN[name])) as server:
        found = await find(server)

    expected = name.removesuffix(" without models").removesuffix(" of another owner")
    assert [(one.name, one.base_url) for one in found] == [(expected, server.url)]
    assert found[0].models == (() if "without" in name else ("m1",))


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(http_response("<html>Open WebUI</html>"), id="web page"),
        pytest.param(http_response({"models": []}), id="other json"),
        pytest.param(http_response({"data": "x"}), id="no list"),
        pytest.param(http_response([]), id="bare list"),
        pytest.param(http_response({"detail": "Not Found"}, 404), id="not found"),
        pytest.param(http_response("Sign in", 401), id="sign-in page"),
        pytest.param(http_response("", 302, location="http://127.0.0.1:1/"), id="redirect"),
        pytest.param((b"SSH-2.0-OpenSSH_9.9\r\n",), id="not http"),
        pytest.param((ConnectionFault.RESET,), id="reset"),
        pytest.param(http_response(b'{"data": [' + b"1," * 400_000), id="endless"),
    ],
)
async def test_takes_nothing_else_for_a_server(answer: StubResponse) -> None:
    async with stub_server(answer) as server:
        assert await find(server) == []


async def test_offers_a_server_that_wants_a_key_first() -> None:
    async with stub_server(http_response({"error": {"message": "key?"}}, 401)) as server:
        found = await find(server)

    assert found == [DiscoveredServer("Local server", server.url, needs_key=True)]


async def test_does_not_wait_for_the_silent() -> None:
    async with AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(stub_server((ConnectionFault.HANG,))) for _ in range(5)]
        live = await stack.enter_async_context(stub_server(by_path(OWN["vLLM"])))
        start = time.monotonic()
        found = await find(*silent, live)

    assert [one.name for one in found] == ["vLLM"]
    assert time.monotonic() - start < 5


async def test_asks_where_ollama_was_told_to_listen() -> None:
    async with stub_server(by_path(OWN["Ollama"])) as server:
        assert [one.name for one in await find(OLLAMA_HOST=f"0.0.0.0:{server.port}")] == ["Ollama"]


@pytest.mark.parametrize("host", ["10.0.0.1:11434", "ollama.example.org", "http://[bad", "a b"])
async def test_never_asks_another_machine_for_ollama(host: str) -> None:
    assert await find(OLLAMA_HOST=host) == []


async def test_looks_outside_its_container_too() -> None:
    assert await find_local_servers([1], {}, in_container=True) == []


async def test_goes_around_proxies_and_sends_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    monkeypatch.setenv("OPENAI_API_KEY", "leaked-1234")
    async with stub_server(http_response(MODELS)) as server:
        assert await find(server)

    assert all("authorization" not in request.headers for request in server.requests)
    assert "leaked-1234" not in str(server.requests)


def test_makes_a_profile_of_what_it_found() -> None:
    profile = DiscoveredServer("Ollama", "http://127.0.0.1:11434/v1").to_profile()

    assert (profile.name, profile.kind, profile.key) == ("Ollama (127.0.0.1:11434)", "local", "")


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"data": [{"id": "a"}, {"id": 3}, "x", {}]}, ("a",)),
        ({"data": []}, ()),
        ({"data": None}, None),
        ("text", None),
        (None, None),
    ],
    ids=str,
)
def test_reads_only_what_is_a_model_list(body: Any, ids: tuple[str, ...] | None) -> None:
    assert model_ids(body) == ids
