"""What a model supports in the Responses API: the same as in Chat Completions, with other errors."""

from collections.abc import Mapping
from typing import Any

from core.sandbox.api import model_rules
from core.sandbox.api.errors import invalid_request, unsupported_parameter
from core.sandbox.api.model_rules import SAMPLING_DEFAULTS
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.parameters import Number
from core.sandbox.responses.parameters import ENCRYPTED_CONTENT, LOGPROBS


def find_model(model: str, catalog: ModelCatalog) -> Family:
    """Return the family of *model*. Raises ApiError if it does not generate text."""
    family = catalog.models.get(model) or catalog.responses_models.get(model)
    if family is None:
        message = f"The requested model '{model[:100]}' does not exist."
        raise invalid_request(message, "model", "model_not_found")
    if family.kind != "chat":
        message = f"The requested model '{model[:100]}' cannot be used with the Responses API."
        raise invalid_request(message, "model", "unsupported_model")
    return family


def is_recent(family: Family) -> bool:
    """Return whether *family* is GPT-5.6 or later: those whose reasoning with tools needs this API."""
    return bool(family.efforts) and family.tools in ("never", "effort_none")


def requires_reasoning_items(family: Family) -> bool:
    """Return whether calls and messages of *family* are refused without the reasoning before them."""
    return bool(family.efforts) and not is_recent(family)


def supported_efforts(family: Family) -> tuple[str, ...]:
    return (*family.efforts, "max") if is_recent(family) else family.efforts


def effective_effort(params: Mapping[str, Any], family: Family) -> str | None:
    effort = params.get("reasoning", {}).get("effort")
    return (effort or family.default_effort) if family.efforts else None


def validate_for_model(params: Mapping[str, Any], family: Family) -> None:
    """Reject parameters and values that *family* does not support. Raises ApiError."""
    _check_reasoning(params, family)
    if "max_output_tokens" in params:
        Number(16, family.max_output, integer=True)("max_output_tokens", params["max_output_tokens"])
    effort = effective_effort(params, family)
    if not model_rules.supports_sampling(family, effort):
        _check_sampling(params)
    if not family.efforts and ENCRYPTED_CONTENT in (params.get("include") or ()):
        raise invalid_request("Encrypted content is not supported with this model.", "include")
    format_type = (params.get("text", {}).get("format") or {}).get("type")
    if format_type == "json_schema" and not family.structured_output:
        message = "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model."
        raise invalid_request(message, "text.format")


def _check_reasoning(params: Mapping[str, Any], family: Family) -> None:
    reasoning = {name: value for name, value in params.get("reasoning", {}).items() if value is not None}
    if reasoning and not family.efforts:
        raise unsupported_parameter(f"reasoning.{next(iter(reasoning))}")
    effort, efforts = reasoning.get("effort"), supported_efforts(family)
    if effort is not None and effort not in efforts:
        *first, last = (f"'{supported}'" for supported in efforts)
        message = (
            f"Unsupported value: '{effort}' is not supported with the '{params['model']}' model. "
            f"Supported values are: {', '.join(first)}, and {last}."
        )
        raise invalid_request(message, "reasoning.effort", "unsupported_value")


def _check_sampling(params: Mapping[str, Any]) -> None:
    for name, default in SAMPLING_DEFAULTS.items():
        if params.get(name, default) != default:
            raise invalid_request(f"Unsupported parameter: '{name}' is not supported with this model.", name)
    is_requested = {
        "top_logprobs": bool(params.get("top_logprobs")),
        "include": LOGPROBS in (params.get("include") or ()),
    }
    for name, requested in is_requested.items():
        if requested:
            message = "logprobs are not supported with reasoning models."
            raise invalid_request(message, name, "unsupported_parameter")
