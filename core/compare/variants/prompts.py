"""Variants and the prompts of the prompt library."""

from pydantic import ValidationError

from core.compare.variants.variant import Variant, content_digest
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.prompts.prompts import Prompt

_DIGITS = 8
_OTHER_PARAMS = frozenset({"tools", "response_format"})


def prompt_version(prompt: Prompt) -> str:
    """Return the start of a hash of what *prompt* sends; neither its name nor default texts change it."""
    content = prompt.model_dump(mode="json", include={"messages", "params"})
    return content_digest(content)[:_DIGITS]


def variant_from_prompt(variant: Variant, prompt: Prompt) -> Variant:
    """Return *variant* with the name, messages and parameters of *prompt*.

    Raises PlaygroundError if a variant cannot have its parameters.
    """
    messages = list(prompt.messages)
    has_instructions = messages[0].role in ("system", "developer")
    instructions = messages.pop(0).content if has_instructions else ""
    params = {name: value for name, value in prompt.params.items() if name not in _OTHER_PARAMS}
    try:
        settings = ChatSettings.model_validate(
            {"model": variant.model, **params, "instructions": instructions, "stream": True}
        )
        fields = {
            "name": prompt.name,
            "messages": messages,
            "settings": settings,
            "tools": prompt.params.get("tools", ()),
            "response_format": prompt.params.get("response_format"),
        }
        return Variant.model_validate({**dict(variant), **fields})
    except ValidationError as error:
        raise PlaygroundError(
            f"The prompt {prompt.name} has parameters that a variant cannot have",
            str(error.errors()[0]["msg"]),
        ) from error
