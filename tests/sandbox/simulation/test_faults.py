"""What the SDK does with each fault that can be requested."""

import itertools
import json
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from core.sandbox.server import SandboxServer
from core.sandbox.simulation.fault_responses import StreamFormat, apply_to_stream
from core.sandbox.simulation.faults import FAULT_TYPES, FaultPlace, format_fault, parse_fault
from core.sandbox.simulation.settings import SandboxSettings
from tests.sandbox.client import CHAT_MODEL, ChatHelper

MESSAGES: Any = [{"role": "user", "content": "count to 40"}]

UNFINISHED_FAULTS = ("truncate", "half-event", "disconnect", "endless")
ERROR_FAULTS = ("error-event", "flat-error", "response-failed")
STATUS_FAULTS = [
    ("400", openai.BadRequestError, 400, "invalid_request_error", "context_length_exceeded"),
    ("401", openai.AuthenticationError, 401, "invalid_request_error", "invalid_api_key"),
    ("403", openai.PermissionDeniedError, 403, "request_forbidden", "unsupported_country_region_territory"),
    ("404", openai.NotFoundError, 404, "invalid_request_error", "model_not_found"),
    ("408", openai.APIStatusError, 408, "timeout", None),
    ("409", openai.ConflictError, 409, "conflict", None),
    ("413", openai.APIStatusError, 413, "invalid_request_error", None),
    ("415", openai.APIStatusError, 415, "invalid_request_error", None),
    ("422", openai.UnprocessableEntityError, 422, "invalid_request_error", None),
    ("429", openai.RateLimitError, 429, "requests", "rate_limit_exceeded"),
    ("insufficient_quota", openai.RateLimitError, 429, "insufficient_quota", "insufficient_quota"),
    ("500", openai.InternalServerError, 500, "server_error", None),
    ("503", openai.InternalServerError, 503, "server_error", "overloaded"),
    ("504", openai.InternalServerError, 504, "server_error", None),
]


def fault_params(fault: str, **headers: str) -> dict[str, Any]:
    return {"messages": MESSAGES, "extra_headers": {"x-sandbox-fault": fault, **headers}}


def read_stream(client: OpenAI, fault: str) -> tuple[list[str], Exception | None, str | None]:
    """Return the contents of a stream with *fault*, the error that it raised, and its finish reason."""
    contents: list[str] = []
    finish = None
    try:
        with client.chat.completions.create(model=CHAT_MODEL, stream=True, **fault_params(fault)) as stream:
            for chunk in itertools.islice(stream, 500):
                for choice in chunk.choices or ():
                    contents += [choice.delta.content] if choice.delta.content else []
                    finish = choice.finish_reason or finish
    except (openai.OpenAIError, json.JSONDecodeError) as error:
        return contents, error, finish
    return contents, None, finish


@pytest.mark.parametrize(
    ("name", "error_class", "status", "error_type", "code"),
    STATUS_FAULTS,
    ids=[row[0] for row in STATUS_FAULTS],
)
def test_returns_the_error_of_the_status(
    chat: ChatHelper,
    name: str,
    error_class: type[openai.APIStatusError],
    status: int,
    error_type: str,
    code: str | None,
) -> None:
    with pytest.raises(error_class) as excinfo:
        chat(**fault_params(name))
    error = excinfo.value
    assert (error.status_code, error.type, error.code) == (status, error_type, code)
    assert error.request_id
    assert set(error.body or ()) == {"message", "type", "param", "code"}  # type: ignore[call-overload]


def test_covers_every_status_fault() -> None:
    names = {name for name, fault_type in FAULT_TYPES.items() if fault_type.place is FaultPlace.STATUS}
    assert names == {row[0] for row in STATUS_FAULTS}


def test_sends_the_retry_headers_of_a_rate_limit(chat: ChatHelper) -> None:
    with pytest.raises(openai.RateLimitError) as excinfo:
        chat(**fault_params("429=7"))
    headers = excinfo.value.response.headers
    assert (headers["retry-after"], headers["x-ratelimit-remaining-requests"]) == ("7", "0")


def test_returns_an_html_page_like_a_gateway(chat: ChatHelper) -> None:
    with pytest.raises(openai.InternalServerError) as excinfo:
        chat(**fault_params("502"))
    assert excinfo.value.response.headers["content-type"].startswith("text/html")


def test_returns_an_html_page_with_status_200(chat: ChatHelper) -> None:
    assert chat.stream(**fault_params("html-200")) == []


def test_returns_another_content_type(http_client: httpx2.Client) -> None:
    response = http_client.post(
        "/v1/chat/completions",
        json={"model": CHAT_MODEL, "messages": MESSAGES},
        headers={"x-sandbox-fault": "content-type"},
    )
    assert response.headers["content-type"].startswith("text/plain")
    assert response.json()["object"] == "chat.completion"


@pytest.mark.parametrize("name", ["truncate", "half-event"])
def test_ends_the_stream_without_a_finish_reason(client: OpenAI, name: str) -> None:
    contents, error, finish = read_stream(client, f"{name}=6")
    assert (len(contents), error, finish) == (6, None, None)


@pytest.mark.parametrize(
    ("name", "error_type"),
    [
        ("disconnect", openai.APIConnectionError),
        ("malformed", json.JSONDecodeError),
        ("empty-event", json.JSONDecodeError),
        ("error-event", openai.APIError),
        ("response-failed", openai.APIError),
    ],
)
def test_fails_after_some_tokens(client: OpenAI, name: str, error_type: type[Exception]) -> None:
    contents, error, finish = read_stream(client, f"{name}=6")
    assert len(contents) == 6
    assert isinstance(error, error_type)
    assert finish is None


def test_sends_a_chunk_without_choices_and_continues(client: OpenAI) -> None:
    contents, error, finish = read_stream(client, "null-choices")
    assert (error, finish) == (None, "stop")
    assert "".join(contents).endswith("40")


def test_sends_an_error_event_without_an_error_object(chat: ChatHelper) -> None:
    last = chat.stream(**fault_params("flat-error"))[-1]
    assert last.choices is None
    assert last.object == "error"


def test_sends_a_token_of_three_megabytes(client: OpenAI) -> None:
    contents, _, finish = read_stream(client, "huge-token")
    assert max(len(piece) for piece in contents) == 3 * 2**20
    assert finish == "stop"


def test_sends_an_endless_reply(client: OpenAI) -> None:
    contents, _, finish = read_stream(client, "endless")
    assert (len(contents), finish) == (499, None)


@pytest.mark.parametrize("name", ["stall", "slow"])
def test_pauses_until_the_client_times_out(client: OpenAI, name: str) -> None:
    contents, error, _ = read_stream(client.with_options(timeout=2), f"{name}=60")
    assert isinstance(error, openai.APITimeoutError)
    assert bool(contents) == (name == "stall")


def test_delays_a_response_without_streaming(client: OpenAI) -> None:
    chat_with_timeout = ChatHelper(client.with_options(timeout=0.3))
    with pytest.raises(openai.APITimeoutError):
        chat_with_timeout(**fault_params("slow=60"))


@pytest.mark.parametrize("name", ["truncate", "disconnect"])
def test_truncates_a_response_without_streaming(chat: ChatHelper, name: str) -> None:
    with pytest.raises((openai.APIConnectionError, json.JSONDecodeError)):
        chat(**fault_params(name))


def test_succeeds_after_retries_of_the_sdk(client: OpenAI, http_client: httpx2.Client) -> None:
    completion = ChatHelper(client.with_options(max_retries=3))(**fault_params("429=0.01*2"))
    assert completion.choices[0].finish_reason == "stop"
    log_entries = http_client.get("/sandbox/requests").json()["data"]
    assert [(entry["status"], entry["attempt"]) for entry in log_entries] == [(429, 0), (429, 1), (200, 2)]


def request_statuses(chat: ChatHelper, requests: int, **params: Any) -> list[int]:
    statuses = []
    for _ in range(requests):
        try:
            chat(**params)
            statuses.append(200)
        except openai.APIStatusError as error:
            statuses.append(error.status_code)
    return statuses


def test_counts_the_requests_of_each_scenario(chat: ChatHelper) -> None:
    first = fault_params("503*2", **{"x-sandbox-scenario": "one"})
    second = fault_params("503*2", **{"x-sandbox-scenario": "other"})
    assert request_statuses(chat, 3, **first) == [503, 503, 200]
    assert request_statuses(chat, 3, **second) == [503, 503, 200]


def test_refuses_a_request_of_a_scenario_before_its_retry_after_without_counting_it() -> None:
    now = 100.0
    settings = SandboxSettings(clock=lambda: now)

    def requested(seconds: float) -> float | None:
        nonlocal now
        now = 100.0 + seconds
        fault = settings.requested_fault(parse_fault("429=2*2"), "one", attempt=0)
        return fault.value if fault else None

    assert [requested(0), requested(0.5), requested(2), requested(3.5), requested(4)] == [
        2,
        1.5,
        2,
        0.5,
        None,
    ]


def test_applies_queued_faults_in_order(chat: ChatHelper, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500*2", "404"]})
    assert request_statuses(chat, 5, messages=MESSAGES) == [500, 500, 404, 200, 200]


def test_applies_a_fault_with_always_until_it_is_cleared(chat: ChatHelper, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500*always"]})
    assert request_statuses(chat, 3, messages=MESSAGES) == [500] * 3
    server.settings.update({"faults": []})
    assert request_statuses(chat, 1, messages=MESSAGES) == [200]


def test_does_not_apply_queued_faults_to_token_counts(
    client: OpenAI, server: SandboxServer, chat: ChatHelper
) -> None:
    server.settings.update({"faults": ["500"]})
    assert client.responses.input_tokens.count(model=CHAT_MODEL, input="x").input_tokens == 8
    assert request_statuses(chat, 1, messages=MESSAGES) == [500]


def test_applies_a_percentage_to_the_same_requests_for_the_same_seed(
    chat: ChatHelper, server: SandboxServer
) -> None:
    def run(seed: int) -> list[int]:
        server.reset()
        server.settings.update({"faults": ["500%50"], "seed": seed})
        return request_statuses(chat, 20, messages=MESSAGES)

    assert run(1) == run(1)
    assert {200, 500} == set(run(1))


def test_rejects_an_unknown_fault(chat: ChatHelper) -> None:
    with pytest.raises(openai.BadRequestError, match="unknown fault 'flood'"):
        chat(**fault_params("flood"))


def test_lists_every_fault_with_a_description(http_client: httpx2.Client) -> None:
    fault_list = http_client.get("/sandbox/faults").json()["data"]
    assert {fault["name"] for fault in fault_list} == set(FAULT_TYPES)
    assert all(fault["description"].endswith(".") for fault in fault_list)


@given(
    name=st.sampled_from(sorted(FAULT_TYPES)),
    value=st.none() | st.integers(0, 99),
    suffix=st.sampled_from(["", "*2", "*always", "%25"]),
)
def test_parses_what_it_formats(name: str, value: int | None, suffix: str) -> None:
    fault = parse_fault(f"{name}{'' if value is None else f'={value}'}{suffix}")
    assert parse_fault(format_fault(fault)) == fault


@given(tokens=st.integers(1, 40), after=st.integers(0, 60), name=st.sampled_from(sorted(FAULT_TYPES)))
def test_does_not_end_a_truncated_stream_like_a_complete_one(tokens: int, after: int, name: str) -> None:
    events = [(number / 10, b"data: %d\n\n" % number) for number in range(tokens + 2)]
    fault = parse_fault(f"{name}={after}")
    changed_events = list(
        itertools.islice(apply_to_stream(events, fault, StreamFormat(b"data: %s\n\n")), 200)
    )
    if name in (*UNFINISHED_FAULTS, *ERROR_FAULTS):
        assert events[-1] not in changed_events
    elif fault.fault_type.place is FaultPlace.BODY:
        assert events[-1][1] == changed_events[-1][1]
