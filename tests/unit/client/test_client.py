"""A client sends what its profile says to its profile's server, and nothing of the environment."""

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import openai
import pytest

from core.client.client import close_http_clients, create_client, is_preloaded, preload, ssl_context
from core.client.profile import Profile, parse_headers
from core.errors.types import PlaygroundError
from tests.servers import MODELS, ConnectionFault, ReceivedRequest, StubServer, http_response, stub_server

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


class CountingExecutor(ThreadPoolExecutor):
    """Counts what it is asked to run."""

    calls = 0

    def submit(self, *args: Any, **options: Any) -> Future[Any]:
        self.calls += 1
        return super().submit(*args, **options)


def profile(url: str, **more: object) -> Profile:
    return Profile.model_validate({"id": "t", "name": "t", "kind": "custom", "base_url": url, **more})


async def request_with(**more: object) -> ReceivedRequest:
    """Return the request that a client sends for a profile with *more* fields."""
    async with stub_server(http_response(MODELS)) as server:
        await create_client(profile(server.url, **more)).models.list()
        return server.requests[0]


async def test_sends_the_values_of_the_profile() -> None:
    headers = parse_headers("X-Team: blue")

    request = await request_with(api_key=KEY, organization="org-1", project="proj-1", headers=headers)

    assert request.path == "/v1/models"
    expected = {"authorization": f"Bearer {KEY}", "openai-organization": "org-1", "openai-project": "proj-1"}
    assert expected.items() <= request.headers.items()
    assert request.headers["x-team"] == "blue"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_API_KEY", "leaked-1234"),
        ("OPENAI_ADMIN_KEY", "leaked-1234"),
        ("OPENAI_ORG_ID", "leaked-1234"),
        ("OPENAI_PROJECT_ID", "leaked-1234"),
        ("OPENAI_CUSTOM_HEADERS", "X-Any: leaked-1234\nauthorization: Bearer leaked-1234"),
        ("HTTP_PROXY", "http://leaked-1234.invalid:1"),
        ("ALL_PROXY", "socks5://leaked-1234.invalid:1"),
        ("OPENAI_BASE_URL", "http://leaked-1234.invalid"),
    ],
)
async def test_sends_nothing_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    request = await request_with()

    assert "leaked-1234" not in str(request.headers)
    assert request.headers["authorization"] == "Bearer none"


async def test_lets_the_profiles_headers_override_the_clients() -> None:
    request = await request_with(
        api_key=KEY, headers=parse_headers("authorization: Custom abc\nACCEPT: text/x")
    )

    assert request.headers["authorization"] == "Custom abc"
    assert request.headers["accept"] == "text/x"


async def test_sends_the_key_to_azure_in_its_own_header_too() -> None:
    assert (await request_with(api_key=KEY, kind="azure")).headers["api-key"] == KEY


async def test_requests_no_compression() -> None:
    assert (await request_with()).headers["accept-encoding"] == "identity"


async def error_of(server: StubServer, error: type[openai.OpenAIError]) -> openai.OpenAIError:
    with pytest.raises(error) as caught:
        await create_client(profile(server.url, api_key=KEY)).models.list()
    return caught.value


async def test_does_not_follow_a_redirect_with_the_key() -> None:
    async with (
        stub_server(http_response(MODELS)) as other,
        stub_server(http_response("", 307, location=f"{other.url}/models")) as server,
    ):
        await error_of(server, openai.APIStatusError)

    assert other.requests == []


async def test_never_retries_by_itself() -> None:
    async with stub_server(http_response({}, 500)) as server:
        await error_of(server, openai.InternalServerError)

    assert len(server.requests) == 1


async def test_starts_no_thread_for_a_request() -> None:
    with CountingExecutor(1) as executor:
        asyncio.get_running_loop().set_default_executor(executor)
        async with stub_server(http_response(MODELS)) as server:
            await create_client(profile(server.url)).models.list()

    assert executor.calls == 0


async def test_stores_no_cookies() -> None:
    async with stub_server(http_response(MODELS, set_cookie="session=1")) as server:
        client = create_client(profile(server.url))
        await client.models.list()
        await client.models.list()

    assert "cookie" not in server.requests[1].headers


async def test_times_out_if_the_server_sends_nothing() -> None:
    async with stub_server((ConnectionFault.HANG,)) as server:
        client = create_client(profile(server.url)).with_options(timeout=0.2)
        with pytest.raises(openai.APITimeoutError):
            await client.models.list()
        await asyncio.wait_for(server.closed_by_client.wait(), 20)


async def test_shares_connections_but_no_key_between_profiles() -> None:
    first, second = (
        create_client(profile("http://127.0.0.1:1/v1", api_key=key))
        for key in ("key-number-1", "key-number-2")
    )

    assert first._client is second._client
    assert (first.api_key, second.api_key) == ("key-number-1", "key-number-2")


def test_works_in_one_event_loop_after_another() -> None:
    async def models() -> list[str]:
        async with stub_server(http_response(MODELS)) as server:
            page = await create_client(profile(server.url)).models.list()
        await close_http_clients()
        return [model.id for model in page.data]

    assert asyncio.run(models()) == asyncio.run(models()) == ["stub-model"]


async def test_rejects_an_invalid_proxy_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy.invalid")

    with pytest.raises(PlaygroundError, match="proxy set in the environment"):
        create_client(profile("https://api.example.org/v1"))


def test_preloads_in_any_thread() -> None:
    with ThreadPoolExecutor() as threads:
        assert threads.submit(preload).exception() is None


def test_reports_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/ca.pem")
    ssl_context.cache_clear()

    with pytest.raises(PlaygroundError, match="certificates") as caught:
        preload()

    assert "SSL_CERT_FILE" in caught.value.hint
    assert is_preloaded()
    ssl_context.cache_clear()
