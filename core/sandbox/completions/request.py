"""A valid request, and how one is parsed from the body of a chat completion request."""

from dataclasses import dataclass, field
from typing import Any

from core.sandbox.api import model_rules, parameters
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.messages import RequestMessage, parse_messages
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.response_format import JsonSchemaFormat, parse_json_schema
from core.sandbox.api.tools import ToolOptions, parse_tools

_MISSING_JSON_MESSAGE = (
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
)


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """A valid request of either API; *params* have the names of chat completions."""

    params: dict[str, Any]
    family: Family
    messages: tuple[RequestMessage, ...]
    json_schema: JsonSchemaFormat | None = None
    tools: ToolOptions = field(default_factory=ToolOptions)

    @property
    def token_limit(self) -> int:
        """The maximum number of tokens of a choice, reasoning included."""
        requested = self.params.get("max_completion_tokens") or self.params.get("max_tokens")
        return int(requested or self.family.max_output)

    @property
    def estimated_tokens(self) -> int:
        """The tokens that count towards a rate limit before the reply is known.

        The larger of the requested maximum and a quarter of the characters. Source: OpenAI's guide to rate
        limits.
        """
        requested = self.params.get("max_completion_tokens") or self.params.get("max_tokens") or 0
        characters = sum(len(message.text) for message in self.messages)
        return max(int(requested), characters // 4, 1)

    @property
    def wants_json(self) -> bool:
        return bool(self.params.get("response_format", {}).get("type") == "json_object")


def parse_request(body: object, catalog: ModelCatalog) -> GenerationRequest:
    """Validate *body* in the order of the API: shape, values, model, messages. Raises ApiError."""
    body = parameters.validate_object("body", body)
    if body.get("model") is None:
        raise invalid_request("you must provide a model parameter", "model", "missing_required_parameter")
    params = parameters.validate(body, parameters.CHAT_PARAMETERS, ("messages",))
    family = model_rules.find_chat_model(params["model"], catalog)
    parameters.validate_combinations(params)
    model_rules.validate_for_model(params, family)
    messages = parse_messages(params["messages"], family.accepts_images)
    json_schema = None
    if params.get("response_format", {}).get("type") == "json_schema":
        json_schema = parse_json_schema(params["response_format"])
    request = GenerationRequest(params, family, messages, json_schema, parse_tools(params))
    if request.wants_json and not any("json" in message.text.lower() for message in messages):
        raise invalid_request(_MISSING_JSON_MESSAGE, "messages")
    parameters.check_supported(params, parameters.CHAT_PARAMETERS)
    return request
