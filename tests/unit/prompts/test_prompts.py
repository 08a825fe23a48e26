"""Prompts: variables, the file they travel in, and those that were saved."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.files.json_validation import FileValidationError
from core.prompts.prompts import (
    Prompt,
    PromptMessage,
    find_variables,
    presets,
    prompts_from_json,
    prompts_to_json,
    substitute,
)
from core.prompts.repository import PromptRepository
from core.storage.store import Store


def prompt(content: str, name: str = "Greeting", **fields: object) -> Prompt:
    return Prompt.model_validate({"name": name, "messages": [{"role": "user", "content": content}], **fields})


@pytest.fixture
def saved(store: Store) -> PromptRepository:
    return PromptRepository(store, "me")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Hello {{name}} and {{ other }}", ["name", "other"], id="two"),
        pytest.param("{{name}} {{name}}", ["name"], id="twice"),
        pytest.param("{{이름}}에게", ["이름"], id="Korean"),
        pytest.param("{name} {{}} {{1st}} {{a b}} {{a.b}} {{__import__('os')}}", [], id="none"),
        pytest.param("{{{name}}}", ["name"], id="three braces"),
    ],
)
def test_finds_variables(text: str, names: list[str]) -> None:
    assert find_variables([text]) == names


def test_fills_in_values_and_reports_the_rest() -> None:
    filled = prompt("{{greeting}} {{name}}!", variables={"greeting": "Hello", "old": "x"}).render()

    assert filled.messages == [{"role": "user", "content": "Hello {{name}}!"}]
    assert filled.missing == ["name"]
    assert filled.unused == ["old"]


def test_prefers_what_was_typed_to_the_prompts_own_text() -> None:
    assert prompt("{{name}}", variables={"name": "A"}).render({"name": "B"}).messages[0]["content"] == "B"


def test_does_not_search_values_for_variables() -> None:
    filled = prompt("{{a}}").render({"a": "{{b}}", "b": r"\1"})

    assert filled.messages[0]["content"] == "{{b}}"


@given(st.text(), st.text())
def test_changes_nothing_but_variables(before: str, value: str) -> None:
    plain = before.replace("{", "")

    assert substitute(plain + "{{x}}", {"x": value or "y"}) == plain + (value or "y")


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_comes_with_presets_that_can_be_sent_as_they_are(preset: Prompt) -> None:
    filled = preset.render()

    assert not filled.missing
    assert not filled.unused
    assert [message["role"] for message in filled.messages] == ["system", "user"]


def test_comes_with_as_many_presets_in_korean_as_in_english() -> None:
    languages = [preset.language for preset in presets()]

    assert languages.count("en") == languages.count("ko") >= 6


@pytest.mark.parametrize("name", ["api_key", "base_url", "extra_headers", "extra_body", "messages"])
def test_lets_no_prompt_choose_where_a_request_goes(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        prompt("x", params={name: "x"})


PROMPTS = st.builds(
    Prompt,
    name=st.text(min_size=1, max_size=100),
    messages=st.lists(st.builds(PromptMessage, role=st.just("user"), content=st.text()), min_size=1).map(
        tuple
    ),
    params=st.dictionaries(st.just("temperature"), st.floats(0, 2)),
    variables=st.dictionaries(st.text(), st.text()),
)


@given(st.lists(PROMPTS, unique_by=lambda prompt: prompt.name))
def test_reads_back_the_file_it_writes(some: list[Prompt]) -> None:
    assert prompts_from_json(prompts_to_json(some)) == sorted(some, key=lambda prompt: prompt.name)


def test_writes_one_field_a_line() -> None:
    before, after = (prompts_to_json([prompt(text)]).splitlines() for text in ("Hello", "Goodbye"))

    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_writes_the_same_file_whatever_the_order() -> None:
    one, other = prompt("1", "one"), prompt("2", "other")

    assert prompts_to_json([one, other]) == prompts_to_json([other, one])


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param('"version": 1', '"version": 2', 3, id="another version"),
        pytest.param('"role": "user"', '"role": "boss"', 11, id="an unknown role"),
        pytest.param('"description": ""', '"colour": ""', 7, id="an unknown field"),
        pytest.param('"params": {}', '"params": {"api_key": "x"}', 5, id="a parameter that may not be set"),
        pytest.param('"role": "user",', '"role": "user"', 12, id="a missing comma"),
    ],
)
def test_names_the_line_that_is_wrong_and_changes_nothing(
    saved: PromptRepository, old: str, new: str, line: int
) -> None:
    text = prompts_to_json([prompt("Hello")])
    assert old in text

    with pytest.raises(FileValidationError) as caught:
        saved.import_json(text.replace(old, new))

    assert caught.value.problems[0].line == line
    assert saved.list() == []


def test_refuses_two_prompts_of_one_name(saved: PromptRepository) -> None:
    file = json.loads(prompts_to_json([prompt("Hello")]))
    file["prompts"] *= 2

    with pytest.raises(FileValidationError, match="same name"):
        saved.import_json(json.dumps(file))


def test_imports_what_was_exported(saved: PromptRepository) -> None:
    saved.import_json(prompts_to_json(presets()))

    assert sorted(found.name for found in saved.list()) == sorted(preset.name for preset in presets())


def test_replaces_a_prompt_of_the_same_name(saved: PromptRepository) -> None:
    saved.save(prompt("old"))
    saved.save(prompt("new"))

    assert saved.list() == [prompt("new")]
    assert saved.get("Greeting") == prompt("new")


def test_deletes_a_prompt(saved: PromptRepository) -> None:
    saved.save(prompt("Hello"))
    saved.delete("Greeting")

    assert saved.get("Greeting") is None


def test_keeps_prompts_from_another_owner(store: Store, saved: PromptRepository) -> None:
    saved.save(prompt("mine"))
    other = PromptRepository(store, "somebody else")
    other.save(prompt("theirs"))
    other.delete("Greeting")

    assert saved.list() == [prompt("mine")]
    assert other.list() == []
