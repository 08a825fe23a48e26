"""Build the request of a variant, and continue from its reply, for an API.

An API is an implementation of `VariantApi`; the rest of a comparison knows neither parameters nor messages.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.calls import ApiCall
from core.compare.variants.variant import ApiName, Variant, content_digest
from core.completions.call import ChatCompletionCall
from core.json_values import json_objects
from core.prompts.prompts import substitute
from core.runner.work import WorkRequest
from core.runs.run import Run
from core.tokens.context_window import ApiMessage


class VariantApi(Protocol):
    """Builds the requests of variants for one API."""

    endpoint: str

    def new_call(self) -> ApiCall: ...

    def build(
        self, variant: Variant, values: Mapping[str, str], history: Sequence[ApiMessage]
    ) -> dict[str, Any]:
        """Return the parameters of the request: the prompt with *values*, then *history*."""

    def follow_up(self, run: Run, question: str) -> list[ApiMessage]:
        """Return what a history continues with after *run*: its reply, and the next *question*."""

    def question(self, run: Run) -> str:
        """Return the last text of the user in the request of *run*; nothing if there is none."""


class ChatCompletionsVariants:
    """Variants of Chat Completions."""

    endpoint = ChatCompletionCall.endpoint

    def new_call(self) -> ChatCompletionCall:
        return ChatCompletionCall()

    def build(
        self, variant: Variant, values: Mapping[str, str], history: Sequence[ApiMessage]
    ) -> dict[str, Any]:
        settings = variant.settings
        instructions = substitute(settings.instructions, values)
        chat = settings.model_copy(update={"instructions": instructions})
        prompt = [
            {"role": message.role, "content": substitute(message.content, values)}
            for message in variant.messages
        ]
        params = chat.request_params(chat.messages([*prompt, *history]))
        stream: dict[str, Any] = {
            key: params.pop(key) for key in ("stream", "stream_options") if key in params
        }
        if variant.tools:
            params["tools"] = [*variant.tools]
        if variant.response_format:
            params["response_format"] = variant.response_format
        return {**params, **stream}

    def follow_up(self, run: Run, question: str) -> list[ApiMessage]:
        # Without its tool calls: a request that contains a call but not its result is refused.
        return [{"role": "assistant", "content": run.text}, {"role": "user", "content": question}]

    def question(self, run: Run) -> str:
        for message in reversed(json_objects(run.params.get("messages"))):
            if message.get("role") == "user":
                content = message.get("content")
                parts = [{"text": content}] if isinstance(content, str) else json_objects(content)
                return "\n".join(str(part["text"]) for part in parts if part.get("text"))
        return ""


APIS: Mapping[ApiName, VariantApi] = {"chat.completions": ChatCompletionsVariants()}


def variant_request(
    variant: Variant, values: Mapping[str, str], history: Sequence[ApiMessage] = ()
) -> WorkRequest:
    """Return the request of *variant* with *values* for its variables, after which comes *history*.

    Variables without a value are sent as {{name}}.
    """
    api = APIS[variant.api]
    return WorkRequest(api.build(variant, values, history), api.new_call())


def request_digest(variant: Variant, params: Mapping[str, Any]) -> str:
    """Return a hash of a request and of where it is sent: a result with another one is stale."""
    return content_digest([variant.api, variant.profile_id, params])
