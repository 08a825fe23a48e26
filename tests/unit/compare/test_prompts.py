"""Variants and the prompts of the library."""

import pytest

from core.compare.variants.prompts import prompt_version, variant_from_prompt
from core.errors.types import PlaygroundError
from core.prompts.prompts import Prompt, PromptMessage
from tests.unit.compare.conftest import variant_of

VARIANT = variant_of(instructions="Be brief.", temperature=0.5, tools=({"type": "function"},))


def test_loads_what_was_saved() -> None:
    loaded = variant_from_prompt(variant_of("Other", model="gpt-4o"), VARIANT.to_prompt("Greeting"))

    assert loaded.name == "Greeting"
    assert loaded.model_copy(update={"id": VARIANT.id, "name": ""}) == VARIANT


def test_has_another_version_when_what_is_sent_changes() -> None:
    prompt = VARIANT.to_prompt("Greeting", {"name": "Ada"})
    renamed = prompt.model_copy(update={"name": "Other", "variables": {}})
    edited = variant_of("Say goodbye.").to_prompt("Greeting")

    assert prompt_version(prompt) == prompt_version(renamed) != prompt_version(edited)


def test_explains_which_prompt_a_variant_cannot_have() -> None:
    prompt = Prompt(
        name="Hot",
        messages=(PromptMessage(role="user", content="Hi"),),
        params={"temperature": 9},
    )

    with pytest.raises(PlaygroundError, match="Hot"):
        variant_from_prompt(VARIANT, prompt)
