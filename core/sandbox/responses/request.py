"""From the body of a request to a valid request of the Responses API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api import parameters
from core.sandbox.api.errors import ApiError, invalid_request, invalid_type, missing_parameter
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.response_format import JsonSchemaFormat
from core.sandbox.completions.request import GenerationRequest
from core.sandbox.responses.context import RequestContents, ServerState, truncate
from core.sandbox.responses.errors import missing_input, own_names, unknown_key
from core.sandbox.responses.input_items import Item, parse_input
from core.sandbox.responses.model_rules import find_model, requires_reasoning_items, validate_for_model
from core.sandbox.responses.parameters import LOGPROBS, PARAMETERS, Table, validate_types
from core.sandbox.responses.text_format import check_json_is_mentioned, parse_format
from core.sandbox.responses.tools import ResponseTools, parse_tools

_STATE_PARAMETERS = ("previous_response_id", "prompt", "conversation")
# The parameters that have the same name and meaning in Chat Completions.
_SAME_NAMES = (
    "model",
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "top_logprobs",
    "prompt_cache_key",
)


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """A valid request. From *own_start* on, *items* are its own; those before are of earlier responses."""

    params: Mapping[str, Any]
    family: Family
    items: tuple[Item, ...]
    own_start: int
    tools: ResponseTools
    json_schema: JsonSchemaFormat | None
    generation: GenerationRequest

    @property
    def is_background(self) -> bool:
        return bool(self.params.get("background"))

    @property
    def is_stored(self) -> bool:
        return bool(self.params.get("store", True))


def parse_request(
    body: object, catalog: ModelCatalog, state: ServerState, table: Table = PARAMETERS
) -> ResponseRequest:
    """Validate *body* in the order of the API: model, names, input, values, state, model. Raises ApiError."""
    body = parameters.validate_object("body", body)
    family = _find_family(body, catalog)
    params = {name: value for name, value in body.items() if value is not None}
    for name in params:
        if name not in table:
            raise unknown_key(name, table, body)
    if not any(name in params for name in ("input", *_STATE_PARAMETERS)):
        raise missing_input()
    own_items = parse_input(params.get("input", []))
    validate_types(params, table)
    _check_combinations(params)
    json_schema = parse_format(params.get("text", {}).get("format"))
    tools = parse_tools(params)
    _check_server_state(params)
    contents = RequestContents.load(params.get("previous_response_id"), own_items, state)
    validate_for_model(params, family)
    if requires_reasoning_items(family):
        contents.check_reasoning(own_items, state)
    with own_names():
        messages = contents.messages(family.accepts_images, state.read_file)
        if _format_type(params) == "json_object":
            check_json_is_mentioned(messages)
        parameters.check_supported(params, table)
        generation = _generation_request(params, family, messages, json_schema, tools)
    own_start = len(contents.items) - len(own_items)
    return ResponseRequest(params, family, contents.items, own_start, tools, json_schema, generation)


def _find_family(body: Mapping[str, Any], catalog: ModelCatalog) -> Family:
    if "model" not in body:
        raise missing_parameter("model")
    if not isinstance(body["model"], str):
        raise invalid_type("model", "a string", body["model"])
    return find_model(body["model"], catalog)


def _check_combinations(params: Mapping[str, Any]) -> None:
    if "stream_options" in params and not params.get("stream"):
        message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        raise invalid_request(message, "stream_options")
    if params.get("background") and params.get("store") is False:
        raise invalid_request("Background mode requires 'store' to be true.", "background")
    if "previous_response_id" in params and "conversation" in params:
        message = (
            "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are only "
            "providing one of: 'previous_response_id' or 'conversation'."
        )
        raise invalid_request(message, None, "mutually_exclusive_parameters")


def _check_server_state(params: Mapping[str, Any]) -> None:
    """Refuse conversations and prompts: the sandbox has none, so none can be found."""
    if "conversation" in params:
        value = params["conversation"]
        conversation_id = str(value.get("id") if isinstance(value, dict) else value)
        raise ApiError(404, f"Conversation with id '{conversation_id[:100]}' not found.")
    if "prompt" in params:
        raise ApiError(404, f"Prompt with id '{str(params['prompt'].get('id'))[:100]}' not found.")


def _generation_request(
    params: Mapping[str, Any],
    family: Family,
    messages: tuple[RequestMessage, ...],
    json_schema: JsonSchemaFormat | None,
    tools: ResponseTools,
) -> GenerationRequest:
    """Return the request with the names of Chat Completions, whose reply it gets."""
    values: dict[str, Any] = {name: params[name] for name in _SAME_NAMES if name in params}
    renamed = {
        "max_completion_tokens": params.get("max_output_tokens"),
        "reasoning_effort": params.get("reasoning", {}).get("effort"),
        "verbosity": params.get("text", {}).get("verbosity"),
        "response_format": {"type": _format_type(params)} if _format_type(params) else None,
        "logprobs": LOGPROBS in params.get("include", ()) or None,
    }
    values |= {name: value for name, value in renamed.items() if value is not None}
    if params.get("instructions"):
        messages = (RequestMessage("developer", params["instructions"]), *messages)
    request = GenerationRequest(values, family, messages, json_schema, tools.options)
    return truncate(request) if params.get("truncation") == "auto" else request


def _format_type(params: Mapping[str, Any]) -> str | None:
    text_format = params.get("text", {}).get("format") or {}
    return text_format.get("type")
