"""The events of a stream are sent at the times of the tokens of Chat Completions."""

import itertools
import json
from typing import Any

import pytest

from core.sandbox.api.models import load_models
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.completions.completion import generate
from core.sandbox.responses.context import NO_STATE
from core.sandbox.responses.events import EventWriter
from core.sandbox.responses.request import parse_request
from core.sandbox.responses.response import Response
from core.sandbox.simulation.latency import Latency
from tests.sandbox.client import CHAT_MODEL, REASONING_MODEL
from tests.sandbox.tools.requests import TOOLS

LATENCY = Latency(ttft=0.5, tps=60, jitter=0.2)
SUMMARY = {"reasoning": {"summary": "auto"}}
FLAT_TOOLS = [{"type": "function", **tool["function"]} for tool in TOOLS]


def scheduled_events(**params: Any) -> tuple[Response, list[tuple[float, dict[str, Any]]]]:
    body = {"model": CHAT_MODEL, "input": "count to 30", **params}
    request = parse_request(body, load_models(), NO_STATE)
    response = Response.create(request, generate(request.generation, 0, PromptCache()))
    events = EventWriter(response, LATENCY, "seed").events()
    return response, [(time, json.loads(event.split(b"data: ")[1])) for time, event in events]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"model": REASONING_MODEL},
        {"model": REASONING_MODEL, **SUMMARY},
        {"max_output_tokens": 16},
        {"background": True},
    ],
)
def test_sends_each_token_at_its_time(params: dict[str, Any]) -> None:
    response, events = scheduled_events(**params)
    times = list(itertools.islice(LATENCY.token_times("seed"), response.generation.event_count + 1))
    token_times = [time for time, event in events if event["type"] == "response.output_text.delta"]

    assert token_times == times[:-1]
    assert events[-1][0] == times[-1]


def test_sends_each_call_at_the_times_of_its_tokens() -> None:
    response, events = scheduled_events(input="What's the weather in Paris and London?", tools=FLAT_TOOLS)
    times = list(itertools.islice(LATENCY.token_times("seed"), response.generation.event_count + 1))
    sent = {
        time for time, event in events if event["type"] not in ("response.created", "response.in_progress")
    }

    assert sent == set(times)


@pytest.mark.parametrize("background", [False, True])
def test_sends_the_reasoning_before_the_first_token(background: bool) -> None:
    _, events = scheduled_events(model=REASONING_MODEL, background=background, **SUMMARY)
    times = [time for time, _ in events]
    summary = [time for time, event in events if "reasoning" in event["type"]]

    assert times == sorted(times)
    assert summary[0] < summary[-1] < LATENCY.ttft
    assert next(time for time, event in events if event["type"] == "response.in_progress") == background / 4
