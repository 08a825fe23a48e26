"""Every failure is explained: each class of the SDK, each status, each shape of body."""

import asyncio
import json
import logging
import subprocess
import sys
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import _exceptions as sdk

from core import errors
from core.advice import BY_CLASS, BY_CODE, BY_STATUS
from core.clients import client_for
from core.errors import Explanation, MalformedEvent, NotAnApi, PlaygroundError, Stalled, StreamError, explain
from core.explanations import advice_for
from core.failures import read, retry_after
from core.profiles import Profile
from tests.servers import Answer, Fault, events, quirk_server, reply

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"
SDK_ERRORS = [
    found
    for found in vars(sdk).values()
    if isinstance(found, type) and issubclass(found, Exception) and found.__module__ == sdk.__name__
]


def profile(url: str, **more: Any) -> Profile:
    return Profile(id="t", name="test", kind="custom", base_url=url, **{"api_key": KEY, **more})


async def failure(answer: Answer, path: str = "/v1", **more: Any) -> Explanation:
    """Ask a server that answers so, and explain what comes of it."""
    async with quirk_server(answer) as server:
        url = server.root + path
        try:
            await client_for(profile(url, **more)).models.retrieve("m")
        except Exception as exc:  # noqa: BLE001 - whatever the SDK lets escape is to be explained
            return explain(exc, base_url=url)
    raise AssertionError("nothing failed")


def error_body(
    code: str | None, message: str = "no", param: str | None = None, kind: str = "x"
) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


@pytest.mark.parametrize("error", SDK_ERRORS, ids=lambda error: error.__name__)
def test_has_advice_for_every_error_of_the_sdk(error: type[Exception]) -> None:
    """An upgrade of the SDK that brings a new error fails here, not in front of a user."""
    assert error in BY_CLASS
    assert issubclass(error, errors.EXPLAINABLE)
    assert all(advice_for(error) or ())


@pytest.mark.parametrize("status", range(400, 600))
def test_explains_every_status(status: int) -> None:
    explanation = explain(status_error(status))

    assert explanation.title
    assert explanation.hint
    assert explanation.status == status
    assert explanation.retryable is (status in (408, 409, 429) or status >= 500)


SYNC_CLIENT = openai.OpenAI(api_key="x", base_url="http://127.0.0.1/v1")


def status_error(status: int, body: object = None, **headers: str) -> openai.APIStatusError:
    request = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
    response = httpx2.Response(status, json=body, headers=headers, request=request)
    return SYNC_CLIENT._make_status_error_from_response(response)


@given(
    body=st.recursive(
        st.none() | st.text() | st.integers() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["error", "detail", "message", "code", "param", "type"]), inner)
        ),
        max_leaves=8,
    ),
    status=st.sampled_from([400, 404, 429, 500]),
)
def test_explains_any_body_within_three_hundred_characters(body: object, status: int) -> None:
    exc = sdk.APIStatusError("x", response=httpx2.Response(status, request=REQUEST), body=body)

    explanation = explain(exc)

    assert explanation.title
    assert all(len(text) <= 300 for text in (explanation.title, explanation.hint, explanation.detail))


REQUEST = httpx2.Request("GET", "http://127.0.0.1/v1")


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
    explanation = await failure(reply(body, 400))

    assert explanation.detail == detail


@pytest.mark.parametrize("code", [400, "400", None], ids=["int", "digits", "none"])
async def test_reads_the_wording_where_the_code_says_nothing(code: Any) -> None:
    text = "the request exceeds the available context size (4096 tokens)"

    explanation = await failure(reply(error_body(code, text), 400))

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
    explanation = await failure(reply(error_body(code, param="max_tokens"), status))

    assert explanation.title == title


async def test_does_not_call_a_spent_quota_retryable() -> None:
    assert not (await failure(reply(error_body("insufficient_quota"), 429, retry_after="1"))).retryable


async def test_names_the_rate_limit_that_was_met() -> None:
    headers = {"retry_after": "7", "x_ratelimit_limit_tokens": "30000", "x_request_id": "req_1"}

    explanation = await failure(reply(error_body("rate_limit_exceeded", kind="tokens"), 429, **headers))

    assert explanation.title == "Too many tokens"
    assert "30000 tokens a minute" in explanation.hint
    assert (explanation.retry_after, explanation.request_id, explanation.retryable) == (7.0, "req_1", True)


async def test_suspects_a_missing_version_in_the_address() -> None:
    explanation = await failure(reply("<html>Not here</html>", 404), path="")

    assert explanation.title == "Not found: /v1 is probably missing"
    assert explanation.hint.endswith("/v1 as the base URL.")


async def test_says_where_a_redirect_points() -> None:
    explanation = await failure(reply("", 307, location="https://elsewhere.example/v1?key=hunter2{x}"))

    assert "elsewhere.example/v1?key=[key]" in explanation.hint
    assert not explanation.retryable


async def test_never_shows_the_key_a_server_echoes() -> None:
    explanation = await failure(
        reply(error_body("invalid_api_key", f"Incorrect API key provided: {KEY}"), 401)
    )

    assert explanation.detail == "Incorrect API key provided: [key]"


async def test_says_that_nothing_listens_at_a_dead_port() -> None:
    async with quirk_server(()) as server:
        url = server.url
    with pytest.raises(openai.APIConnectionError) as caught:
        await client_for(profile(url)).models.list()

    assert explain(caught.value, base_url=url).title == "Nothing listens at this address"
    assert explain(caught.value).retryable


async def test_says_that_a_port_does_not_speak_https() -> None:
    explanation = await failure_of_https()

    assert explanation.title == "This port does not speak https"


async def failure_of_https() -> Explanation:
    async with quirk_server(reply("")) as server:
        with pytest.raises(openai.APIConnectionError) as caught:
            await client_for(profile(server.url.replace("http:", "https:"))).models.list()
    return explain(caught.value)


async def test_says_that_the_connection_broke_off() -> None:
    assert (await failure((Fault.RESET,))).title == "The connection broke off"


@pytest.mark.parametrize(
    ("rest", "title"),
    [
        ((Fault.HANG,), "No answer in time"),
        ((Fault.RESET,), "The connection broke off"),
        ((), "The connection broke off"),
    ],
    ids=["silence", "reset", "early end"],
)
async def test_explains_what_breaks_inside_a_raw_stream(rest: Answer, title: str) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: {}\n\n"
    async with quirk_server((head, *rest)) as server:
        client = client_for(profile(server.url)).with_options(timeout=0.3)
        with pytest.raises(httpx2.TransportError) as caught:
            async with client.chat.completions.with_streaming_response.create(
                model="m", messages=[], stream=True
            ) as response:
                assert [line async for line in response.iter_lines()]

    assert explain(caught.value).title == title
    assert errors.is_transport(caught.value)


async def test_explains_a_stream_that_breaks_in_the_sdk() -> None:
    explanation = None
    async with quirk_server(events("data: {broken\n\n")) as server:
        stream = await client_for(profile(server.url)).chat.completions.create(
            model="m", messages=[], stream=True
        )
        try:
            assert [chunk async for chunk in stream]
        except errors.EXPLAINABLE as exc:
            explanation = explain(exc, base_url=server.url)

    assert explanation
    assert explanation.title == "The server sent something that is not JSON"


async def test_explains_a_key_that_http_cannot_carry_without_quoting_it() -> None:
    with pytest.raises(UnicodeEncodeError) as caught:
        "ключ-Ab3dEf6h".encode("ascii")

    explanation = explain(caught.value)

    assert "Paste it again" in explanation.hint
    assert "Ab3d" not in str(explanation)


@pytest.mark.parametrize(
    ("exc", "title", "hint"),
    [
        (PlaygroundError("Broken", "Mend it"), "Broken", "Mend it"),
        (NotAnApi("A page came"), "A page came", "Check the base URL http://h/v1"),
        (MalformedEvent(""), "The stream broke", "What had arrived is kept"),
        (Stalled("Silent for 60 s"), "Silent for 60 s", "What had arrived is kept"),
        (StreamError("boom", code="insufficient_quota"), "The quota is used up", "The account has no"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_shows_our_own_errors_as_they_stand(exc: PlaygroundError, title: str, hint: str) -> None:
    explanation = explain(exc, base_url="http://h/v1")

    assert explanation.title == title
    assert explanation.hint.startswith(hint)


def test_reads_an_error_event_like_an_error_body() -> None:
    explanation = explain(StreamError("the request exceeds the available context size", code="400"))

    assert explanation.title == "The request is too long for this model"
    assert explanation.detail == "the request exceeds the available context size"
    assert not explanation.retryable


def test_logs_a_bug_and_names_the_id_it_is_logged_under(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        explanation = explain(KeyError("of ours"))

    assert explanation.title == "Something went wrong in the app"
    assert caplog.records[0].getMessage().split()[-1] in explanation.hint
    assert "of ours" not in str(explanation)


@pytest.mark.parametrize("exc", [KeyError(), AttributeError(), asyncio.CancelledError()], ids=repr)
def test_leaves_bugs_and_cancellation_to_others(exc: BaseException) -> None:
    assert not isinstance(exc, errors.EXPLAINABLE)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 90.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "inf"}, None),
        ({}, None),
    ],
    ids=lambda value: json.dumps(value),
)
def test_reads_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=10.0) == seconds


def test_reads_an_exception_that_knows_nothing() -> None:
    assert read(ValueError("x")).status is None


@pytest.mark.parametrize(
    "advice", [*BY_CLASS.values(), *BY_CODE.values(), *BY_STATUS.values()], ids=lambda a: a[0]
)
def test_says_what_to_do_in_a_sentence(advice: tuple[str, str]) -> None:
    title, hint = advice

    assert not title.endswith(".")
    assert not hint or hint.endswith((".", "/v1."))


def test_does_not_load_the_sdk_before_something_fails() -> None:
    code = "import sys, core.errors, core.resilience, core.clients; assert 'openai' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)
