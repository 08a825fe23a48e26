"""Whether a model can be used in a batch, and takes prompts of their length."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

from core.batches.check.findings import LineFinding, Severity
from core.batches.limits import CHAT_URL, EMBEDDINGS_URL, RESPONSES_URL, batch_limits
from core.models.availability import model_lifecycle
from core.models.catalog import get_model
from core.pricing.prices import price_of

_KINDS = {
    CHAT_URL: "chat",
    RESPONSES_URL: "chat",
    EMBEDDINGS_URL: "embedding",
}


def check_model(model_id: str, endpoint: str | None, today: date) -> Iterator[LineFinding]:
    """Yield why the API may refuse *model_id* for a batch at *endpoint*."""
    model, param = get_model(model_id), "body.model"
    name = repr(model_id[:80])
    kind = _KINDS.get(endpoint or "", model.kind)
    lifecycle = model_lifecycle(model, today)
    if model.kind != kind and not model.assumed:
        message = f"{name} is no {kind} model, so {endpoint} refuses it."
        yield LineFinding(None, "model_not_supported", message, param)
    elif lifecycle.status == "shut_down":
        yield LineFinding(None, "model_not_found", f"{name} {lifecycle.text}.", param)
    elif model.assumed:
        message = f"{name} is not in the catalog of models: check its name."
        yield LineFinding(None, "model_not_found", message, param, None, Severity.WARNING)
    elif price_of(model_id, datetime.combine(today, time(), UTC), batch=True) is None:
        message = f"No batch price is known for {name}: it may not support batches."
        yield LineFinding(None, "model_not_supported", message, param, None, Severity.WARNING)


def check_prompt_tokens(tokens: int, model_id: str) -> Iterator[LineFinding]:
    """Yield a finding if the estimated *tokens* of a prompt exceed the context window."""
    model = get_model(model_id)
    window = model.max_input or model.context_window
    if window is not None and tokens > window:
        message = f"About {tokens:,} tokens; {model.family} takes {window:,}."
        # The count is an estimate, so the API may accept a prompt that is a little longer.
        severity = Severity.WARNING
        yield LineFinding(None, "context_length_exceeded", message, "body", None, severity)


def check_input_tokens(counts: Sequence[int]) -> Iterator[LineFinding]:
    """Yield which inputs of an embeddings request have too many tokens, and whether all of them do."""
    limits = batch_limits()
    for index, tokens in enumerate(counts):
        if tokens > limits.tokens_per_input:
            message = f"Input {index + 1:,} has {tokens:,} tokens, at most {limits.tokens_per_input:,}."
            yield LineFinding(None, "context_length_exceeded", message, f"body.input[{index}]")
    if sum(counts) > limits.tokens_per_line:
        message = f"{sum(counts):,} tokens, at most {limits.tokens_per_line:,} in one request."
        yield LineFinding(None, "context_length_exceeded", message, "body.input")
