"""Boards from a configuration of promptfoo, as far as both have the same things.

Source: https://www.promptfoo.dev/docs/configuration/reference/, read 2026-11-26.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.apis import default_api
from core.compare.boards.board import MAX_CASES, MAX_REPETITIONS, MAX_VARIANTS, Board, Case
from core.compare.boards.checks import EXPECTED, Check, Contains, Equals
from core.compare.export.promptfoo_assertions import check_of
from core.compare.export.promptfoo_config import NOT_EXPORTED
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.generation.api_name import ApiName
from core.json_values import json_object, json_objects
from core.prompts.prompts import PromptMessage
from core.responses.request import LOGPROBS, chat_params

_MAX_CHARACTERS = 5_000_000
_MESSAGES: TypeAdapter[tuple[PromptMessage, ...]] = TypeAdapter(tuple[PromptMessage, ...])
_OTHER_PARAMETERS = frozenset({"tools", "response_format"})


@dataclass(frozen=True, slots=True)
class ImportedConfig:
    """A board, and sentences about what the file has and the board does not."""

    board: Board
    notes: tuple[str, ...]


def board_from_promptfoo(text: str, profile_id: str) -> ImportedConfig:
    """Read a configuration of promptfoo, whose models are requested from the server *profile_id*.

    Raises PlaygroundError if it is not one.
    """
    config = _parse(text)
    notes = [line.removeprefix("# ") for line in text.splitlines() if line.startswith(NOT_EXPORTED)]
    variants = list(_variants(config, profile_id, notes))
    tests = config.get("tests")
    if not isinstance(tests, list):
        if tests:
            notes.append("Tests in other files are not imported.")
        tests = []
    checks = [*_checks(json_object(config.get("defaultTest")).get("assert"), notes)]
    cases = [_case(json_object(test), notes) for test in tests[:MAX_CASES]]
    if any(case.expected for case in cases) and not checks:
        checks = [*_expected_checks(tests)]
    repeat = json_object(config.get("evaluateOptions")).get("repeat")
    repetitions = min(max(repeat, 1), MAX_REPETITIONS) if isinstance(repeat, int) else 1
    if not variants:
        raise PlaygroundError(
            "The file has no prompts for OpenAI models.",
            "It needs `prompts` and `providers` like openai:gpt-4o.",
        )
    board = Board(
        name=str(config.get("description") or "Imported from promptfoo")[:200],
        variants=tuple(variants[:MAX_VARIANTS]),
        cases=tuple(cases),
        repetitions=repetitions,
        checks=tuple(checks[:50]),
    )
    return ImportedConfig(board, tuple(dict.fromkeys(notes)))


def _parse(text: str) -> Mapping[str, Any]:
    import yaml

    if len(text) > _MAX_CHARACTERS:
        raise PlaygroundError("The file is too large.", f"At most {_MAX_CHARACTERS:,} characters are read.")
    try:
        # An alias stands for another part of the file, and a small file can stand for a gigantic one.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.SafeLoader)):
            raise PlaygroundError("The file has YAML aliases (*name).", "Write their contents out.")
        config = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise PlaygroundError(f"This is not valid YAML: {error}"[:300], "Correct the file.") from error
    if not isinstance(config, dict):
        raise PlaygroundError(
            "This is not a configuration of promptfoo.", "It needs `prompts` and `providers`."
        )
    return config


def _variants(config: Mapping[str, Any], profile_id: str, notes: list[str]) -> Iterator[Variant]:
    """Yield each provider with each of its prompts."""
    prompts = [*_prompts(config.get("prompts"), notes)]
    for number, provider in enumerate(_as_list(config.get("providers") or config.get("targets")), 1):
        options = provider if isinstance(provider, Mapping) else {"id": provider}
        name = str(options.get("id", ""))
        vendor, _, model = name.partition(":")
        if vendor != "openai":
            notes.append(f"The provider {name[:80]} is not of OpenAI and is not imported.")
            continue
        api, model = _api_and_model(model)
        parameters = json_object(options.get("config"))
        if api == "responses":
            parameters = _chat_parameters(parameters)
        settings = _settings(model, parameters, notes)
        response_format = parameters.get("response_format")
        wanted = options.get("prompts")
        chosen = [each for each in prompts if not isinstance(wanted, list) or each[0] in wanted]
        for label, messages in chosen:
            # The labels of an exported board are numbered.
            title = str(options.get("label") or (label if len(prompts) > 1 else "")).removeprefix(
                f"{number} "
            )
            yield Variant(
                name=title[:100] if title != model else "",
                api=api,
                profile_id=profile_id,
                messages=messages,
                settings=settings,
                tools=tuple(dict(tool) for tool in json_objects(parameters.get("tools"))),
                response_format=response_format if isinstance(response_format, dict) else None,
            )


def _api_and_model(name: str) -> tuple[ApiName, str]:
    if name.startswith("responses:"):
        return "responses", name.removeprefix("responses:")
    if name.startswith("chat:"):
        return "chat.completions", name.removeprefix("chat:")
    return default_api(name), name


def _chat_parameters(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a provider of the Responses API as Chat Completions has them."""
    params = chat_params({name: value for name, value in config.items() if name not in ("input", "stream")})
    del params["model"], params["messages"]
    include = config.get("include")
    if isinstance(include, list):
        params["include"] = [each for each in include if each != LOGPROBS]
        params |= {"logprobs": True} if LOGPROBS in include else {}
    return params | {name: config[name] for name in ("instructions",) if name in config}


def _settings(model: str, config: Mapping[str, Any], notes: list[str]) -> ChatSettings:
    """Return the settings of a provider, without those that are not known or not valid."""
    known = {"model": model}
    for name, value in config.items():
        name = "max_completion_tokens" if name == "max_tokens" else name
        if name in _OTHER_PARAMETERS:
            continue
        try:
            ChatSettings(**{"model": model, name: value})
        except (ValidationError, TypeError):
            notes.append(f"The setting {str(name)[:80]} of a provider is not imported.")
        else:
            known[str(name)] = value
    return ChatSettings(**known)  # type: ignore[arg-type]  # each of them has been validated


def _prompts(value: object, notes: list[str]) -> Iterator[tuple[str, tuple[PromptMessage, ...]]]:
    """Yield the label and the messages of each prompt that is part of the file."""
    for prompt in _as_list(value):
        options = prompt if isinstance(prompt, Mapping) else {"raw": prompt}
        text = options.get("raw")
        if not isinstance(text, str) or text.startswith("file://"):
            notes.append("Prompts in other files are not imported.")
            continue
        label = str(options.get("label") or options.get("id") or text)
        try:
            messages = _MESSAGES.validate_json(text)
        except ValidationError:
            messages = (PromptMessage(role="user", content=text),)
        yield label, messages


def _case(test: Mapping[str, Any], notes: list[str]) -> Case:
    variables = {str(name): _as_text(value) for name, value in json_object(test.get("vars")).items()}
    expected = variables.pop(EXPECTED, None)
    for assertion in json_objects(test.get("assert")):
        if assertion.get("type") in ("equals", "contains", "icontains") and expected is None:
            expected = _as_text(assertion.get("value"))
        else:
            notes.append("Assertions of single tests are imported only as the expected reply.")
    return Case(variables=variables, expected=expected or None)


def _expected_checks(tests: Iterable[object]) -> Iterator[Check]:
    """Yield the check for the assertions of *tests*, which became the expected replies of the cases."""
    kinds = {item.get("type") for test in tests for item in json_objects(json_object(test).get("assert"))}
    if kinds & {"contains", "icontains"}:
        yield Contains(ignore_case="icontains" in kinds)
    elif "equals" in kinds:
        yield Equals(ignore_case=False)


def _checks(assertions: object, notes: list[str]) -> Iterator[Check]:
    for assertion in json_objects(assertions):
        try:
            yield check_of(assertion)
        except ValidationError:
            notes.append(f"The assertion {str(assertion.get('type', ''))[:80]} is not imported.")


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
