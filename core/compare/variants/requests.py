"""Build the request of a variant, and continue from its reply."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.apis import APIS, api_of
from core.compare.variants.variant import Variant, content_digest
from core.json_values import json_objects
from core.prompts.prompts import substitute
from core.runner.work import WorkRequest
from core.runs.run import Run
from core.tokens.context_window import ApiMessage


def variant_request(
    variant: Variant, values: Mapping[str, str], history: Sequence[ApiMessage] = ()
) -> WorkRequest:
    """Return the request of *variant* with *values* for its variables, after which comes *history*.

    Variables without a value are sent as {{name}}.
    """
    instructions = substitute(variant.settings.instructions, values)
    settings = variant.settings.model_copy(update={"instructions": instructions, "api": variant.api})
    prompt = [
        {"role": message.role, "content": substitute(message.content, values)} for message in variant.messages
    ]
    params = settings.request_params(settings.messages([*prompt, *history]))
    stream: dict[str, Any] = {key: params.pop(key) for key in ("stream", "stream_options") if key in params}
    if variant.tools:
        params["tools"] = [*variant.tools]
    if variant.response_format:
        params["response_format"] = variant.response_format
    api = APIS[variant.api]
    return WorkRequest(api.params({**params, **stream}), api.new_call())


def chat_request(variant: Variant, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of the request of *variant* as Chat Completions has them, whatever its API."""
    return variant_request(variant.model_copy(update={"api": "chat.completions"}), values).params


def follow_up(run: Run, question: str) -> list[ApiMessage]:
    """Return what a history continues with after *run*: its reply, and the next *question*."""
    # Without its tool calls: a request that contains a call but not its result is refused.
    return [{"role": "assistant", "content": run.text}, {"role": "user", "content": question}]


def question_of(run: Run) -> str:
    """Return the last text of the user in the request of *run*; nothing if there is none."""
    messages = api_of(run.endpoint).chat_params(run.params).get("messages")
    for message in reversed(json_objects(messages)):
        if message.get("role") == "user":
            content = message.get("content")
            parts = [{"text": content}] if isinstance(content, str) else json_objects(content)
            return "\n".join(str(part["text"]) for part in parts if part.get("text"))
    return ""


def request_digest(variant: Variant, params: Mapping[str, Any]) -> str:
    """Return a hash of a request and of where it is sent: a result with another one is stale."""
    return content_digest([variant.api, variant.profile_id, params])
