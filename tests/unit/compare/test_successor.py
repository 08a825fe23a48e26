"""Variants and prompts of models that are shut down."""

from datetime import UTC, datetime

import pytest

from core.compare.boards.successor import succeed_board, succeed_prompt, succeed_variant, successor_of
from core.models.catalog import get_model, model_families
from core.prompts.prompts import Prompt, PromptMessage
from tests.unit.compare.conftest import board_of, variant_of

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SHUTTING_DOWN = [model.id for model in model_families() if model.shutdown and model.kind == "chat"]


@pytest.mark.parametrize("model_id", SHUTTING_DOWN)
def test_takes_every_chat_model_with_a_date_to_one_without(model_id: str) -> None:
    successor = successor_of(model_id)

    assert successor is not None
    assert get_model(successor).shutdown is None
    after = succeed_variant(variant_of(model=model_id))
    assert after.model == successor
    assert after.settings.reasoning_effort in (None, *get_model(successor).efforts)


@pytest.mark.parametrize("model_id", ["gpt-6-luna", "my-local-model"])
def test_has_no_successor_without_a_date(model_id: str) -> None:
    assert successor_of(model_id) is None


def test_keeps_a_model_without_reasoning_fast_and_its_temperature_supported() -> None:
    before = variant_of(model="gpt-4o-mini", temperature=0.2, name="Mine")

    board = succeed_board(board_of(before, variant_of(model="gpt-6-luna")), NOW)

    _, after, _ = board.board.variants
    assert (after.model, after.settings.reasoning_effort) == ("gpt-6-luna", "none")
    changes = {change.name: change for change in board.changes[after.id]}
    assert "temperature" not in changes
    assert (changes["model"].before, changes["model"].after) == ("gpt-4o-mini", "gpt-6-luna")
    assert changes["reasoning_effort"].after == "none"
    assert "$" in changes["price"].after
    assert after.name == "Mine on gpt-6-luna"
    assert list(board.changes) == [after.id]


def test_replaces_only_the_variants_that_run_and_each_once() -> None:
    old = [variant_of(id=f"v{number}", model="gpt-4-0613", enabled=not number) for number in range(13)]

    once = succeed_board(board_of(*old), NOW).board
    twice = succeed_board(once, NOW).board

    assert len(once.variants) == 14
    assert [variant.id for variant in once.enabled_variants] == [once.variants[1].id]
    assert twice == once
    assert not succeed_board(once, NOW).changes


def test_chooses_the_nearest_effort() -> None:
    after = succeed_variant(variant_of(model="gpt-5", reasoning_effort="minimal"))

    assert after.settings.reasoning_effort in get_model(after.model).efforts
    assert after.settings.reasoning_effort in ("none", "low")


def test_says_which_parameters_are_not_sent_any_more_and_why() -> None:
    prompt = Prompt(
        name="Old",
        messages=(PromptMessage(role="user", content="Hi"),),
        params={"model": "o4-mini", "reasoning_effort": "high", "seed": 1, "max_tokens": 5},
    )

    after, changes = succeed_prompt(prompt, NOW)

    assert after.params["model"] == "gpt-6-luna"
    dropped = {change.name: change.reason for change in changes if change.before and not change.after}
    assert dropped.keys() == prompt.params.keys() - after.params.keys()
    assert all(dropped.values())


def test_leaves_a_prompt_without_a_model_as_it_is() -> None:
    prompt = Prompt(name="Any", messages=(PromptMessage(role="user", content="Hi"),))

    assert succeed_prompt(prompt, NOW) == (prompt, ())
