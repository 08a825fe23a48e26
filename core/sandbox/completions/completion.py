"""The reply to a request of either API, and the chat completion that contains it."""

import hashlib
import secrets
import time

from core.sandbox.api import model_rules
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.model_rules import SAMPLING_DEFAULTS
from core.sandbox.api.models import Family
from core.sandbox.api.prompt_tokens import PromptCache, count_image_ids, prompt_token_ids
from core.sandbox.api.serializers import (
    ChatCompletion,
    CompletionChoice,
    CompletionToolCall,
    CompletionUsage,
    Generation,
)
from core.sandbox.api.tokenizer import TokenPiece, count_tokens, decode_pieces, encode
from core.sandbox.completions.composition import ComposedReply, compose
from core.sandbox.completions.logit_bias import apply_logit_bias
from core.sandbox.completions.logprobs import build_logprobs
from core.sandbox.completions.request import GenerationRequest
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage, ModelSize

_REASONING_TOKENS = {
    "none": 0,
    "minimal": 0,
    "low": 64,
    "medium": 192,
    "high": 448,
    "xhigh": 960,
    "max": 1920,
}
# What a call takes besides its name and arguments.
_TOKENS_PER_CALL = 5
_SIZES: tuple[ModelSize, ...] = ("small", "medium", "large", "smallest")
_SYSTEM_ROLES = ("system", "developer")
_WORDING_PARAMETERS = ("model", "seed", "temperature", "top_p", "presence_penalty", "frequency_penalty")


def create_completion(request: GenerationRequest, generation: Generation) -> ChatCompletion:
    return ChatCompletion(
        f"chatcmpl-{secrets.token_hex(14)}", int(time.time()), request.params["model"], generation
    )


def generate(request: GenerationRequest, seed: int, cache: PromptCache, fault_name: str = "") -> Generation:
    """Compute the reply: the same text for the same request and *seed*. Raises ApiError.

    A fault called "refusal", "content-filter" or "schema-ignored" changes the reply itself.
    """
    ids = prompt_token_ids(request.messages, request.family, request.tools, request.json_schema)
    _check_context_window(request, len(ids))
    # Sampling parameters only choose between wordings of the same reply, so they go into its random seed.
    parts = [str(seed), *(str(request.params.get(name)) for name in _WORDING_PARAMETERS)]
    parts += [f"{message.role}:{message.text}" for message in request.messages]
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
    reasoning = _count_reasoning_tokens(request, digest)
    choices = tuple(
        _build_choice(request, digest, index, reasoning, fault_name)
        for index in range(request.params.get("n", 1))
    )
    # Prompts of different models, or with different cache keys, share no prefixes.
    owner = f"{request.params['model']}\n{request.params.get('prompt_cache_key', '')}"
    cached, written = cache.lookup_and_store(ids, owner, request.family.cache_minimum)
    usage = CompletionUsage(
        prompt_tokens=len(ids),
        completion_tokens=sum(choice.token_count for choice in choices) + reasoning * len(choices),
        cached_tokens=cached,
        cache_write_tokens=written if request.family.cache_writes_billed else 0,
        image_tokens=count_image_ids(ids),
        reasoning_tokens=reasoning * len(choices),
    )
    return Generation(choices, usage, choices[0].origin)


def _check_context_window(request: GenerationRequest, prompt: int) -> None:
    family = request.family
    completion = request.params.get("max_completion_tokens") or request.params.get("max_tokens") or 0
    if prompt + completion <= family.context_window and prompt <= family.max_input:
        return
    excess = f"your messages resulted in {prompt} tokens"
    if prompt <= family.max_input:
        total = prompt + completion
        excess = f"you requested {total} tokens ({prompt} in the messages, {completion} in the completion)"
    message = (
        f"This model's maximum context length is {family.context_window} tokens. However, {excess}. "
        "Please reduce the length of the messages."
    )
    raise invalid_request(message, "messages", "context_length_exceeded")


def _count_reasoning_tokens(request: GenerationRequest, digest: str) -> int:
    """Return a plausible number: it grows with the effort and the length of the question, in steps of 64."""
    effort = model_rules.effective_effort(request.params, request.family)
    words = len(request.messages[-1].text.split())
    steps = _REASONING_TOKENS.get(effort or "none", 0) * (1 + min(words, 300) / 300) / 64
    tokens = 64 * round(steps + (int(digest[:2], 16) % 2 if steps else 0))
    return min(tokens, request.token_limit)


def _build_choice(
    request: GenerationRequest, digest: str, index: int, reasoning: int, fault_name: str
) -> CompletionChoice:
    prompt = _build_prompt(request, digest, index)
    composed = compose(request, prompt, fault_name)
    limit = request.token_limit - reasoning
    if composed.calls:
        return _build_tool_calls(request, composed, index, limit)
    tokens = encode(composed.text, prompt.encoding)
    if bias := request.params.get("logit_bias"):
        tokens = apply_logit_bias(tokens, bias, limit, prompt.random_seed, prompt.encoding)
    pieces, token_count, finish_reason = _truncate(request, tokens, limit)
    logprobs = None
    if request.params.get("logprobs"):
        top = request.params.get("top_logprobs", 0)
        logprobs = build_logprobs(pieces, top, prompt.random_seed, request.family.encoding)
    if fault_name == "content-filter":
        pieces, finish_reason = pieces[: len(pieces) // 2], "content_filter"
        logprobs = logprobs and logprobs[: len(pieces)]
    return CompletionChoice(
        index,
        tuple(pieces),
        token_count,
        finish_reason,
        logprobs,
        is_refusal=composed.is_refusal,
        origin=composed.origin,
    )


def _build_prompt(request: GenerationRequest, digest: str, index: int) -> ChatPrompt:
    conversation = [message for message in request.messages if message.role not in _SYSTEM_ROLES]
    instructions = [message.text for message in request.messages if message.role in _SYSTEM_ROLES]
    return ChatPrompt(
        instructions="\n".join(instructions),
        messages=tuple(ConversationMessage(message.role, message.text) for message in conversation),
        images=conversation[-1].images if conversation else (),
        earlier_images=tuple(image for message in conversation[:-1] for image in message.images),
        model=request.params["model"],
        size=_model_size(request.family),
        # So that a model also differs from the deprecated one that it succeeds.
        model_variant=_SIZES.index(_model_size(request.family)) + bool(request.family.shutdown),
        verbosity=request.params.get("verbosity", "medium"),
        as_json=request.wants_json,
        random_seed=f"{digest}:{index}",
        wording_seed=_wording_seed(request, index),
        temperature=request.params.get("temperature", 1.0),
        encoding=request.family.encoding,
    )


def _model_size(family: Family) -> ModelSize:
    if "nano" in family.id:
        return "smallest"
    return {"small": _SIZES[0], "medium": _SIZES[1]}.get(family.tier, "large")


def _build_tool_calls(
    request: GenerationRequest, composed: ComposedReply, index: int, limit: int
) -> CompletionChoice:
    """Return the calls up to the token *limit*: a call that exceeds it has incomplete arguments."""
    encoding = request.family.encoding
    calls = []
    count = 0
    for call in composed.calls:
        tokens = encode(call.arguments, encoding)
        pieces = decode_pieces(tokens[: max(0, limit - count)], encoding)
        calls.append(CompletionToolCall(f"call_{secrets.token_hex(12)}", call.name, tuple(pieces)))
        count += len(tokens) + count_tokens(call.name, encoding) + _TOKENS_PER_CALL
        if count > limit:
            return CompletionChoice(index, (), limit, "length", tool_calls=tuple(calls))
    # The API reports "stop" if the request names the function.
    finish_reason = "stop" if request.tools.is_named else "tool_calls"
    return CompletionChoice(index, (), count, finish_reason, tool_calls=tuple(calls))


def _wording_seed(request: GenerationRequest, index: int) -> str:
    """Return the seed of the wording; empty if nothing but the default parameters is requested."""
    values = {name: request.params.get(name, default) for name, default in SAMPLING_DEFAULTS.items()}
    seed = request.params.get("seed")
    if index == 0 and seed is None and values == SAMPLING_DEFAULTS:
        return ""
    return f"{seed}:{index}:{[float(value) for value in values.values()]}"


def _truncate(request: GenerationRequest, tokens: list[int], limit: int) -> tuple[list[TokenPiece], int, str]:
    """Apply the token *limit* and `stop`. Return pieces, number of tokens and finish reason."""
    encoding = request.family.encoding
    pieces = decode_pieces(tokens[:limit], encoding)
    text = "".join(piece.text for piece in pieces)
    stop = request.params.get("stop") or []
    ends = [text.find(sequence) for sequence in ([stop] if isinstance(stop, str) else stop)]
    ends = [end for end in ends if end >= 0]
    if ends:
        tokens = encode(text[: min(ends)], encoding)
        return decode_pieces(tokens, encoding), len(tokens), "stop"
    return pieces, min(len(tokens), limit), "length" if len(tokens) > limit else "stop"
