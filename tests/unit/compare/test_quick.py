"""A quick comparison: its variants, its turns, and what happens when a call cannot be started."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from core.calls import CallService
from core.client.profile import Profile
from core.compare.quick.comparison import MAX_VARIANTS, QuickComparison, repeat_last_turn, start_turn
from core.compare.quick.start import Contrast, comparison_of_reply, example_comparison, other_model
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.types import NotFound, PlaygroundError
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from tests.unit.conftest import profile_for

MODELS = ["gpt-6-luna", "gpt-6-sol", "gpt-4o-mini"]


@pytest.fixture
def profiles(sandbox: SandboxServer) -> dict[str, Profile]:
    sandbox.reset()
    return {"test": profile_for(sandbox.url, sandbox.key)}


def comparison(*names: str, prompt: str = "What is 6 times 7?") -> QuickComparison:
    variants = (
        Variant(id=name, name=name, profile_id="test", settings=ChatSettings(model="gpt-4o-mini"))
        for name in names
    )
    return QuickComparison(tuple(variants), prompt)


def ids(current: QuickComparison) -> list[str]:
    return [variant.id for variant in current.variants]


async def ended_runs(calls: CallService, current: QuickComparison) -> dict[str, Run]:
    for run_id in current.run_ids:
        if job := calls.job(run_id):
            await job.saved.wait()
    return await asyncio.to_thread(calls.current_runs, current.run_ids)


async def ask(
    calls: CallService, profiles: dict[str, Profile], current: QuickComparison, prompt: str
) -> tuple[QuickComparison, dict[str, Run]]:
    runs = await ended_runs(calls, current)
    turn = await start_turn(calls, profiles, current, prompt, runs)
    current = replace(current, turns=(*current.turns, turn))
    return current, await ended_runs(calls, current)


async def test_sends_a_prompt_to_all_variants_at_once(
    calls: CallService, profiles: dict[str, Profile]
) -> None:
    current, runs = await ask(calls, profiles, comparison("a", "b", "c"), "What is 6 times 7?")

    assert [*current.turns[0].run_ids] == ["a", "b", "c"]
    assert len(runs) == 3
    assert all(run.state is RunState.DONE and "42" in run.text for run in runs.values())


async def test_continues_each_variant_from_its_own_replies(
    calls: CallService, profiles: dict[str, Profile]
) -> None:
    start = comparison("a", "b")
    settings = ChatSettings(model="gpt-4o-mini", instructions="Answer in one short sentence.")
    start = start.with_variant(start.variant("b").model_copy(update={"settings": settings}))
    current, first = await ask(calls, profiles, start, "What is a token?")

    current, _ = await ask(calls, profiles, current, "Why?")

    for name in ("a", "b"):
        params = (await full_run(calls, current.turns[1].run_ids[name])).params
        assert [message["content"] for message in params["messages"]][-3:] == [
            "What is a token?",
            first[current.turns[0].run_ids[name]].text,
            "Why?",
        ]


async def full_run(calls: CallService, run_id: str) -> Run:
    from core.storage.run_repository import RunRepository

    return await asyncio.to_thread(RunRepository(calls.open_store(), calls.owner).get, run_id)


async def test_leaves_out_a_turn_without_a_reply(calls: CallService, profiles: dict[str, Profile]) -> None:
    current, runs = await ask(calls, profiles, comparison("a", "b"), "What is 6 times 7?")
    failed = current.turns[0].run_ids["a"]
    runs[failed] = replace(runs[failed], text="", state=RunState.FAILED)

    assert current.history("a", runs) == []
    assert len(current.history("b", runs)) == 2


async def test_goes_on_with_the_other_variants_if_one_fails(
    calls: CallService, profiles: dict[str, Profile]
) -> None:
    start = comparison("a", "b", "c", "d")
    start = start.with_variant(start.variant("a").with_model("no-such-model"))
    start = start.with_variant(start.variant("b").with_model("gpt-4o-mini", "removed"))
    start = start.with_variant(start.variant("c").with_model("gpt-4o-mini", "keyless"))
    keyless = Profile(
        id="keyless", name="K", kind="openai", base_url="https://api.openai.com/v1", api_key=SecretStr("")
    )

    current, runs = await ask(calls, {**profiles, "keyless": keyless}, start, "What is 6 times 7?")

    by_variant = {name: runs[run_id] for name, run_id in current.turns[0].run_ids.items()}
    assert [by_variant[name].state.value for name in "abcd"] == ["failed", "failed", "failed", "done"]
    errors = {name: by_variant[name].error for name in "abc"}
    assert "removed" in str(errors["b"])
    assert all(errors.values())


async def test_repeats_the_last_prompt_for_one_variant(
    calls: CallService, profiles: dict[str, Profile]
) -> None:
    current, _ = await ask(calls, profiles, comparison("a", "b"), "What is a token?")
    current, runs = await ask(calls, profiles, current, "Why?")

    repeated = await repeat_last_turn(calls, profiles, current, "a", runs)

    assert repeated.run_ids["b"] == current.turns[1].run_ids["b"]
    await ended_runs(calls, replace(current, turns=(repeated,)))
    run = await full_run(calls, repeated.run_ids["a"])
    assert run.id != current.turns[1].run_ids["a"]
    assert [message["content"] for message in run.params["messages"]][::2] == ["What is a token?", "Why?"]


async def test_knows_which_variants_were_edited_since_their_reply(
    calls: CallService, profiles: dict[str, Profile]
) -> None:
    current, runs = await ask(calls, profiles, comparison("a", "b"), "What is 6 times 7?")
    current = current.with_variant(current.variant("a").with_model("gpt-4o"))
    current = current.with_variant(current.variant("b").model_copy(update={"name": "Renamed"}))

    (turn,) = current.turns
    assert [turn.is_stale(variant) for variant in current.variants] == [True, False]
    repeated = await repeat_last_turn(calls, profiles, current, "a", runs)
    assert not repeated.is_stale(current.variant("a"))
    await ended_runs(calls, replace(current, turns=(repeated,)))


def test_copies_a_variant_beside_it() -> None:
    current = comparison("a", "b").with_copy("a")

    assert [ids(current)[0], ids(current)[2]] == ["a", "b"]
    assert current.variants[1].digest == current.variants[0].digest
    assert current.variants[1].name == ""


def test_limits_the_number_of_variants() -> None:
    current = comparison(*"abcdef")
    assert len(current.variants) == MAX_VARIANTS

    with pytest.raises(PlaygroundError, match="At most 6"):
        current.with_copy("a")
    with pytest.raises(PlaygroundError, match="at least 2"):
        comparison("a", "b").without("a")
    with pytest.raises(NotFound):
        comparison("a", "b").with_copy("removed")


async def test_removes_a_variant_with_its_replies(calls: CallService, profiles: dict[str, Profile]) -> None:
    current, _ = await ask(calls, profiles, comparison("a", "b", "c"), "What is 6 times 7?")

    current = current.without("b")

    assert ids(current) == ["a", "c"]
    assert [*current.turns[0].run_ids] == ["a", "c"]


@pytest.mark.parametrize(
    ("variant", "steps", "expected"),
    [("a", 1, "bac"), ("c", -1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("a", 2, "bca")],
)
def test_moves_a_variant(variant: str, steps: int, expected: str) -> None:
    assert ids(comparison(*"abc").moved(variant, steps)) == [*expected]


def test_starts_with_two_models_and_a_system_message() -> None:
    first, second, short = example_comparison("test", MODELS).variants

    assert first.model == short.model != second.model
    assert short.settings.instructions


def test_starts_with_two_variants_of_the_only_model() -> None:
    variants = example_comparison("test", ["llama-3"]).variants

    assert [variant.model for variant in variants] == ["llama-3", "llama-3"]
    assert other_model("llama-3", ["llama-3"]) is None


def test_starts_without_a_model_if_the_server_lists_none() -> None:
    assert [variant.model for variant in example_comparison("test", []).variants] == ["", ""]


def test_compares_a_chat_reply_with_another_model() -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi!"},
        {"role": "user", "content": "How are you?"},
    ]
    params = {"model": "gpt-4o-mini", "messages": messages, "temperature": 0.5, "stream": True, "n": 2}
    run = Run("chat", "chat.completions.create", params)

    current = comparison_of_reply(run, "test", MODELS)

    same, other = current.variants
    assert current.prompt == "How are you?"
    assert same.settings.instructions == "Be kind."
    assert [message.content for message in same.messages] == ["Hello", "Hi!"]
    assert same.settings.temperature == other.settings.temperature == 0.5
    assert same.model == "gpt-4o-mini" != other.model
    assert same.settings.n is None


@pytest.mark.parametrize(
    ("contrast", "expected"),
    [
        ("stream", [("Stream on", True, "responses"), ("Stream off", False, "responses")]),
        ("api", [("Chat Completions", True, "chat.completions"), ("Responses", True, "responses")]),
    ],
)
def test_compares_a_chat_reply_in_one_thing_only(
    contrast: Contrast, expected: list[tuple[str, bool, str]]
) -> None:
    params = {"model": "gpt-4o-mini", "instructions": "Be kind.", "input": "Hello", "temperature": 0.5}

    current = comparison_of_reply(Run("chat", "responses.create", params), "test", MODELS, contrast)

    assert [(each.name, each.settings.stream, each.api) for each in current.variants] == expected
    assert len({variant.id for variant in current.variants}) == 2
    settings = {
        variant.settings.model_copy(update={"stream": True}).model_dump_json() for variant in current.variants
    }
    assert len(settings) == 1
    assert current.variants[0].settings.instructions == "Be kind."
    assert current.prompt == "Hello"


def test_compares_a_reply_that_continues_another_by_its_prompt() -> None:
    messages = [{"role": "user", "content": "Count."}, {"role": "assistant", "content": "1, 2,"}]
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}
    tools = [{"type": "function", "function": {"name": "f"}}]
    params = {
        "model": "gpt-4o",
        "messages": messages,
        "stop": "9",
        "response_format": schema,
        "tools": tools,
    }

    current = comparison_of_reply(Run("chat", "c", params), "test", MODELS)

    assert current.prompt == "Count."
    variant = current.variants[0]
    assert (variant.messages, variant.settings.stop) == ((), ("9",))
    assert (variant.response_format, variant.tools) == (schema, tuple(tools))


@pytest.mark.parametrize(
    "params",
    [
        {"messages": []},
        {"messages": [{"role": "user", "content": "Hi"}], "temperature": 9},
        {"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]},
    ],
)
def test_explains_why_a_request_cannot_be_compared(params: dict[str, Any]) -> None:
    with pytest.raises(PlaygroundError) as caught:
        comparison_of_reply(Run("chat", "c", {"model": "gpt-4o", **params}), "test", MODELS)

    assert caught.value.hint


def test_does_not_compare_a_conversation_with_images() -> None:
    content = [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]
    run = Run("chat", "c", {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": content}]})

    with pytest.raises(PlaygroundError, match="images"):
        comparison_of_reply(run, "test", MODELS)
