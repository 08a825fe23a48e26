"""What the prompt cache takes of four calls, the saving, and the advice on a request."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import CallService
from core.client.profile import Profile
from core.pricing.usage import Usage
from core.resilience.caching.advice import advise
from core.resilience.caching.experiment import VARIANTS, CacheExperiment, CacheTotals, cache_summary
from core.runs.run import Run
from core.storage.run_repository import RunRepository

# Whether each of the four calls reads from the cache.
EXPECTED = {
    "same": [False, True, True, True],
    "beginning": [False] * 4,
    "tools": [False, False, True, True],
    "short": [False] * 4,
    "model": [False, False, True, True],
    "key": [False] * 4,
}


async def run_experiment(
    variant_id: str, profile: Profile, calls: CallService, model: str
) -> CacheExperiment:
    variant = next(variant for variant in VARIANTS if variant.id == variant_id)
    experiment = CacheExperiment(variant, profile, model, "gpt-4o")
    await experiment.run(calls)
    return experiment


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-6-luna"])
@pytest.mark.parametrize("variant", [variant.id for variant in VARIANTS])
async def test_reads_from_the_cache_what_the_rules_of_the_api_allow(
    profile: Profile, calls: CallService, variant: str, model: str
) -> None:
    experiment = await run_experiment(variant, profile, calls, model)

    assert [run.error for run in experiment.runs] == [None] * 4
    cached = [run.usage.cached_tokens for run in experiment.runs if run.usage]
    assert [tokens > 0 for tokens in cached] == EXPECTED[variant]
    assert all(tokens % 128 == 0 for tokens in cached)


async def test_sums_up_what_the_server_reported(profile: Profile, calls: CallService) -> None:
    experiment = await run_experiment("same", profile, calls, "gpt-4o-mini")

    totals = CacheTotals.of(experiment.runs[1:], datetime(2026, 11, 1, tzinfo=UTC))
    usages = [run.usage for run in experiment.runs[1:] if run.usage]
    assert totals.cached_tokens == sum(usage.cached_tokens for usage in usages)
    assert totals.input_tokens == sum(usage.input_tokens for usage in usages)
    assert totals.amount is not None
    assert totals.uncached_amount is not None
    assert totals.amount < totals.uncached_amount
    expected = f"{totals.cached_tokens:,} of the {totals.input_tokens:,} input tokens of calls 2 to 4"
    assert cache_summary(experiment.runs).startswith(expected)


async def test_stops_after_a_call_that_failed(profile: Profile, calls: CallService) -> None:
    experiment = await run_experiment("same", profile, calls, "no-such-model")

    assert len(experiment.runs) == 1
    assert not experiment.is_running
    assert experiment.runs[0].error
    title = experiment.runs[0].error.title
    assert experiment.summary() == f"Call 1 failed ({title}), so no further call was sent."


async def test_sums_up_the_calls_before_one_that_failed(profile: Profile, calls: CallService) -> None:
    variant = next(variant for variant in VARIANTS if variant.id == "model")
    experiment = CacheExperiment(variant, profile, "gpt-4o-mini", "no-such-model")

    await experiment.run(calls)

    # The second call goes to the model that does not exist.
    assert experiment.summary().startswith("Call 2 failed (")


async def test_says_that_it_was_stopped(profile: Profile, calls: CallService) -> None:
    slow = profile.with_changes(headers=(("x-sandbox-latency", "ttft=30"),))
    experiment = CacheExperiment(VARIANTS[0], slow, "gpt-4o-mini", "gpt-4o")
    task = asyncio.create_task(experiment.run(calls))
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert experiment.is_stopped
    assert experiment.summary() == "Stopped after 0 of 4 calls."


def call_with(usage: Usage | None) -> Run:
    return Run("resilience", "chat.completions.create", {"model": "gpt-4o-mini"}, usage=usage)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], ""),
        ([Usage(2_000, 1)], "None of the 2,000 input tokens of call 2 came from the cache."),
        ([Usage(2_000, 0), Usage(2_000, 0)], "None of the 4,000 input tokens of calls 2 to 3 came from"),
        ([None, None], "The server did not report the tokens of calls 2 to 3."),
        (
            [None, Usage(1_000, 0)],
            "None of the 1,000 input tokens of calls 2 to 3, of which 1 reported their tokens,",
        ),
        (
            [Usage(2_000, 0, cached_tokens=1_000)],
            "1,000 of the 2,000 input tokens of call 2 came from the cache (50%). With its output,",
        ),
    ],
)
def test_sums_up_any_number_of_calls(later: list[Usage | None], expected: str) -> None:
    text = cache_summary([call_with(Usage(2_000, 0)), *map(call_with, later)])

    assert text.startswith(expected)
    assert bool(text) == bool(expected)


async def test_is_shown_again_from_its_runs(profile: Profile, calls: CallService) -> None:
    experiment = await run_experiment("same", profile, calls, "gpt-4o-mini")
    runs = RunRepository(calls.open_store(), calls.owner)
    record = experiment.record()

    restored = record.experiment(profile, runs.summaries(record.run_ids))

    assert restored
    assert restored.summary() == experiment.summary()
    assert not restored.is_running
    runs.delete(record.run_ids[1])
    assert record.experiment(profile, runs.summaries(record.run_ids)) is None


def count_words(text: str) -> int:
    return len(text.split())


def request_with(instructions: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": instructions}, {"role": "user", "content": "At 12:00?"}]
    return {"messages": messages, **fields}


LONG = "word " * 2_000


@pytest.mark.parametrize(
    ("params", "cached_now", "cached_after", "part"),
    [
        (request_with(f"Today is 2026-11-26. {LONG}"), 0, 1920, "“2026-11-26” in message 1"),
        (request_with(f"{LONG} It is 14:05."), 1920, 1920, "“14:05” in message 1"),
        (request_with(LONG), 1920, 1920, "look the same in each call"),
        (request_with("short"), 0, 0, "caching begins at 1,024"),
        (request_with(LONG, tools=[{"type": "function", "id": "1764144000"}]), 0, 1920, "in tools"),
        (request_with(f"On 2026-11-26. {LONG} At 14:05. {LONG}"), 0, 3968, "the cache takes 1,920 tokens"),
        (
            request_with(f"On 2026-11-26 at 14:05, {LONG}"),
            0,
            1920,
            "“2026-11-26” in message 1 and “14:05” in",
        ),
        (request_with(f"2026-11-26 14:05, 15:06 15:07 {LONG}"), 0, 1920, "“15:06” in message 1 and 1 more"),
        (
            request_with(f"Open {'from 08:00 to 17:00, ' * 9} {LONG}"),
            1920,
            1920,
            "look the same in each call",
        ),
        (
            request_with(f"It is 14:05. Open {'08:00 17:00 ' * 9} {LONG}"),
            0,
            1920,
            "“14:05” in message 1",
        ),
    ],
)
def test_says_what_keeps_a_request_from_being_cached(
    params: dict[str, Any], cached_now: int, cached_after: int, part: str
) -> None:
    advice = advise(params, "gpt-4o-mini", count_words)

    assert (advice.cached_now, advice.cached_after) == (cached_now, cached_after)
    assert part in advice.text
    assert bool(advice.saving) == (cached_after > cached_now)


@pytest.mark.parametrize(
    "text",
    [
        "오늘은 2026년 11월 26일입니다.",
        "현재 시각: 15시 20분",
        "Today is November 26, 2026.",
        "It is 26 Nov 2026.",
        "Session a1b2c3d4e5f6a7b8",
    ],
)
def test_recognises_what_changes_in_english_and_korean(text: str) -> None:
    messages = [{"role": "system", "content": text + " word" * 2_200}, {"role": "user", "content": "And?"}]

    assert advise({"messages": messages}, "gpt-4o-mini", count_words).cached_now == 0


def test_takes_opening_hours_for_a_part_of_the_content() -> None:
    text = "영업 시간은 9시 30분, 10시, 11시, 12시입니다." + " word" * 2_200
    messages = [{"role": "system", "content": text}, {"role": "user", "content": "And?"}]

    assert advise({"messages": messages}, "gpt-4o-mini", count_words).cached_now > 2_000


@given(st.text(), st.text())
def test_never_promises_less_than_is_cached_now(first: str, second: str) -> None:
    params = {"messages": [{"role": "system", "content": first}, {"role": "user", "content": second}]}

    advice = advise(params, "gpt-4o-mini", lambda text: 400 * len(text))

    assert advice.cached_now <= advice.cached_after
