"""Every error that a server can cause is explained."""

from typing import Any

import httpx2
import openai
import pytest

from core.client.client import create_client
from core.client.profile import Profile
from core.errors.explain import explain, is_transport_error
from core.errors.groups import EXPECTED_ERRORS
from core.errors.types import Explanation
from tests.servers import ConnectionFault, StubResponse, event_stream, http_response, stub_server

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


def profile(url: str, **more: Any) -> Profile:
    return Profile(id="t", name="test", kind="custom", base_url=url, **{"api_key": KEY, **more})


async def explanation_for(response: StubResponse, path: str = "/v1", **more: Any) -> Explanation:
    """Explain the error of a request to a server that sends *response*."""
    async with stub_server(response) as server:
        url = server.root + path
        try:
            await create_client(profile(url, **more)).models.retrieve("m")
        except Exception as exc:  # noqa: BLE001 - any exception must be explained
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
        pytest.param(
            "<!-- Copyright 2026 -->\n<!DOCTYPE html><html><head><title>Wiki</title></head></html>",
            "A web page: Wiki",
            id="html page after a comment",
        ),
        pytest.param(
            "<html><!-- 7 --><style>b{}</style><script>a = '<b>'</script><h1>Bad\ngateway</h1>&copy; nginx",
            "A web page: Bad gateway © nginx",
            id="visible text of an html page",
        ),
        pytest.param(f"<!-- {'x' * 9_000} -->", "A web page", id="html page of a long comment"),
        pytest.param("upstream said no", "upstream said no", id="plain text"),
        pytest.param({"error": {"error": "within"}}, "within", id="nested"),
        pytest.param([{"error": {"message": "in a list"}}], "in a list", id="list"),
    ],
)
async def test_finds_the_message_in_a_body_of_any_shape(body: object, detail: str) -> None:
    explanation = await explanation_for(http_response(body, 400))

    assert explanation.detail == detail


@pytest.mark.parametrize("code", [400, "400", None], ids=["int", "digits", "none"])
async def test_derives_the_code_from_the_message_if_the_server_sends_none(code: Any) -> None:
    message = "the request exceeds the available context size (4096 tokens)"

    explanation = await explanation_for(http_response(error_body(code, message), 400))

    assert explanation.title == "The request is too long for this model"
    assert explanation.code == "context_length_exceeded"


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (429, "insufficient_quota", "Quota exceeded"),
        (401, "invalid_api_key", "The API key was rejected"),
        (404, "model_not_found", "Model not found on this server"),
        (400, "unsupported_parameter", "This model does not support max_tokens"),
        (400, "unsupported_value", "This model does not support that value of max_tokens"),
        (400, "no_db_connection", "The API key was rejected"),
    ],
    ids=lambda value: str(value),
)
async def test_prefers_the_code_to_the_status(status: int, code: str, title: str) -> None:
    explanation = await explanation_for(http_response(error_body(code, param="max_tokens"), status))

    assert explanation.title == title


async def test_does_not_call_an_exhausted_quota_retryable() -> None:
    assert not (
        await explanation_for(http_response(error_body("insufficient_quota"), 429, retry_after="1"))
    ).retryable


async def test_names_the_rate_limit_that_was_reached() -> None:
    headers = {"retry_after": "7", "x_ratelimit_limit_tokens": "30000", "x_request_id": "req_1"}

    explanation = await explanation_for(
        http_response(error_body("rate_limit_exceeded", kind="tokens"), 429, **headers)
    )

    assert explanation.title == "Too many tokens"
    assert "30,000 tokens per minute" in explanation.hint
    assert (explanation.retry_after, explanation.request_id, explanation.retryable) == (7.0, "req_1", True)


async def test_suggests_adding_a_missing_version_to_the_base_url() -> None:
    explanation = await explanation_for(http_response("<html>Not here</html>", 404), path="")

    assert explanation.title == "Not found: /v1 is probably missing"
    assert explanation.hint.endswith("/v1 as the base URL.")


async def test_names_the_target_of_a_redirect() -> None:
    explanation = await explanation_for(
        http_response("", 307, location="https://other.example/v1?key=hunter2{x}")
    )

    assert "other.example/v1?key=[key]" in explanation.hint
    assert not explanation.retryable


async def test_redacts_a_key_that_the_server_echoes() -> None:
    explanation = await explanation_for(
        http_response(error_body("invalid_api_key", f"Incorrect API key provided: {KEY}"), 401)
    )

    assert explanation.detail == "Incorrect API key provided: [key]"


async def test_reports_a_refused_connection() -> None:
    async with stub_server(()) as server:
        url = server.url
    with pytest.raises(openai.APIConnectionError) as caught:
        await create_client(profile(url)).models.list()

    assert explain(caught.value, base_url=url).title == "Connection refused: no server at this address"
    assert explain(caught.value).retryable


async def test_reports_a_port_that_does_not_use_https() -> None:
    async with stub_server(http_response("")) as server:
        with pytest.raises(openai.APIConnectionError) as caught:
            await create_client(profile(server.url.replace("http:", "https:"))).models.list()

    assert explain(caught.value).title == "This port does not use HTTPS"


async def test_reports_a_lost_connection() -> None:
    assert (await explanation_for((ConnectionFault.RESET,))).title == "The connection was lost"


@pytest.mark.parametrize(
    ("end", "title"),
    [
        ((ConnectionFault.HANG,), "The request timed out"),
        ((ConnectionFault.RESET,), "The connection was lost"),
        ((), "The connection was lost"),
    ],
    ids=["silence", "reset", "early end"],
)
async def test_explains_an_error_within_a_raw_stream(end: StubResponse, title: str) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: {}\n\n"
    async with stub_server((head, *end)) as server:
        client = create_client(profile(server.url)).with_options(timeout=2)
        with pytest.raises(httpx2.TransportError) as caught:
            async with client.chat.completions.with_streaming_response.create(
                model="m", messages=[], stream=True
            ) as response:
                assert [line async for line in response.iter_lines()]

    assert explain(caught.value).title == title
    assert is_transport_error(caught.value)


async def test_explains_an_error_within_a_stream_of_the_sdk() -> None:
    explanation = None
    async with stub_server(event_stream("data: {broken\n\n")) as server:
        stream = await create_client(profile(server.url)).chat.completions.create(
            model="m", messages=[], stream=True
        )
        try:
            assert [chunk async for chunk in stream]
        except EXPECTED_ERRORS as exc:
            explanation = explain(exc, base_url=server.url)

    assert explanation
    assert explanation.title == "The server sent invalid JSON"


async def test_names_the_control_for_a_model_that_only_the_responses_api_has() -> None:
    message = "This model is only supported in v1/responses and not in v1/chat/completions."
    explanation = await explanation_for(http_response(error_body(None, message), 404))

    assert explanation.title == "This model is only available in the Responses API"
    assert explanation.hint == "Select Responses as the API in Parameters."
