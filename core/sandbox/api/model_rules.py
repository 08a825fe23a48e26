"""Validation of parameters against what a model supports."""

from collections.abc import Mapping
from typing import Any

from core.sandbox.api.errors import (
    ApiError,
    invalid_request,
    unsupported_parameter,
    unsupported_value,
)
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.parameters import OneOf
from core.sandbox.api.tokenizer import get_encoding

SAMPLING_DEFAULTS = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
_LOGPROB_PARAMETERS = ("logprobs", "top_logprobs", "logit_bias")


def find_chat_model(model: str, catalog: ModelCatalog) -> Family:
    """Return the family of *model*. Raises ApiError (404) if it is unknown or not a chat model."""
    if model in catalog.responses_models:
        message = "This model is only supported in v1/responses and not in v1/chat/completions."
        raise ApiError(404, message, param="model")
    family = catalog.models.get(model)
    if family is None:
        raise model_not_found(model)
    if family.kind != "chat":
        message = "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
        raise ApiError(404, message, param="model")
    return family


def model_not_found(model: str) -> ApiError:
    message = f"The model `{model[:100]}` does not exist or you do not have access to it."
    return ApiError(404, message, code="model_not_found")


def effective_effort(params: Mapping[str, Any], family: Family) -> str | None:
    """Return the requested reasoning effort, else the default; None for a model without reasoning."""
    return params.get("reasoning_effort", family.default_effort) if family.efforts else None


def validate_for_model(params: Mapping[str, Any], family: Family) -> None:
    """Reject parameters and values that *family* does not support. Raises ApiError."""
    effort = params.get("reasoning_effort")
    if effort is not None and not family.efforts:
        raise unsupported_parameter("reasoning_effort")
    if effort is not None and effort not in family.efforts:
        efforts = ", ".join(f"'{supported}'" for supported in family.efforts)
        raise unsupported_value("reasoning_effort", effort, f"Supported values are: {efforts}.")
    if "max_tokens" in params and not family.max_tokens:
        raise unsupported_parameter("max_tokens", " Use 'max_completion_tokens' instead.")
    for name in ("max_tokens", "max_completion_tokens"):
        if params.get(name, 0) > family.max_output:
            message = (
                f"{name} is too large: {params[name]}. This model supports at most {family.max_output} "
                f"completion tokens, whereas you provided {params[name]}."
            )
            raise invalid_request(message, name, "invalid_value")
    _check_sampling(params, family)
    _check_other_parameters(params, family)
    _check_tools(params, family)
    format_type = params.get("response_format", {"type": "text"}).get("type")
    OneOf(("json_object", "json_schema", "text"))("response_format.type", format_type)
    if format_type == "json_schema" and not family.structured_output:
        message = (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
        )
        raise invalid_request(message, "response_format")
    _check_logit_bias(params, family)


def supports_sampling(family: Family, effort: str | None) -> bool:
    """Return whether *family* has parameters such as `temperature` at *effort*."""
    return family.sampling == "always" or (family.sampling == "effort_none" and effort == "none")


def _check_sampling(params: Mapping[str, Any], family: Family) -> None:
    if supports_sampling(family, effective_effort(params, family)):
        return
    for name, default in SAMPLING_DEFAULTS.items():
        if params.get(name, default) != default:
            raise unsupported_value(name, params[name], f"Only the default ({default}) value is supported.")
    for name in _LOGPROB_PARAMETERS:
        if params.get(name):
            raise unsupported_parameter(name)


def _check_other_parameters(params: Mapping[str, Any], family: Family) -> None:
    if "stop" in params and not family.stop:
        raise unsupported_parameter("stop")
    if params.get("n", 1) != 1 and not family.n:
        raise unsupported_value("n", params["n"], "Only the default (1) value is supported.")
    if "seed" in params and not family.seed:
        raise unsupported_parameter("seed")
    if "prediction" in params and family.efforts:
        raise unsupported_parameter("prediction")
    if params.get("stream") and not family.streaming:
        raise unsupported_value("stream", "true", "Only the default (false) value is supported.")


def _check_tools(params: Mapping[str, Any], family: Family) -> None:
    if not params.get("tools"):
        return
    allowed = {
        "always": True,
        "effort_none": params.get("reasoning_effort") == "none",
        "effort_none_or_omitted": params.get("reasoning_effort", "none") == "none",
    }.get(family.tools, False)
    if not allowed:
        message = (
            f"Function tools with reasoning_effort are not supported for {family.id} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to "
            "'none'."
        )
        raise invalid_request(message, "reasoning_effort")


def _check_logit_bias(params: Mapping[str, Any], family: Family) -> None:
    if not params.get("logit_bias"):
        return
    encoding = get_encoding(family.encoding)
    for token in params["logit_bias"]:
        try:
            encoding.decode_single_token_bytes(int(token))
        except KeyError:
            message = f"Invalid key in 'logit_bias': {token}. Maximum value is {encoding.max_token_value}."
            raise invalid_request(message, "logit_bias", "invalid_value") from None
