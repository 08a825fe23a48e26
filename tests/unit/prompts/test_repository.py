"""Storage and import of saved prompts."""

import json

import pytest

from core.files.json_validation import FileValidationError
from core.prompts.prompts import Prompt, presets, prompts_to_json
from core.prompts.repository import PromptRepository
from core.storage.store import Store


def prompt(content: str, name: str = "Greeting") -> Prompt:
    return Prompt.model_validate({"name": name, "messages": [{"role": "user", "content": content}]})


@pytest.fixture
def repository(store: Store) -> PromptRepository:
    return PromptRepository(store, "me")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param('"version": 1', '"version": 2', 3, id="another version"),
        pytest.param('"role": "user"', '"role": "boss"', 11, id="an unknown role"),
        pytest.param('"description": ""', '"colour": ""', 7, id="an unknown field"),
        pytest.param('"params": {}', '"params": {"api_key": "x"}', 5, id="a forbidden parameter"),
        pytest.param('"role": "user",', '"role": "user"', 12, id="a missing comma"),
    ],
)
def test_reports_the_line_of_an_error_and_saves_nothing(
    repository: PromptRepository, old: str, new: str, line: int
) -> None:
    text = prompts_to_json([prompt("Hello")])
    assert old in text

    with pytest.raises(FileValidationError) as caught:
        repository.import_json(text.replace(old, new))

    assert caught.value.problems[0].line == line
    assert repository.list() == []


def test_rejects_two_prompts_with_the_same_name(repository: PromptRepository) -> None:
    file = json.loads(prompts_to_json([prompt("Hello")]))
    file["prompts"] *= 2

    with pytest.raises(FileValidationError, match="same name"):
        repository.import_json(json.dumps(file))


def test_imports_exported_prompts(repository: PromptRepository) -> None:
    repository.import_json(prompts_to_json(presets()))

    assert sorted(prompt.name for prompt in repository.list()) == sorted(preset.name for preset in presets())


def test_replaces_a_prompt_with_the_same_name(repository: PromptRepository) -> None:
    repository.save(prompt("old"))
    repository.save(prompt("new"))

    assert repository.list() == [prompt("new")]
    assert repository.get("Greeting") == prompt("new")


def test_deletes_a_prompt(repository: PromptRepository) -> None:
    repository.save(prompt("Hello"))
    repository.delete("Greeting")

    assert repository.get("Greeting") is None


def test_hides_prompts_from_another_owner(store: Store, repository: PromptRepository) -> None:
    repository.save(prompt("mine"))
    other_owner = PromptRepository(store, "somebody else")
    other_owner.save(prompt("theirs"))
    other_owner.delete("Greeting")

    assert repository.list() == [prompt("mine")]
    assert other_owner.list() == []
