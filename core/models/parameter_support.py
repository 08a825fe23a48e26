"""Which parameters a model does not support, and why: for disabled controls and for requests."""

from collections.abc import Mapping
from typing import Any

from core.models.catalog import Model

SAMPLING_PARAMETERS = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)
_TOOL_PARAMETERS = ("tools", "tool_choice", "parallel_tool_calls")


def unsupported_parameters(
    model: Model, params: Mapping[str, Any], api: str = "chat.completions"
) -> dict[str, str]:
    """Map each parameter that *model* in *api* does not support beside the others in *params* to the reason.

    A parameter that is unsupported with any value is included even if *params* lacks it. `reasoning_effort`
    and `response_format` are included for an unsupported value, too. An unknown model supports everything.
    """
    if model.assumed:
        return {}
    family = model.family
    effort = params.get("reasoning_effort")
    response_format = params.get("response_format")
    reasons = _unsupported_sampling(model, effort) | _unsupported_tools(model, effort, api)
    if not model.efforts:
        reasons["reasoning_effort"] = f"{family} is not a reasoning model."
        reasons["reasoning_summary"] = reasons["reasoning_effort"]
    elif effort is not None and effort not in model.efforts:
        efforts = ", ".join(model.efforts)
        reasons["reasoning_effort"] = f"{family} supports {efforts}, not {str(effort)[:20]!r}."
    is_schema = isinstance(response_format, Mapping) and response_format.get("type") == "json_schema"
    if is_schema and not model.structured_output:
        reasons["response_format"] = f"{family} does not support structured outputs."
    adjustable = model.dimensions is not None and model.dimensions.adjustable
    # Listed whether or not they are sent, because their controls are disabled.
    fixed_support = (
        ("max_tokens", model.max_tokens, f"Deprecated: use max_completion_tokens with {family}."),
        ("stop", model.stop, f"{family} does not support stop."),
        ("n", model.n, f"{family} does not support n."),
        ("seed", model.seed, f"{family} does not support seed."),
        ("stream", model.streaming, f"{family} does not support streaming."),
        ("stream_options", model.streaming, f"{family} does not support streaming."),
        ("dimensions", adjustable, f"{family} has a fixed number of dimensions."),
    )
    return reasons | {name: reason for name, supported, reason in fixed_support if not supported}


def unsupported_include(model: Model) -> dict[str, str]:
    """Map each value of the parameter `include` that *model* does not support to the reason."""
    if model.efforts:
        return {}
    return {"reasoning.encrypted_content": f"{model.family} is not a reasoning model."}


def _unsupported_sampling(model: Model, effort: Any) -> dict[str, str]:
    # Without an effort in the request, the default of the model applies.
    effective = effort or (model.reasoning and model.reasoning.default)
    if model.sampling == "always" or (model.sampling == "effort_none" and effective == "none"):
        return {}
    if model.kind != "chat":
        reason = "Embedding models do not support sampling parameters."
    elif model.sampling == "effort_none":
        reason = f"{model.family} supports sampling parameters only with reasoning effort none."
    else:
        reason = f"{model.family} always reasons, so it does not support sampling parameters."
    return dict.fromkeys(SAMPLING_PARAMETERS, reason)


def _unsupported_tools(model: Model, effort: Any, api: str) -> dict[str, str]:
    if model.tools == "always" or (model.tools != "never" and effort == "none"):
        return {}
    if api == "responses" and model.kind == "chat":
        return {}
    # These models reject tools beside an explicit effort, but not beside the same effort as default.
    if model.tools == "effort_none_or_omitted" and effort is None:
        return {}
    if model.kind != "chat":
        reason = "Only chat models support tools."
    elif model.tools == "never":
        reason = f"{model.family} supports tools only in the Responses API."
    else:
        reason = f"{model.family} supports tools only with reasoning effort none."
    return dict.fromkeys(_TOOL_PARAMETERS, reason)
