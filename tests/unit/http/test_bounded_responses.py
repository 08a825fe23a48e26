"""Whatever a server sends, and whichever call it answers, only a limited part is read."""

import ast
import asyncio
import gzip
from collections.abc import Awaitable, Callable
from functools import lru_cache, partial

import openai
import pytest

from core.calls import CallService, execute, new_run
from core.client.client import bulk_client, create_client
from core.client.profile import Profile
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.embeddings.request import EmbeddingsCall, EmbeddingSpec
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.http.limits import MAX_ERROR_BYTES, ResponseTooLarge
from core.images.fetch import FetchPolicy, fetch_image
from core.paths import ROOT
from core.runs.log import RunLog
from core.runs.run import RunState
from core.servers.capability_checks import CHECKS, Check, ProbeTarget
from core.servers.capability_test import run_check
from core.servers.connection_test import check_connection
from core.servers.discovery import find_local_servers, is_litellm
from core.servers.sandbox_admin import get_sandbox_state, update_sandbox
from core.token_analysis.server_count import TokenCountCall
from tests.servers import ConnectionFault, Repeat, StubResponse, http_response, stub_server
from tests.unit.conftest import profile_for

MEGABYTE = 10**6
MESSAGES = [{"role": "user", "content": "hi"}]
NO_RETRY = RetryPolicy(0)

Call = Callable[[Profile], Awaitable[object]]


async def recorded(call: ChatCompletionCall | EmbeddingsCall | TokenCountCall, profile: Profile) -> None:
    params = {
        "chat.completions.create": ChatSettings(model="m").request_params(MESSAGES),
        "embeddings.create": EmbeddingSpec("m").params(["a"]),
    }.get(call.endpoint, {"model": "m", "input": "a"})
    log = RunLog(new_run("test", call.endpoint, params, profile))
    await execute(create_client(profile), call, params, log, NO_RETRY)


def chat(profile: Profile) -> Awaitable[object]:
    return recorded(ChatCompletionCall(), profile)


async def bulk_chat(profile: Profile) -> None:
    async with bulk_client(profile) as client:
        params = ChatSettings(model="m").request_params(MESSAGES)
        log = RunLog(new_run("test", ChatCompletionCall.endpoint, params, profile))
        await execute(client, ChatCompletionCall(), params, log, NO_RETRY)


def embeddings(profile: Profile) -> Awaitable[object]:
    return recorded(EmbeddingsCall(lambda *_: None), profile)


def token_count(profile: Profile) -> Awaitable[object]:
    return recorded(TokenCountCall(), profile)


def port_of(profile: Profile) -> int:
    return int(profile.base_url.split(":")[2].split("/")[0])


def discovery(profile: Profile) -> Awaitable[object]:
    return find_local_servers([port_of(profile)], {}, in_container=False)


def image(profile: Profile) -> Awaitable[object]:
    policy = FetchPolicy(lambda _address: True, ports=[port_of(profile)])
    return fetch_image(f"{profile.base_url}/image.png", policy)


def capability(check: Check, profile: Profile) -> Awaitable[object]:
    return run_check(check, ProbeTarget(create_client(profile), "m", "m"))


CALLS: dict[str, Call] = {
    "chat": chat,
    "chat of a runner": bulk_chat,
    "embeddings": embeddings,
    "token count": token_count,
    "connection test": check_connection,
    "discovery": discovery,
    "LiteLLM": lambda profile: is_litellm(profile.base_url),
    "image": image,
    "sandbox": get_sandbox_state,
    "sandbox settings": partial(update_sandbox, seed=1),
    **{check.capabilities[0]: partial(capability, check) for check in CHECKS},
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


def endless_json(start: bytes, size: int) -> StubResponse:
    head = http_response(b"", content_type="application/json", content_length=str(10**11))[0]
    assert isinstance(head, bytes)
    return (head + start, *[b"{}," * 333_333] * (size // MEGABYTE), ConnectionFault.HANG)


@lru_cache
def gzip_bomb(status: int) -> StubResponse:
    headers = {"content_type": "application/json", "content_encoding": "gzip"}
    return http_response(gzip.compress(b" " * 100 * MEGABYTE, 1), status, **headers)


async def ignore_errors(awaitable: Awaitable[object]) -> object:
    """Await a call. Its errors are those that the pages explain."""
    try:
        return await awaitable
    except (PlaygroundError, openai.OpenAIError) as error:
        return error


@every_call
@pytest.mark.parametrize("status", [200, 500])
async def test_reads_a_limited_part_of_a_body_that_never_ends(call: Call, status: int) -> None:
    response = endless_json(b'{"object":"list","data":[', 400 * MEGABYTE)
    assert isinstance(response[0], bytes)
    response = (response[0].replace(b"200 OK", f"{status} Any".encode()), *response[1:])

    async with stub_server(response) as server:
        await ignore_errors(call(profile_for(server.url)))
        await asyncio.wait_for(server.closed_by_client.wait(), 20)


@every_call
@pytest.mark.parametrize("status", [200, 500])
async def test_decompresses_no_body(call: Call, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise AssertionError("decompressed")

    monkeypatch.setattr("httpx2._decoders.GZipDecoder.decode", refuse)
    async with stub_server(gzip_bomb(status)) as server:
        await ignore_errors(call(profile_for(server.url)))

    assert server.requests


async def test_keeps_the_status_and_the_beginning_of_a_long_error() -> None:
    body = b"Too many of you. " * 100_000
    async with stub_server(http_response(body, 429, retry_after="7")) as server:
        with pytest.raises(openai.RateLimitError) as caught:
            await create_client(profile_for(server.url)).models.list()

    explanation = explain(caught.value)
    assert len(caught.value.response.content) == MAX_ERROR_BYTES
    assert explanation.detail.startswith("Too many of you.")
    assert (explanation.status, explanation.retry_after, explanation.retryable) == (429, 7.0, True)


async def test_keeps_the_status_of_an_error_whose_body_breaks_off() -> None:
    head = b"HTTP/1.1 503 Busy\r\ncontent-type: text/plain\r\ncontent-length: 99\r\n\r\nLoading"
    async with stub_server((head, ConnectionFault.RESET)) as server:
        with pytest.raises(openai.InternalServerError) as caught:
            await create_client(profile_for(server.url)).models.list()

    assert caught.value.status_code == 503


async def test_says_that_a_reply_is_compressed_and_does_not_retry_it() -> None:
    async with stub_server(gzip_bomb(200)) as server:
        log = RunLog(new_run("chat", "chat.completions.create", {}, profile_for(server.url)))
        params = ChatSettings(model="m").request_params(MESSAGES)
        client = create_client(profile_for(server.url))
        await execute(client, ChatCompletionCall(), params, log, RetryPolicy(2))

    error = log.snapshot().error
    assert error
    assert error.title == "The server sent a compressed reply (gzip), which was not requested"
    assert len(server.requests) == 1


async def test_ignores_the_charset_of_a_body() -> None:
    """Python has a codec that decompresses and one that takes quadratic time."""
    body = b'{"object":"list","data":[]}'
    response = http_response(body, content_type="application/json; charset=zlib_codec")
    async with stub_server(response) as server:
        reply = await create_client(profile_for(server.url)).models.with_raw_response.list()

    assert reply.text == body.decode()


async def test_says_how_much_it_read() -> None:
    assert ResponseTooLarge(2_000_000).hint == "The connection was closed after 2 MB."
    assert ResponseTooLarge(64_000).hint == "The connection was closed after 64 kB."


@pytest.mark.parametrize(
    "response",
    [
        (b"HTTP/1.1 500 Error\r\ncontent-length: 400000000\r\n\r\n", Repeat(b"x", 0.01)),
        (b"HTTP/1.1 200 OK\r\n", Repeat(b"x: y\r\n", 0.01)),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n", Repeat(b"x" * 1_000, 0.01)),
    ],
    ids=["error body", "headers", "body"],
)
async def test_stops_a_call_whose_response_is_still_arriving(
    calls: CallService, response: StubResponse
) -> None:
    params = ChatSettings(model="m").request_params(MESSAGES)
    async with stub_server(response) as server:
        profile = profile_for(server.url)
        run = new_run("chat", ChatCompletionCall.endpoint, params, profile)
        job = await calls.start(run, ChatCompletionCall(), profile)
        await asyncio.wait_for(server.request_received.wait(), 20)
        await asyncio.wait_for(calls.stop(job.log.id), 20)
        await asyncio.wait_for(server.closed_by_client.wait(), 20)

    assert job.log.snapshot().state is RunState.STOPPED


# Who may create a client, or make a request without one.
SOURCES: dict[str, set[str]] = {
    "AsyncClient": set(),
    "BoundedHttpClient": {"core/client/client.py", "core/images/fetch.py", "core/servers/discovery.py"},
    # Experiments show what the clients of the SDK do; core/resilience/attempts.py bounds their bodies.
    "AsyncOpenAI": {"core/client/client.py", "core/resilience/recorded_clients.py"},
    "OpenAI": {"core/resilience/recorded_clients.py"},
    "Client": {"core/mcp/connection.py"},  # of the MCP package, which gets a bounded HTTP client
    "DefaultAsyncHttpx2Client": set(),
    "urlopen": set(),
    "ClientSession": {"core/http/aiohttp_transport.py"},
    "AiohttpTransport": {"core/client/client.py"},
    "HTTPConnection": set(),
    "HTTPSConnection": set(),
}


def _called_name(node: ast.AST) -> str:
    function = node.func if isinstance(node, ast.Call) else None
    return str(getattr(function, "attr", getattr(function, "id", "")))


def test_makes_every_request_with_the_bounded_client() -> None:
    callers: dict[str, set[str]] = {name: set() for name in SOURCES}
    files = [path for folder in ("core", "components", "pages") for path in (ROOT / folder).rglob("*.py")]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = _called_name(node)
            if name in callers:
                callers[name].add(file.relative_to(ROOT).as_posix())

    assert callers == SOURCES
