"""Prompts with {{variables}}: the presets, and the JSON format for export and import."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from core.files.json_validation import validate_json, validation_error
from core.paths import DATA

_PRESETS = DATA / "prompts.json"
# Names are identifiers, in any script; anything else in braces is plain text.
_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")
# An imported prompt may set parameters, but never where a request goes or what else is sent with it.
_FORBIDDEN_PARAMS = {
    "messages",
    "api_key",
    "base_url",
    "extra_headers",
    "extra_query",
    "extra_body",
    "timeout",
}


class PromptMessage(BaseModel):
    """A message of a prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    role: Literal["system", "developer", "user", "assistant"]
    content: str = Field(max_length=1_000_000)


class Prompt(BaseModel):
    """Messages and parameters to start from. *variables* maps the names in {{...}} to default texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=300)
    language: Literal["en", "ko"] | None = None
    messages: tuple[PromptMessage, ...] = Field(min_length=1, max_length=200)
    params: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _reject_forbidden_params(self) -> Self:
        if forbidden := sorted(_FORBIDDEN_PARAMS & self.params.keys()):
            raise ValueError(f"params must not contain {', '.join(forbidden)}")
        return self

    def variable_names(self) -> list[str]:
        """Return the variables in the messages, in the order of their first use."""
        return find_variables(message.content for message in self.messages)

    def render(self, values: Mapping[str, str] | None = None) -> "RenderedPrompt":
        """Substitute *values*, or the default texts, for the variables. Variables in values stay."""
        values = {**self.variables, **(values or {})}
        names = self.variable_names()
        return RenderedPrompt(
            messages=[
                {"role": message.role, "content": substitute(message.content, values)}
                for message in self.messages
            ],
            missing=[name for name in names if not values.get(name)],
            unused=[name for name in values if name not in names],
        )


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """Messages to send. Variables without a text are *missing* and stay in the messages as {{name}}."""

    messages: list[dict[str, str]]
    missing: list[str]
    unused: list[str]


def find_variables(texts: Iterable[str]) -> list[str]:
    """Return the distinct names of {{variables}} in *texts*, in order."""
    return list(dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text)))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace each {{name}} that has a non-empty value."""
    # A function, because `sub` would interpret backslashes in a replacement string.
    return _VARIABLE.sub(lambda match: values.get(match[1]) or match[0], text)


class PromptFile(BaseModel):
    """The format of exported prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal["openai-sdk-playground/prompts"]
    version: Literal[1]
    prompts: tuple[Prompt, ...] = Field(max_length=1_000)


_FILE = TypeAdapter(PromptFile)


@cache
def presets() -> tuple[Prompt, ...]:
    """Return the prompts that are part of the app, English ones first."""
    return _FILE.validate_json(_PRESETS.read_bytes()).prompts


def prompts_to_json(prompts: Sequence[Prompt]) -> str:
    """Serialise prompts as a file, sorted and with one field a line, so that versions can be compared."""
    prompts = sorted(prompts, key=lambda prompt: prompt.name)
    file = PromptFile(format="openai-sdk-playground/prompts", version=1, prompts=tuple(prompts))
    return json.dumps(file.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def prompts_from_json(text: str) -> list[Prompt]:
    """Parse a file of prompts, which may have been edited. Raises FileValidationError with the lines."""
    file = validate_json(text, _FILE)
    names = [prompt.name for prompt in file.prompts]
    duplicates = [index for index, name in enumerate(names) if name in names[:index]]
    if duplicates:
        message = "An earlier prompt in this file has the same name."
        raise validation_error(text, [(("prompts", index, "name"), message) for index in duplicates])
    return list(file.prompts)
