"""What a quick comparison starts with: an example, or a reply of another page."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from core.apis import APIS, api_of
from core.compare.quick.comparison import QuickComparison
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.models.selection import default_model_id, recommend_models
from core.prompts.prompts import PromptMessage
from core.runs.run import Run

# Prompts by the label of their button.
EXAMPLE_PROMPTS: Mapping[str, str] = {
    "English": "What is streaming, and when is it worth it? Show it with the OpenAI Python SDK.",
    "Korean": "토큰이란 무엇인가요? 예를 들어 설명해 주세요.",
}
_SHORT = "Answer in one short sentence."

# In what the two variants of a comparison differ that starts from a reply.
Contrast = Literal["model", "stream", "api"]


def example_comparison(profile_id: str, models: Sequence[str]) -> QuickComparison:
    """Compare two of the *models* of a server, and the first one with a system message."""
    first = default_model_id("chat", models) or next(iter(models), "")
    other = other_model(first, models)
    variants = [
        Variant(profile_id=profile_id, settings=ChatSettings(model=model))
        for model in (first, *([other] if other else []))
    ]
    short = ChatSettings(model=first, instructions=_SHORT)
    variants.append(Variant(name="One sentence", profile_id=profile_id, settings=short))
    return QuickComparison(tuple(variants), EXAMPLE_PROMPTS["English"])


def stream_comparison(profile_id: str, models: Sequence[str]) -> QuickComparison:
    """Compare the same request streamed and not: the time to the first word differs, the total does not."""
    variant = _default_variant(profile_id, models)
    return QuickComparison(_streamed_or_not(variant), EXAMPLE_PROMPTS["English"])


def api_comparison(profile_id: str, models: Sequence[str]) -> QuickComparison:
    """Compare the same question by Chat Completions and by Responses: requests and events differ."""
    return QuickComparison(_by_each_api(_default_variant(profile_id, models)), EXAMPLE_PROMPTS["English"])


def _default_variant(profile_id: str, models: Sequence[str]) -> Variant:
    model = default_model_id("chat", models) or next(iter(models), "")
    return Variant(profile_id=profile_id, settings=ChatSettings(model=model))


def _streamed_or_not(variant: Variant) -> tuple[Variant, ...]:
    settings = {
        "Stream on": variant.settings.model_copy(update={"stream": True}),
        "Stream off": variant.settings.model_copy(update={"stream": False}),
    }
    return tuple(
        variant.duplicate().model_copy(update={"name": name, "settings": each})
        for name, each in settings.items()
    )


def _by_each_api(variant: Variant) -> tuple[Variant, ...]:
    return tuple(
        variant.duplicate().model_copy(update={"name": api.label, "api": name}) for name, api in APIS.items()
    )


def _by_another_model(variant: Variant, models: Sequence[str]) -> tuple[Variant, ...]:
    other = variant.duplicate().model_copy(update={"name": ""})
    model = other_model(variant.model, models)
    return (variant, other.with_model(model) if model else other)


def other_model(model_id: str, models: Sequence[str]) -> str | None:
    """Return the model to compare *model_id* with: a recommended one of another size, else any other."""
    recommended = (entry.model.id for entry in recommend_models(models))
    return next((other for other in (*recommended, *models) if other != model_id), None)


def comparison_of_reply(
    run: Run, profile_id: str, models: Sequence[str], contrast: Contrast = "model"
) -> QuickComparison:
    """Compare a run with one that differs in *contrast* only: the model, whether it is streamed, or the API.

    The other model is one of *models*.

    Raises PlaygroundError if a comparison cannot send the conversation.
    """
    params = api_of(run.endpoint).chat_params(run.params)
    messages = _text_messages(params.get("messages"))
    asked = max((index for index, message in enumerate(messages) if message.role == "user"), default=None)
    if asked is None:
        raise PlaygroundError("This request has no prompt to compare", "Choose one with a user message.")
    earlier = messages[:asked]
    # As settings, so that each model gets them in the role that it takes them in.
    has_instructions = bool(earlier) and earlier[0].role in ("system", "developer")
    instructions = earlier.pop(0).content if has_instructions else ""
    settings = _settings_of(params).model_copy(update={"instructions": instructions})
    response_format = params.get("response_format")
    has_schema = isinstance(response_format, Mapping) and response_format.get("type") == "json_schema"
    same = Variant(
        api="responses" if run.endpoint.startswith("responses.") else "chat.completions",
        profile_id=profile_id,
        settings=settings,
        messages=tuple(earlier),
        tools=tuple(params.get("tools") or ()),
        response_format=response_format if has_schema else None,
    )
    match contrast:
        case "stream":
            variants = _streamed_or_not(same)
        case "api":
            variants = _by_each_api(same)
        case _:  # a page may pass on what a browser sent
            variants = _by_another_model(same, models)
    return QuickComparison(variants, messages[asked].content)


def _text_messages(messages: Any) -> list[PromptMessage]:
    try:
        return [PromptMessage.model_validate(message) for message in messages or ()]
    except ValidationError:
        raise PlaygroundError(
            "A conversation with images or results of tools cannot be compared yet",
            "Ask again without them, then compare that reply.",
        ) from None


def _settings_of(params: Mapping[str, Any]) -> ChatSettings:
    """Return the settings that a request was made of, without what no setting can hold."""
    fields = {name: value for name, value in params.items() if name in ChatSettings.model_fields}
    response_format = params.get("response_format")
    if isinstance(response_format, Mapping):
        format_type = response_format.get("type")
        fields["response_format"] = None if format_type == "json_schema" else format_type
    if isinstance(fields.get("stop"), str):
        fields["stop"] = (fields["stop"],)
    try:
        # Several choices would be one text here.
        return ChatSettings.model_validate({**fields, "stream": True, "n": None})
    except ValidationError:
        raise PlaygroundError(
            "The parameters of this request cannot be edited here", "Compare another reply."
        ) from None
