"""Local servers are identified by their responses, quickly, and nothing else is reported as one."""

import asyncio
import socket
from collections.abc import Callable
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


RESPONSES: dict[str, dict[str, StubResponse | RequestHandler]] = {
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


CONTAINER_HOST = "host.docker.internal"


@pytest.fixture
def contacted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The hosts that are resolved or connected to; all are this machine."""
    hosts: set[str] = set()
    resolve: Callable[..., Any] = socket.getaddrinfo

    def resolve_here(host: str | bytes, *args: Any, **kwargs: Any) -> Any:
        hosts.add(host.decode() if isinstance(host, bytes) else host)
        return resolve("127.0.0.1", *args, **kwargs)

    connect = asyncio.BaseEventLoop.create_connection

    async def connect_here(loop: Any, factory: Any, host: str, *args: Any, **kwargs: Any) -> Any:
        hosts.add(host)
        return await connect(loop, factory, "127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    monkeypatch.setattr(asyncio.BaseEventLoop, "create_connection", connect_here)
    return hosts


async def find(*servers: StubServer, **environ: str) -> list[DiscoveredServer]:
    return await find_local_servers([server.port for server in servers], environ, in_container=False)


@pytest.mark.parametrize("name", RESPONSES)
async def test_identifies_each_server_by_its_responses(name: str) -> None:
    async with stub_server(by_path(RESPONSES[name])) as server:
        servers = await find(server)

    expected = name.removesuffix(" without models").removesuffix(" of another owner")
    assert [(local.name, local.base_url) for local in servers] == [(expected, server.url)]
    assert servers[0].models == (() if "without" in name else ("m1",))


@pytest.mark.parametrize(
    "response",
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
async def test_reports_nothing_else_as_a_server(response: StubResponse) -> None:
    async with stub_server(response) as server:
        assert await find(server) == []


async def test_reports_a_server_that_requires_a_key() -> None:
    async with stub_server(http_response({"error": {"message": "key?"}}, 401)) as server:
        servers = await find(server)

    assert servers == [DiscoveredServer("Local server", server.url, needs_key=True)]


async def test_reports_that_litellm_without_a_database_requires_a_key() -> None:
    pages = {
        "/v1/models": http_response({"error": {"message": "No connected db.", "code": "500"}}, 500),
        "/health/liveliness": http_response("I'm alive!"),
    }
    async with stub_server(by_path(pages)) as server:
        assert await find(server) == [DiscoveredServer("LiteLLM", server.url, needs_key=True)]


async def test_reports_no_server_that_only_fails() -> None:
    async with stub_server(http_response({"error": "no"}, 500)) as server:
        assert await find(server) == []


@pytest.mark.parametrize(
    "row", [3, None, "x", [], {"id": "m1", "owned_by": ["me"]}, {"state": None}], ids=str
)
async def test_names_a_server_whose_first_row_is_no_model(row: Any) -> None:
    rows = http_response({"data": [row, {"id": "m1"}]})
    pages = {"/v1/models": rows, "/api/v0/models": rows}
    async with stub_server(by_path(pages)) as server:
        servers = await find(server)

    assert [server.name for server in servers] == ["LM Studio" if row == {"state": None} else "Local server"]


async def test_names_a_server_that_refuses_with_something_else_than_a_list() -> None:
    async with stub_server(http_response({"data": 5}, 401)) as server:
        assert [server.name for server in await find(server)] == ["Local server"]


async def test_does_not_wait_for_servers_that_send_nothing() -> None:
    async with AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(stub_server((ConnectionFault.HANG,))) for _ in range(5)]
        working = await stack.enter_async_context(stub_server(by_path(RESPONSES["vLLM"])))
        servers = await find(*silent, working)
        # They would never close the connection, so the search must have given up.
        await asyncio.gather(*(server.closed_by_client.wait() for server in silent))

    assert [server.name for server in servers] == ["vLLM"]


async def test_probes_the_address_that_ollama_is_configured_for() -> None:
    async with stub_server(by_path(RESPONSES["Ollama"])) as server:
        assert [local.name for local in await find(OLLAMA_HOST=f"0.0.0.0:{server.port}")] == ["Ollama"]


@pytest.mark.parametrize("host", ["10.0.0.1:11434", "ollama.example.org", "http://[bad", "a b"])
async def test_never_probes_another_machine_for_ollama(host: str, contacted: set[str]) -> None:
    async with stub_server(by_path(RESPONSES["Ollama"])) as server:
        assert await find(server, OLLAMA_HOST=host)

    assert contacted == {"127.0.0.1"}


@pytest.mark.parametrize("in_container", [True, False])
async def test_probes_the_host_of_its_container_too(in_container: bool, contacted: set[str]) -> None:
    async with stub_server(by_path(RESPONSES["vLLM"])) as server:
        servers = await find_local_servers([server.port], {}, in_container)

    hosts = ["127.0.0.1", CONTAINER_HOST] if in_container else ["127.0.0.1"]
    assert [local.base_url for local in servers] == [f"http://{host}:{server.port}/v1" for host in hosts]
    assert contacted == set(hosts)


async def test_uses_no_proxy_and_sends_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    monkeypatch.setenv("OPENAI_API_KEY", "leaked-1234")
    async with stub_server(http_response(MODELS)) as server:
        assert await find(server)

    assert all("authorization" not in request.headers for request in server.requests)
    assert "leaked-1234" not in str(server.requests)


def test_creates_a_profile_for_a_server() -> None:
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
def test_reads_ids_only_from_a_model_list(body: Any, ids: tuple[str, ...] | None) -> None:
    assert model_ids(body) == ids
