"""Prompts: variables, presets and the file format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.prompts.prompts import (
    Prompt,
    PromptMessage,
    find_variables,
    presets,
    prompts_from_json,
    prompts_to_json,
    substitute,
)


def prompt(content: str, name: str = "Greeting", **fields: object) -> Prompt:
    return Prompt.model_validate({"name": name, "messages": [{"role": "user", "content": content}], **fields})


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


def test_renders_values_and_reports_missing_and_unused_variables() -> None:
    rendered = prompt("{{greeting}} {{name}}!", variables={"greeting": "Hello", "old": "x"}).render()

    assert rendered.messages == [{"role": "user", "content": "Hello {{name}}!"}]
    assert rendered.missing == ["name"]
    assert rendered.unused == ["old"]


def test_prefers_a_value_to_the_default_text() -> None:
    assert prompt("{{name}}", variables={"name": "A"}).render({"name": "B"}).messages[0]["content"] == "B"


def test_does_not_substitute_variables_in_values() -> None:
    rendered = prompt("{{a}}").render({"a": "{{b}}", "b": r"\1"})

    assert rendered.messages[0]["content"] == "{{b}}"


@given(st.text(), st.text())
def test_replaces_only_variables(before: str, value: str) -> None:
    plain = before.replace("{", "")

    assert substitute(plain + "{{x}}", {"x": value or "y"}) == plain + (value or "y")


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_has_presets_that_can_be_sent_unchanged(preset: Prompt) -> None:
    rendered = preset.render()

    assert not rendered.missing
    assert not rendered.unused
    assert [message["role"] for message in rendered.messages] == ["system", "user"]


def test_has_as_many_presets_in_korean_as_in_english() -> None:
    languages = [preset.language for preset in presets()]

    assert languages.count("en") == languages.count("ko") >= 6


@pytest.mark.parametrize("name", ["api_key", "base_url", "extra_headers", "extra_body", "messages"])
def test_rejects_parameters_that_redirect_a_request(name: str) -> None:
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
def test_parses_the_file_it_writes(prompts: list[Prompt]) -> None:
    assert prompts_from_json(prompts_to_json(prompts)) == sorted(prompts, key=lambda prompt: prompt.name)


def test_writes_one_field_per_line() -> None:
    before, after = (prompts_to_json([prompt(text)]).splitlines() for text in ("Hello", "Goodbye"))

    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_writes_the_same_file_in_any_order() -> None:
    first, second = prompt("1", "first"), prompt("2", "second")

    assert prompts_to_json([first, second]) == prompts_to_json([second, first])
