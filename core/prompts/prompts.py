"""Prompts with {{variables}} to fill in: those that come with the app, and the files they travel in."""

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
_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")
# A file from somebody else may suggest parameters, never where a request goes or what else goes with it.
_NOT_SUGGESTED = {"messages", "api_key", "base_url", "extra_headers", "extra_query", "extra_body", "timeout"}


class PromptMessage(BaseModel):
    """One message of a prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    role: Literal["system", "developer", "user", "assistant"]
    content: str = Field(max_length=1_000_000)


class Prompt(BaseModel):
    """Messages and parameters to start from. *variables* holds the text each {{name}} starts with."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    description: str = Field(default="", max_length=300)
    language: Literal["en", "ko"] | None = None
    messages: tuple[PromptMessage, ...] = Field(min_length=1, max_length=200)
    params: dict[str, Any] = Field(default_factory=dict)
    variables: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _suggest_parameters_only(self) -> Self:
        if refused := sorted(_NOT_SUGGESTED & self.params.keys()):
            raise ValueError(f"params may not hold {', '.join(refused)}")
        return self

    def variable_names(self) -> list[str]:
        """Return the variables that the messages use, in the order of their first use."""
        return find_variables(message.content for message in self.messages)

    def render(self, values: Mapping[str, str] | None = None) -> "RenderedPrompt":
        """Put *values*, else the variables' own texts, into the messages. Values are not searched again."""
        known = {**self.variables, **(values or {})}
        used = self.variable_names()
        return RenderedPrompt(
            messages=[
                {"role": message.role, "content": substitute(message.content, known)}
                for message in self.messages
            ],
            missing=[name for name in used if not known.get(name)],
            unused=[name for name in known if name not in used],
        )


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """Messages as they can be sent; variables without text stay as they were written and are *missing*."""

    messages: list[dict[str, str]]
    missing: list[str]
    unused: list[str]


def find_variables(texts: Iterable[str]) -> list[str]:
    """Return the names of {{variables}} in *texts*, each once, in order."""
    return list(dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text)))


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Replace each {{name}} that has a value."""
    return _VARIABLE.sub(lambda match: values.get(match[1]) or match[0], text)


class PromptFile(BaseModel):
    """The file that prompts travel in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal["openai-sdk-playground/prompts"]
    version: Literal[1]
    prompts: tuple[Prompt, ...] = Field(max_length=1_000)


_FILE = TypeAdapter(PromptFile)


@cache
def presets() -> tuple[Prompt, ...]:
    """Return the prompts that come with the app, English ones first."""
    return _FILE.validate_json(_PRESETS.read_bytes()).prompts


def prompts_to_json(some: Sequence[Prompt]) -> str:
    """Write prompts so that a change of one field is a change of one line."""
    ordered = sorted(some, key=lambda prompt: prompt.name)
    file = PromptFile(format="openai-sdk-playground/prompts", version=1, prompts=tuple(ordered))
    return json.dumps(file.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def prompts_from_json(text: str) -> list[Prompt]:
    """Read what `to_file` wrote, perhaps edited. Raises Refused with the lines that are wrong."""
    file = validate_json(text, _FILE)
    names = [prompt.name for prompt in file.prompts]
    twice = [index for index, name in enumerate(names) if name in names[:index]]
    if twice:
        message = "An earlier prompt in this file has the same name."
        raise validation_error(text, [(("prompts", index, "name"), message) for index in twice])
    return list(file.prompts)
