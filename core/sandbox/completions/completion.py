"""From the body of a request to its chat completion."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any

from core.sandbox.api import model_rules, parameters
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.messages import RequestMessage, parse_messages
from core.sandbox.api.model_rules import SAMPLING_DEFAULTS
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache, count_image_ids, prompt_token_ids
from core.sandbox.api.serializers import ChatCompletion, CompletionChoice, CompletionUsage
from core.sandbox.api.tokenizer import TokenPiece, decode_pieces, encode
from core.sandbox.completions.logit_bias import apply_logit_bias
from core.sandbox.completions.logprobs import build_logprobs
from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage

_REASONING_TOKENS = {
    "none": 0,
    "minimal": 0,
    "low": 64,
    "medium": 192,
    "high": 448,
    "xhigh": 960,
    "max": 1920,
}
_MISSING_JSON_MESSAGE = (
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
)
_SYSTEM_ROLES = ("system", "developer")
_WORDING_PARAMETERS = ("model", "seed", "temperature", "top_p", "presence_penalty", "frequency_penalty")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A valid request."""

    params: dict[str, Any]
    family: Family
    messages: tuple[RequestMessage, ...]

    @property
    def token_limit(self) -> int:
        """The maximum number of tokens of a choice, reasoning included."""
        requested = self.params.get("max_completion_tokens") or self.params.get("max_tokens")
        return int(requested or self.family.max_output)

    @property
    def wants_json(self) -> bool:
        return bool(self.params.get("response_format", {}).get("type") == "json_object")


def parse_request(body: object, catalog: ModelCatalog) -> ChatRequest:
    """Validate *body* in the order of the API: shape, values, model, messages. Raises ApiError."""
    body = parameters.validate_object("body", body)
    if body.get("model") is None:
        raise invalid_request("you must provide a model parameter", "model", "missing_required_parameter")
    params = parameters.validate(body, parameters.CHAT_PARAMETERS, ("messages",))
    family = model_rules.find_chat_model(params["model"], catalog)
    parameters.validate_combinations(params)
    model_rules.validate_for_model(params, family)
    messages = parse_messages(params["messages"], family.accepts_images)
    request = ChatRequest(params, family, messages)
    if request.wants_json and not any("json" in message.text.lower() for message in messages):
        raise invalid_request(_MISSING_JSON_MESSAGE, "messages")
    model_rules.check_implemented(params)
    return request


def create_completion(request: ChatRequest, seed: int, cache: PromptCache) -> ChatCompletion:
    """Compute the completion: the same text for the same request and *seed*. Raises ApiError."""
    ids = prompt_token_ids(request.messages, request.family)
    _check_context_window(request, len(ids))
    # Sampling parameters only choose between wordings of the same reply, so they go into its random seed.
    parts = [str(seed), *(str(request.params.get(name)) for name in _WORDING_PARAMETERS)]
    parts += [f"{message.role}:{message.text}" for message in request.messages]
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()
    reasoning = _count_reasoning_tokens(request, digest)
    choices = tuple(
        _build_choice(request, digest, index, reasoning) for index in range(request.params.get("n", 1))
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
    return ChatCompletion(
        f"chatcmpl-{secrets.token_hex(14)}", int(time.time()), request.params["model"], choices, usage
    )


def _check_context_window(request: ChatRequest, prompt: int) -> None:
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


def _count_reasoning_tokens(request: ChatRequest, digest: str) -> int:
    """Return a plausible number: it grows with the effort and the length of the question, in steps of 64."""
    effort = model_rules.effective_effort(request.params, request.family)
    words = len(request.messages[-1].text.split())
    steps = _REASONING_TOKENS.get(effort or "none", 0) * (1 + min(words, 300) / 300) / 64
    tokens = 64 * round(steps + (int(digest[:2], 16) % 2 if steps else 0))
    return min(tokens, request.token_limit)


def _build_choice(request: ChatRequest, digest: str, index: int, reasoning: int) -> CompletionChoice:
    random_seed = f"{digest}:{index}"
    conversation = [message for message in request.messages if message.role not in _SYSTEM_ROLES]
    instructions = [message.text for message in request.messages if message.role in _SYSTEM_ROLES]
    prompt = ChatPrompt(
        instructions="\n".join(instructions),
        messages=tuple(ConversationMessage(message.role, message.text) for message in conversation),
        images=conversation[-1].images if conversation else (),
        earlier_images=tuple(image for message in conversation[:-1] for image in message.images),
        model=request.params["model"],
        verbosity=request.params.get("verbosity", "medium"),
        as_json=request.wants_json,
        random_seed=random_seed,
        wording_seed=_wording_seed(request, index),
        temperature=request.params.get("temperature", 1.0),
        encoding=request.family.encoding,
    )
    limit = request.token_limit - reasoning
    tokens = encode(reply(prompt), prompt.encoding)
    if bias := request.params.get("logit_bias"):
        tokens = apply_logit_bias(tokens, bias, limit, random_seed, prompt.encoding)
    pieces, token_count, finish_reason = _truncate(request, tokens, limit)
    logprobs = None
    if request.params.get("logprobs"):
        top = request.params.get("top_logprobs", 0)
        logprobs = build_logprobs(pieces, top, random_seed, request.family.encoding)
    return CompletionChoice(index, tuple(pieces), token_count, finish_reason, logprobs)


def _wording_seed(request: ChatRequest, index: int) -> str:
    """Return the seed of the wording; empty if nothing but the default parameters is requested."""
    values = {name: request.params.get(name, default) for name, default in SAMPLING_DEFAULTS.items()}
    seed = request.params.get("seed")
    if index == 0 and seed is None and values == SAMPLING_DEFAULTS:
        return ""
    return f"{seed}:{index}:{[float(value) for value in values.values()]}"


def _truncate(request: ChatRequest, tokens: list[int], limit: int) -> tuple[list[TokenPiece], int, str]:
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
