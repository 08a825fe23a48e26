"""Build the request of a chat completion from what the controls are set to."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field

from core.generation.api_name import ApiName
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_include, unsupported_parameters
from core.tokens.context_window import ApiMessage

MAX_STOP_SEQUENCES = 4
# Where the earlier messages of a conversation are: in each request, or stored on the server, where the
# request names the previous response.
ConversationState = Literal["messages", "previous_response_id"]


class ChatSettings(BaseModel):
    """The settings of a chat request. A parameter that is None is not sent, so the API's default applies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    stream: bool = True
    instructions: str = ""
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    top_p: float | None = Field(default=None, ge=0.0, le=1.0)
    presence_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    frequency_penalty: float | None = Field(default=None, ge=-2.0, le=2.0)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    stop: tuple[str, ...] = Field(default=(), max_length=MAX_STOP_SEQUENCES)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    n: int | None = Field(default=None, ge=1, le=8)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    logit_bias: dict[str, int] | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    response_format: str | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, str] | None = None
    api: ApiName = "chat.completions"
    store: bool | None = None
    # Of the Responses API only:
    state: ConversationState = "messages"
    reasoning_summary: str | None = None
    truncation: str | None = None
    include: tuple[str, ...] = ()
    background: bool | None = None

    @property
    def continues_response(self) -> bool:
        """Whether a request names the stored response that it continues."""
        return self.api == "responses" and self.state == "previous_response_id"

    @property
    def supported_include(self) -> list[str]:
        """What of `include` the model supports."""
        unsupported = unsupported_include(get_model(self.model))
        return [name for name in self.include if name not in unsupported]

    def request_params(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Build the keyword arguments of the call that sends *messages*, as Chat Completions has them.

        `core.apis` writes them for the other API. Parameters that the model does not support are left out, by
        the table that disables their controls.
        """
        excluded = {"instructions", "stream", "stop", "response_format", "api", "state", "include"}
        if self.api == "chat.completions":
            excluded |= {"reasoning_summary", "truncation", "background"}
        chosen = self.model_dump(exclude=excluded, exclude_none=True)
        if self.stop:
            chosen["stop"] = list(self.stop)
        if self.supported_include and self.api == "responses":
            chosen["include"] = self.supported_include
        if self.response_format:
            chosen["response_format"] = {"type": self.response_format}
        unsupported = unsupported_parameters(get_model(self.model), chosen)
        supported = {name: value for name, value in chosen.items() if name not in unsupported}
        params = {**supported, "messages": [*messages]}
        if self.stream:
            params |= {"stream": True, "stream_options": {"include_usage": True}}
        return params

    def messages(self, history: Sequence[ApiMessage]) -> list[ApiMessage]:
        """Return *history* after the instructions, in the role that the model takes them in."""
        if not self.instructions.strip():
            return [*history]
        role = "developer" if get_model(self.model).reasoning else "system"
        return [{"role": role, "content": self.instructions}, *history]


def bounds(parameter: str) -> tuple[float, float]:
    """Return the smallest and largest value of a number parameter, as integers if it takes only those."""
    constraints = ChatSettings.model_fields[parameter].metadata
    minimum = next(constraint.ge for constraint in constraints if isinstance(constraint, Ge))
    maximum = next(constraint.le for constraint in constraints if isinstance(constraint, Le))
    return cast(float, minimum), cast(float, maximum)
