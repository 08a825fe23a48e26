"""Fit a conversation into the model's context window before it is sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.completions.request import ChatSettings
from core.conversations.messages import Message, api_messages, non_empty
from core.images.image import placeholder_image
from core.models.catalog import get_model
from core.runs.run import Run
from core.tokens.context_window import TokenBudget, TrimOptions, TrimResult, budget_for, trim_messages
from core.tokens.estimate import estimate_tokens, message_counter


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """The messages of the next request, those that were dropped from it, and the budget they must fit."""

    trimmed: TrimResult
    dropped: tuple[Message, ...]
    budget: TokenBudget


def prepare_request(
    settings: ChatSettings,
    trim: TrimOptions,
    history: Sequence[Message],
    extra_messages: Sequence[dict[str, Any]] = (),
) -> PreparedRequest:
    """Trim *history*, followed by *extra_messages*, to the budget of the model.

    Loads the model's vocabulary, so call it off the event loop.
    """
    sent = non_empty(history)
    messages = settings.messages([*api_messages(sent), *extra_messages])
    # The instructions, if any, come first; indices of `messages` are those of `sent` plus their number.
    offset = len(messages) - len(sent) - len(extra_messages)
    pinned = {offset + index for index, message in enumerate(sent) if message.pinned}
    # What tools, schema and framing take is overhead, which one empty message shows.
    count_message, empty = message_counter(settings.model), {"role": "user", "content": ""}
    overhead = estimate_tokens(settings.request_params([empty])).tokens - count_message(empty)
    if trim.simulated_window:
        budget = TokenBudget(None, trim.simulated_window, overhead=overhead)
    else:
        budget = budget_for(get_model(settings.model), settings.max_completion_tokens, overhead)
    result = trim_messages(messages, budget, trim.strategy, count_message, pinned)
    dropped = [index - offset for index in result.dropped_indices]
    return PreparedRequest(result, tuple(sent[index] for index in dropped if index < len(sent)), budget)


def fits_without_counting(
    settings: ChatSettings, trim: TrimOptions, messages: Sequence[Mapping[str, Any]]
) -> bool:
    """Whether *messages* fit even if every byte were a token, which makes counting unnecessary."""
    budget = budget_for(get_model(settings.model), settings.max_completion_tokens)
    limit = trim.simulated_window or budget.input_limit
    return limit is None or len(json.dumps(messages, ensure_ascii=False).encode(errors="replace")) < limit


@dataclass(frozen=True, slots=True)
class ContextUsage:
    """Estimated *tokens* of the next request, untrimmed, against the *input_limit*; None if it is unknown.

    If it *continues_response*, only what is new is sent, but the server counts the stored messages, too.
    """

    tokens: int
    input_limit: int | None
    budget: TokenBudget
    trimmed: TrimResult | None = None
    continues_response: bool = False

    @property
    def is_over(self) -> bool:
        return self.input_limit is not None and self.tokens > self.input_limit

    @property
    def fraction(self) -> float:
        return min(self.tokens / self.input_limit, 1.0) if self.input_limit else 0.0


def context_usage(
    settings: ChatSettings,
    trim: TrimOptions,
    history: Sequence[Message],
    draft: str = "",
    images: Sequence[tuple[int, int]] = (),
) -> ContextUsage:
    """Estimate the next request with *draft* and *images*, given as width and height in pixels.

    An empty conversation is 0 tokens without loading the vocabulary.
    """
    extra_messages = _draft_messages(draft, images)
    if not history and not extra_messages and not settings.instructions:
        budget = budget_for(get_model(settings.model), settings.max_completion_tokens)
        return ContextUsage(0, trim.simulated_window or budget.input_limit, budget)
    untrimmed = prepare_request(settings, replace(trim, strategy="none"), history, extra_messages)
    trimmed = prepare_request(settings, trim, history, extra_messages).trimmed
    return ContextUsage(untrimmed.trimmed.tokens, untrimmed.budget.input_limit, untrimmed.budget, trimmed)


def stored_context_usage(
    settings: ChatSettings,
    previous: Run,
    branch: Sequence[Message],
    draft: str = "",
    images: Sequence[tuple[int, int]] = (),
) -> ContextUsage:
    """Estimate the next request if it continues the response of *previous*, the last reply of *branch*.

    Nothing of it is trimmed here. The server has counted all but the new messages.
    """
    extra_messages = _draft_messages(draft, images)
    whole = prepare_request(settings, TrimOptions("none"), branch, extra_messages)
    tokens, usage = whole.trimmed.tokens, previous.usage
    if usage is not None:
        position = next(at for at, message in enumerate(branch) if message.run_id == previous.id)
        new_messages = [*api_messages(branch[position + 1 :]), *extra_messages]
        # The reasoning of an earlier reply is not part of the next input.
        stored = usage.input_tokens + usage.output_tokens - usage.reasoning_tokens
        tokens = stored + sum(map(message_counter(settings.model), new_messages))
    return ContextUsage(tokens, whole.budget.input_limit, whole.budget, continues_response=True)


def _draft_messages(draft: str, images: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    parts = [{"type": "image_url", "image_url": {"url": placeholder_image(*size)}} for size in images]
    content = [{"type": "text", "text": draft}, *parts] if parts else draft
    return [{"role": "user", "content": content}] if content else []
