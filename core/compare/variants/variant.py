"""A variant: one way to ask, which a comparison sets beside others."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field

from core.completions.request import ChatSettings
from core.generation.api_name import ApiName
from core.prompts.prompts import Prompt, PromptMessage, find_variables


class Variant(BaseModel):
    """A model of a server with a prompt, settings, tools and a schema.

    *tools* and *response_format* are sent as they are. The instructions of *settings* come before *messages*,
    in the role that the model takes them in; both may contain {{variables}}.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(default_factory=lambda: uuid4().hex[:12], min_length=1, max_length=32)
    name: str = Field(default="", max_length=100)
    enabled: bool = True
    api: ApiName = "chat.completions"
    profile_id: str = Field(max_length=200)
    messages: tuple[PromptMessage, ...] = Field(default=(), max_length=200)
    settings: ChatSettings
    tools: tuple[dict[str, Any], ...] = Field(default=(), max_length=128)
    response_format: dict[str, Any] | None = None

    @property
    def model(self) -> str:
        return self.settings.model

    @property
    def title(self) -> str:
        """The name, or that of the model."""
        return self.name or self.model

    @property
    def digest(self) -> str:
        """A hash of everything that changes what is sent, or where. Names do not."""
        return content_digest(self.model_dump(mode="json", exclude={"id", "name", "enabled"}))

    def variable_names(self) -> list[str]:
        """Return the variables in the prompt, in the order of their first use."""
        texts = [self.settings.instructions, *(message.content for message in self.messages)]
        return find_variables(texts)

    def duplicate(self) -> "Variant":
        """Return a copy that is another variant."""
        return self.model_copy(update={"id": uuid4().hex[:12], "name": f"{self.title} (copy)"[:100]})

    def with_model(self, model: str, profile_id: str | None = None) -> "Variant":
        """Return this variant for another model, and server if *profile_id* is given."""
        settings = self.settings.model_copy(update={"model": model})
        return self.model_copy(update={"settings": settings, "profile_id": profile_id or self.profile_id})

    def to_prompt(self, name: str, values: Mapping[str, str] | None = None) -> Prompt:
        """Return what the prompt library saves: messages, parameters, and *values* as default texts."""
        settings = self.settings.model_dump(
            mode="json", exclude={"model", "stream", "instructions"}, exclude_defaults=True
        )
        messages = self.messages
        if self.settings.instructions.strip():
            messages = (PromptMessage(role="system", content=self.settings.instructions), *messages)
        params = {"model": self.model, **settings}
        if self.tools:
            params["tools"] = [*self.tools]
        if self.response_format:
            params["response_format"] = self.response_format
        names = self.variable_names()
        defaults = {key: value for key, value in (values or {}).items() if key in names}
        return Prompt(name=name, messages=messages, params=params, variables=defaults)


def content_digest(content: Any) -> str:
    """Return the SHA-256 of a JSON value, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
