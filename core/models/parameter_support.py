"""Which parameters a model refuses, and why: disables controls and decides what is left out."""

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
_TOOLS = ("tools", "tool_choice", "parallel_tool_calls")


def unsupported_parameters(model: Model, params: Mapping[str, Any]) -> dict[str, str]:
    """Map each parameter that *model* refuses beside the others in *params* to the reason.

    What is refused whatever the value is listed even where *params* lacks it; `reasoning_effort` and
    `response_format` also when it is their value that is refused. An unknown model refuses nothing.
    """
    if model.assumed:
        return {}
    return {
        **_sampling(model, params),
        **_tools(model, params),
        **_effort(model, params),
        **_response_format(model, params),
        **_flat(model),
    }


def _flat(model: Model) -> dict[str, str]:
    """The parameters that a model takes or refuses whatever else is sent."""
    of_it = f"{model.family} does not take it."
    adjustable = model.dimensions is not None and model.dimensions.adjustable
    rules = (
        ("max_tokens", model.max_tokens, f"Deprecated: {model.family} takes max_completion_tokens."),
        ("stop", model.stop, of_it),
        ("n", model.n, of_it),
        ("seed", model.seed, of_it),
        ("stream", model.streaming, f"{model.family} does not stream."),
        ("stream_options", model.streaming, f"{model.family} does not stream."),
        ("dimensions", adjustable, f"{model.family} has a fixed length."),
    )
    return {name: reason for name, accepted, reason in rules if not accepted}


def _sampling(model: Model, params: Mapping[str, Any]) -> dict[str, str]:
    effort = params.get("reasoning_effort") or (model.reasoning and model.reasoning.default)
    if model.sampling == "always" or (model.sampling == "effort_none" and effort == "none"):
        return {}
    if model.sampling == "effort_none":
        reason = f'{model.family} takes it only with reasoning_effort "none".'
    else:
        reason = f"{model.family} always reasons, and samples in its own way."
    return dict.fromkeys(
        SAMPLING_PARAMETERS, reason if model.kind == "chat" else "An embedding is not sampled."
    )


def _tools(model: Model, params: Mapping[str, Any]) -> dict[str, str]:
    effort = params.get("reasoning_effort")
    if model.tools == "always" or (model.tools != "never" and effort == "none"):
        return {}
    if model.tools == "effort_none_or_omitted" and effort is None:
        return {}
    return dict.fromkeys(_TOOLS, _why_no_tools(model))


def _why_no_tools(model: Model) -> str:
    if model.kind != "chat":
        return "Only chat models call tools."
    if model.tools == "never":
        return f"{model.family} calls tools only in the Responses API."
    return f'{model.family} calls tools here only with reasoning_effort "none".'


def _effort(model: Model, params: Mapping[str, Any]) -> dict[str, str]:
    if not model.efforts:
        return {"reasoning_effort": f"{model.family} does not reason before it replies."}
    wanted = params.get("reasoning_effort")
    if wanted is None or wanted in model.efforts:
        return {}
    return {"reasoning_effort": f"{model.family} takes {', '.join(model.efforts)}, not {str(wanted)[:20]!r}."}


def _response_format(model: Model, params: Mapping[str, Any]) -> dict[str, str]:
    wanted = params.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    if model.structured_output or kind != "json_schema":
        return {}
    return {"response_format": f"{model.family} does not reply in a JSON schema."}
