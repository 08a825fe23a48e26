"""The client of many requests keeps the rules of the other one, and its errors are explained alike."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import openai
import pytest
import trustme

from core.calls import execute, new_run
from core.client.client import bulk_client, create_client, ssl_context
from core.client.profile import Profile, parse_headers
from core.client.retry import RetryPolicy
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.errors.types import Explanation, PlaygroundError
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from tests.servers import (
    COMPLETION,
    MODELS,
    ConnectionFault,
    Repeat,
    StubResponse,
    free_port,
    http_response,
    stub_server,
)
from tests.unit.conftest import profile_for

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


# Far more than a busy machine needs, for whatever does not check a time-out.
_TIMEOUT = 30.0


async def request(
    client: openai.AsyncOpenAI, profile: Profile, content: str = "hi", timeout: float = _TIMEOUT
) -> Run:
    """Return the ended run of a request that times out after *timeout* seconds."""
    params = ChatSettings(model="m").request_params([{"role": "user", "content": content}])
    log = RunLog(new_run("test", ChatCompletionCall.endpoint, params, profile))
    client = client.with_options(timeout=openai.Timeout(timeout))
    await execute(client, ChatCompletionCall(), params, log, RetryPolicy(0))
    return log.snapshot()


async def assert_explained_alike(profile: Profile, timeout: float = _TIMEOUT) -> Explanation:
    """Compare the error of the shared client with that of the bulk client, and return the latter."""
    expected = (await request(create_client(profile), profile, timeout=timeout)).error
    async with bulk_client(profile) as client:
        error = (await request(client, profile, timeout=timeout)).error
    assert expected
    assert error
    assert replace(error, detail="") == replace(expected, detail="")
    return error


@pytest.mark.parametrize(
    "response",
    [
        (ConnectionFault.RESET,),
        (b"",),
        (_HEAD + b"content-length: 100\r\n\r\n{", ConnectionFault.RESET),
        (_HEAD + b"content-length: 100\r\n\r\n{",),
        (_HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{",),
        (b"this is not HTTP\r\n\r\n",),
        http_response("<html>a sign-in page</html>"),
        http_response({"error": {"message": "wrong", "type": "t", "param": None, "code": None}}, 401),
        http_response("busy", 503, retry_after="7"),
        http_response("", 307, location="http://127.0.0.1:1/"),
    ],
    ids=[
        "reset",
        "closed without an answer",
        "reset within the body",
        "closed within the body",
        "closed within a chunk",
        "not HTTP",
        "page",
        "401",
        "503",
        "redirect",
    ],
)
async def test_explains_a_failure_as_the_shared_client_does(response: StubResponse) -> None:
    async with stub_server(response) as server:
        await assert_explained_alike(profile_for(server.url))


@pytest.mark.parametrize(
    "response",
    [
        (ConnectionFault.HANG,),
        (_HEAD + b"content-length: 100\r\n\r\n{", ConnectionFault.HANG),
        (_HEAD, Repeat(b"x-header: 1\r\n", 0.1)),
        (_HEAD + b"content-length: 1000\r\n\r\n", Repeat(b" ", 0.1)),
    ],
    ids=["no headers", "no body", "slow headers", "slow body"],
)
async def test_explains_a_time_out_as_the_shared_client_does(response: StubResponse) -> None:
    async with stub_server(response) as server:
        await assert_explained_alike(profile_for(server.url), timeout=1.0)


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (f"http://127.0.0.1:{free_port()}/v1", "Connection refused: no server at this address"),
        ("http://nowhere.invalid/v1", "Host not found"),
    ],
    ids=["refused", "unknown host"],
)
async def test_explains_an_unreachable_server_as_the_shared_client_does(url: str, title: str) -> None:
    assert (await assert_explained_alike(profile_for(url))).title == title


@asynccontextmanager
async def tls_server() -> AsyncIterator[str]:
    """Run a server whose certificate nobody trusts, and yield its base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def test_verifies_certificates() -> None:
    async with tls_server() as url:
        explanation = await assert_explained_alike(profile_for(url))

    assert "certificate is not trusted" in explanation.title


async def test_sends_what_the_shared_client_sends() -> None:
    async with stub_server(http_response(COMPLETION)) as server:
        profile = profile_for(server.url).model_copy(
            update={"headers": parse_headers("X-Team: blue"), "organization": "org-1"}
        )
        await request(create_client(profile), profile)
        async with bulk_client(profile) as client:
            run = await request(client, profile)

    assert run.text == "hi"
    expected, sent = server.requests
    assert (sent.method, sent.path, sent.headers, sent.body) == (
        expected.method,
        expected.path,
        expected.headers,
        expected.body,
    )


async def test_sends_a_large_body() -> None:
    text = "가" * 2**20
    async with stub_server(http_response(COMPLETION)) as server:
        profile = profile_for(server.url)
        async with bulk_client(profile) as client:
            run = await request(client, profile, text)

    assert run.state is RunState.DONE
    assert server.requests[0].json()["messages"][0]["content"] == text
    assert server.requests[0].headers["content-length"] == str(len(server.requests[0].body))


async def test_does_not_follow_a_redirect_with_the_key() -> None:
    async with (
        stub_server(http_response(MODELS)) as other,
        stub_server(http_response("", 307, location=f"{other.url}/models")) as server,
        bulk_client(profile_for(server.url)) as client,
    ):
        with pytest.raises(openai.APIStatusError):
            await client.models.list()

    assert other.requests == []


async def test_stores_no_cookies() -> None:
    async with (
        stub_server(http_response(MODELS, set_cookie="session=1")) as server,
        bulk_client(profile_for(server.url)) as client,
    ):
        await client.models.list()
        await client.models.list()

    assert "cookie" not in server.requests[1].headers


async def test_sends_nothing_through_a_proxy_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:1")
    async with stub_server(http_response(MODELS)) as server, bulk_client(profile_for(server.url)) as client:
        await client.models.list()

    assert len(server.requests) == 1


async def test_uses_the_shared_connections_where_the_environment_sets_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    profile = profile_for("https://api.example.org/v1")
    async with bulk_client(profile) as client:
        assert client._client is create_client(profile)._client


async def test_closes_its_connections_at_the_end() -> None:
    async with stub_server((ConnectionFault.HANG,)) as server:
        profile = profile_for(server.url)
        async with bulk_client(profile) as client:
            call = asyncio.create_task(request(client, profile))
            await asyncio.wait_for(server.request_received.wait(), 20)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        await asyncio.wait_for(server.closed_by_client.wait(), 20)


async def test_reports_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/ca.pem")
    ssl_context.cache_clear()
    try:
        with pytest.raises(PlaygroundError, match="certificates cannot be read"):
            async with bulk_client(profile_for("http://127.0.0.1:1/v1")):
                pass
    finally:
        monkeypatch.undo()
        ssl_context.cache_clear()
