"""The rate limits in the response headers."""

from typing import Any

from openai import OpenAI

from core.sandbox.simulation.rate_limits import RateLimitCounter
from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES

PARAMS: Any = {"model": CHAT_MODEL, "messages": HI_MESSAGES}


def test_reports_what_remains_of_the_limits_of_the_last_minute() -> None:
    now = 0.0
    counter = RateLimitCounter(lambda: now)
    counter.add_request()
    counter.add_tokens(500)
    assert counter.headers()["x-ratelimit-remaining-tokens"] == "1999500"
    now = 59.0
    assert counter.headers()["x-ratelimit-reset-requests"] == "1.000s"
    now = 60.0
    assert counter.headers()["x-ratelimit-remaining-requests"] == "10000"


def test_reports_the_tokens_of_a_reply(client: OpenAI) -> None:
    before, after = (client.chat.completions.with_raw_response.create(**PARAMS).headers for _ in range(2))
    name = "x-ratelimit-remaining-tokens"
    assert int(after[name]) < int(before[name])
