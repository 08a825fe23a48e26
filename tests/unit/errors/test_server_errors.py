"""Every failure that a server can cause is explained."""

from typing import Any

import httpx2
import openai
import pytest

from core.client.client import create_client
from core.client.profile import Profile
from core.errors import types as error_types
from core.errors.types import Explanation, explain
from tests.servers import ConnectionFault, StubResponse, event_stream, http_response, stub_server

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


def profile(url: str, **more: Any) -> Profile:
    return Profile(id="t", name="test", kind="custom", base_url=url, **{"api_key": KEY, **more})


async def failure(answer: StubResponse, path: str = "/v1", **more: Any) -> Explanation:
    """Ask a server that answers so, and explain what comes of it."""
    async with stub_server(answer) as server:
        url = server.root + path
        try:
            await create_client(profile(url, **more)).models.retrieve("m")
        except Exception as exc:  # noqa: BLE001 - whatever the SDK lets escape is to be explained
            return explain(exc, base_url=url)
    raise AssertionError("nothing failed")


def error_body(
    code: str | None, message: str = "no", param: str | None = None, kind: str = "x"
) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param({"error": "Model is not ready"}, "Model is not ready", id="text for an object"),
        pytest.param({"detail": "Not permitted"}, "Not permitted", id="detail"),
        pytest.param(
            {"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required", id="FastAPI"
        ),
        pytest.param({"object": "error", "message": "flat", "code": 400}, "flat", id="flat"),
        pytest.param(
            "<!DOCTYPE html><html><title>Sign&nbsp;in</title></html>", "A web page: Sign in", id="html page"
        ),
        pytest.param("upstream said no", "upstream said no", id="plain text"),
        pytest.param({"error": {"error": "within"}}, "within", id="nested"),
        pytest.param([{"error": {"message": "in a list"}}], "in a list", id="list"),
    ],
)
async def test_finds_the_servers_words(body: object, detail: str) -> None:
    explanation = await failure(http_response(body, 400))

    assert explanation.detail == detail


@pytest.mark.parametrize("code", [400, "400", None], ids=["int", "digits", "none"])
async def test_reads_the_wording_where_the_code_says_nothing(code: Any) -> None:
    text = "the request exceeds the available context size (4096 tokens)"

    explanation = await failure(http_response(error_body(code, text), 400))

    assert explanation.title == "The request is too long for this model"
    assert explanation.code == "context_length_exceeded"


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (429, "insufficient_quota", "The quota is used up"),
        (401, "invalid_api_key", "The API key was refused"),
        (404, "model_not_found", "This server does not have the model"),
        (400, "unsupported_parameter", "This model does not take max_tokens"),
        (400, "unsupported_value", "This model does not take that value of max_tokens"),
        (400, "no_db_connection", "The API key was refused"),
    ],
    ids=lambda value: str(value),
)
async def test_prefers_the_code_to_the_status(status: int, code: str, title: str) -> None:
    explanation = await failure(http_response(error_body(code, param="max_tokens"), status))

    assert explanation.title == title


async def test_does_not_call_a_spent_quota_retryable() -> None:
    assert not (
        await failure(http_response(error_body("insufficient_quota"), 429, retry_after="1"))
    ).retryable


async def test_names_the_rate_limit_that_was_met() -> None:
    headers = {"retry_after": "7", "x_ratelimit_limit_tokens": "30000", "x_request_id": "req_1"}

    explanation = await failure(
        http_response(error_body("rate_limit_exceeded", kind="tokens"), 429, **headers)
    )

    assert explanation.title == "Too many tokens"
    assert "30000 tokens a minute" in explanation.hint
    assert (explanation.retry_after, explanation.request_id, explanation.retryable) == (7.0, "req_1", True)


async def test_suspects_a_missing_version_in_the_address() -> None:
    explanation = await failure(http_response("<html>Not here</html>", 404), path="")

    assert explanation.title == "Not found: /v1 is probably missing"
    assert explanation.hint.endswith("/v1 as the base URL.")


async def test_says_where_a_redirect_points() -> None:
    explanation = await failure(
        http_response("", 307, location="https://elsewhere.example/v1?key=hunter2{x}")
    )

    assert "elsewhere.example/v1?key=[key]" in explanation.hint
    assert not explanation.retryable


async def test_never_shows_the_key_a_server_echoes() -> None:
    explanation = await failure(
        http_response(error_body("invalid_api_key", f"Incorrect API key provided: {KEY}"), 401)
    )

    assert explanation.detail == "Incorrect API key provided: [key]"


async def test_says_that_nothing_listens_at_a_dead_port() -> None:
    async with stub_server(()) as server:
        url = server.url
    with pytest.raises(openai.APIConnectionError) as caught:
        await create_client(profile(url)).models.list()

    assert explain(caught.value, base_url=url).title == "Nothing listens at this address"
    assert explain(caught.value).retryable


async def test_says_that_a_port_does_not_speak_https() -> None:
    explanation = await failure_of_https()

    assert explanation.title == "This port does not speak https"


async def failure_of_https() -> Explanation:
    async with stub_server(http_response("")) as server:
        with pytest.raises(openai.APIConnectionError) as caught:
            await create_client(profile(server.url.replace("http:", "https:"))).models.list()
    return explain(caught.value)


async def test_says_that_the_connection_broke_off() -> None:
    assert (await failure((ConnectionFault.RESET,))).title == "The connection broke off"


@pytest.mark.parametrize(
    ("rest", "title"),
    [
        ((ConnectionFault.HANG,), "No answer in time"),
        ((ConnectionFault.RESET,), "The connection broke off"),
        ((), "The connection broke off"),
    ],
    ids=["silence", "reset", "early end"],
)
async def test_explains_what_breaks_inside_a_raw_stream(rest: StubResponse, title: str) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: {}\n\n"
    async with stub_server((head, *rest)) as server:
        client = create_client(profile(server.url)).with_options(timeout=0.3)
        with pytest.raises(httpx2.TransportError) as caught:
            async with client.chat.completions.with_streaming_response.create(
                model="m", messages=[], stream=True
            ) as response:
                assert [line async for line in response.iter_lines()]

    assert explain(caught.value).title == title
    assert error_types.is_transport_error(caught.value)


async def test_explains_a_stream_that_breaks_in_the_sdk() -> None:
    explanation = None
    async with stub_server(event_stream("data: {broken\n\n")) as server:
        stream = await create_client(profile(server.url)).chat.completions.create(
            model="m", messages=[], stream=True
        )
        try:
            assert [chunk async for chunk in stream]
        except error_types.EXPECTED_ERRORS as exc:
            explanation = explain(exc, base_url=server.url)

    assert explanation
    assert explanation.title == "The server sent something that is not JSON"
