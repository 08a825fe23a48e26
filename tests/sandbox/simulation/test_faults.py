"""Faults on request: what the SDK makes of each."""

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
from core.sandbox.simulation import fault_responses, faults
from core.sandbox.simulation.faults import FAULT_TYPES, FaultPlace
from tests.sandbox.client import CHAT_MODEL, ChatHelper

HI: Any = [{"role": "user", "content": "count to 40"}]

STATUSES = [
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


def asked(fault: str, **more: str) -> dict[str, Any]:
    return {"messages": HI, "extra_headers": {"x-sandbox-fault": fault, **more}}


def pieces_until_error(sdk: OpenAI, fault: str) -> tuple[list[str], Exception | None, str | None]:
    """Read a stream under *fault* and return its text pieces, what it raised, and its finish reason."""
    found: list[str] = []
    finish = None
    try:
        with sdk.chat.completions.create(model=CHAT_MODEL, stream=True, **asked(fault)) as stream:
            for chunk in itertools.islice(stream, 500):
                for choice in chunk.choices or ():
                    found += [choice.delta.content] if choice.delta.content else []
                    finish = choice.finish_reason or finish
    except (openai.OpenAIError, json.JSONDecodeError) as error:
        return found, error, finish
    return found, None, finish


@pytest.mark.parametrize(
    ("name", "kind", "status", "type_", "code"), STATUSES, ids=[row[0] for row in STATUSES]
)
def test_answers_with_the_status(
    ask: ChatHelper, name: str, kind: type[openai.APIStatusError], status: int, type_: str, code: str | None
) -> None:
    with pytest.raises(kind) as caught:
        ask(**asked(name))
    assert (caught.value.status_code, caught.value.type, caught.value.code) == (status, type_, code)
    assert caught.value.request_id
    assert set(caught.value.body or ()) == {"message", "type", "param", "code"}  # type: ignore[call-overload]


def test_has_a_test_for_every_status() -> None:
    names = {name for name, kind in FAULT_TYPES.items() if kind.place is FaultPlace.STATUS}
    assert names == {row[0] for row in STATUSES}


def test_tells_how_long_to_wait(ask: ChatHelper) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        ask(**asked("429=7"))
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["x-ratelimit-remaining-requests"]) == ("7", "0")


def test_answers_with_a_page_like_a_gateway(ask: ChatHelper) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        ask(**asked("502"))
    assert caught.value.response.headers["content-type"].startswith("text/html")


def test_answers_with_a_page_and_status_200(ask: ChatHelper) -> None:
    assert ask.stream(**asked("html-200")) == []


def test_answers_under_another_content_type(http: httpx2.Client) -> None:
    reply = http.post(
        "/v1/chat/completions",
        json={"model": CHAT_MODEL, "messages": HI},
        headers={"x-sandbox-fault": "content-type"},
    )
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.json()["object"] == "chat.completion"


@pytest.mark.parametrize("name", ["truncate", "half-event"])
def test_ends_without_a_word(sdk: OpenAI, name: str) -> None:
    pieces, error, finish = pieces_until_error(sdk, f"{name}=6")
    assert (len(pieces), error, finish) == (6, None, None)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("disconnect", openai.APIConnectionError),
        ("malformed", json.JSONDecodeError),
        ("empty-event", json.JSONDecodeError),
        ("error-event", openai.APIError),
    ],
)
def test_breaks_after_some_text(sdk: OpenAI, name: str, error: type[Exception]) -> None:
    pieces, caught, finish = pieces_until_error(sdk, f"{name}=6")
    assert len(pieces) == 6
    assert isinstance(caught, error)
    assert finish is None


def test_sends_a_chunk_without_choices_and_goes_on(sdk: OpenAI) -> None:
    pieces, error, finish = pieces_until_error(sdk, "null-choices")
    assert (error, finish) == (None, "stop")
    assert "".join(pieces).endswith("40")


def test_sends_an_error_without_an_envelope(ask: ChatHelper) -> None:
    last = ask.stream(**asked("flat-error"))[-1]
    assert last.choices is None
    assert last.object == "error"


def test_sends_a_token_of_three_megabytes(sdk: OpenAI) -> None:
    pieces, _, finish = pieces_until_error(sdk, "huge-token")
    assert max(len(piece) for piece in pieces) == 3 * 2**20
    assert finish == "stop"


def test_never_ends(sdk: OpenAI) -> None:
    pieces, _, finish = pieces_until_error(sdk, "endless")
    assert (len(pieces), finish) == (499, None)


@pytest.mark.parametrize("name", ["stall", "slow"])
def test_falls_silent_until_the_client_gives_up(sdk: OpenAI, name: str) -> None:
    pieces, error, _ = pieces_until_error(sdk.with_options(timeout=0.3), f"{name}=30")
    assert isinstance(error, openai.APITimeoutError)
    assert bool(pieces) == (name == "stall")


def test_waits_before_a_reply_in_one_piece_too(sdk: OpenAI) -> None:
    patient = ChatHelper(sdk.with_options(timeout=0.3))
    with pytest.raises(openai.APITimeoutError):
        patient(**asked("slow=30"))


@pytest.mark.parametrize("name", ["truncate", "disconnect"])
def test_cuts_a_reply_in_one_piece(ask: ChatHelper, name: str) -> None:
    with pytest.raises((openai.APIConnectionError, json.JSONDecodeError)):
        ask(**asked(name))


def test_lets_the_retries_of_the_sdk_succeed(sdk: OpenAI, http: httpx2.Client) -> None:
    completion = ChatHelper(sdk.with_options(max_retries=3))(**asked("429=0.01*2"))
    assert completion.choices[0].finish_reason == "stop"
    journal = http.get("/sandbox/journal").json()["data"]
    assert [(entry["status"], entry["attempt"]) for entry in journal] == [(429, 0), (429, 1), (200, 2)]


def outcomes(ask: ChatHelper, requests: int, **params: Any) -> list[int]:
    found = []
    for _ in range(requests):
        try:
            ask(**params)
            found.append(200)
        except openai.APIStatusError as error:
            found.append(error.status_code)
    return found


def test_counts_the_requests_of_a_scenario(ask: ChatHelper) -> None:
    one = asked("503*2", **{"x-sandbox-scenario": "one"})
    other = asked("503*2", **{"x-sandbox-scenario": "other"})
    assert outcomes(ask, 3, **one) == [503, 503, 200]
    assert outcomes(ask, 3, **other) == [503, 503, 200]


def test_takes_faults_from_the_queue_in_order(ask: ChatHelper, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500*2", "404"]})
    assert outcomes(ask, 5, messages=HI) == [500, 500, 404, 200, 200]


def test_keeps_a_lasting_fault_until_it_is_cleared(ask: ChatHelper, server: SandboxServer) -> None:
    server.settings.update({"faults": ["500*always"]})
    assert outcomes(ask, 3, messages=HI) == [500] * 3
    server.settings.update({"faults": []})
    assert outcomes(ask, 1, messages=HI) == [200]


def test_does_not_spend_the_queue_on_counting(sdk: OpenAI, server: SandboxServer, ask: ChatHelper) -> None:
    server.settings.update({"faults": ["500"]})
    assert sdk.responses.input_tokens.count(model=CHAT_MODEL, input="x").input_tokens == 8
    assert outcomes(ask, 1, messages=HI) == [500]


def test_strikes_a_share_of_requests_the_same_for_the_same_seed(
    ask: ChatHelper, server: SandboxServer
) -> None:
    def run(seed: int) -> list[int]:
        server.reset()
        server.settings.update({"faults": ["500%50"], "seed": seed})
        return outcomes(ask, 20, messages=HI)

    assert run(1) == run(1)
    assert {200, 500} == set(run(1))


def test_refuses_a_fault_that_it_does_not_know(ask: ChatHelper) -> None:
    with pytest.raises(openai.BadRequestError, match="unknown fault 'flood'"):
        ask(**asked("flood"))


def test_lists_every_fault_with_a_sentence(http: httpx2.Client) -> None:
    listed = http.get("/sandbox/faults").json()["data"]
    assert {fault["name"] for fault in listed} == set(FAULT_TYPES)
    assert all(fault["about"].endswith(".") for fault in listed)


@given(
    kind=st.sampled_from(sorted(FAULT_TYPES)),
    value=st.none() | st.integers(0, 99),
    more=st.sampled_from(["", "*2", "*always", "%25"]),
)
def test_reads_back_what_it_spells(kind: str, value: int | None, more: str) -> None:
    fault = faults.parse_fault(f"{kind}{'' if value is None else f'={value}'}{more}")
    assert faults.parse_fault(faults.format_fault(fault)) == fault


@given(tokens=st.integers(1, 40), after=st.integers(0, 60), kind=st.sampled_from(sorted(FAULT_TYPES)))
def test_never_lets_a_cut_stream_look_whole(tokens: int, after: int, kind: str) -> None:
    steps = [(number / 10, b"data: %d\n\n" % number) for number in range(tokens + 2)]
    fault = faults.parse_fault(f"{kind}={after}")
    bent = list(itertools.islice(fault_responses.apply_to_stream(steps, fault, b"data: %s\n\n"), 200))
    if kind in ("truncate", "half-event", "disconnect", "error-event", "flat-error", "endless"):
        assert steps[-1] not in bent
    elif fault.fault_type.place is FaultPlace.BODY:
        assert steps[-1][1] == bent[-1][1]
