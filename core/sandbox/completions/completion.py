"""From a checked request to a finished completion: text, cuts, usage."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.api import model_rules, parameters
from core.sandbox.api.errors import invalid_request
from core.sandbox.api.messages import RequestMessage, parse_messages
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache, count_image_ids, prompt_token_ids
from core.sandbox.api.serializers import ChatCompletion, CompletionChoice, CompletionUsage
from core.sandbox.api.tokenizer import TokenPiece, decode_pieces, encode
from core.sandbox.completions.logprobs import build_logprobs
from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage

_THOUGHT = {"none": 0, "minimal": 0, "low": 64, "medium": 192, "high": 448, "xhigh": 960, "max": 1920}
_NO_JSON_WORD = (
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
)
_SYSTEM = ("system", "developer")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request in which everything has been checked."""

    params: dict[str, Any]
    family: Family
    messages: tuple[RequestMessage, ...]

    @property
    def token_limit(self) -> int:
        """The most tokens the reply may have, reasoning included."""
        asked = self.params.get("max_completion_tokens") or self.params.get("max_tokens")
        return int(asked or self.family.max_output)


def parse_request(body: object, catalogue: ModelCatalog) -> ChatRequest:
    """Check *body* as the API does: shape, values, model, then messages. Raises ApiProblem."""
    body = parameters.validate_object("body", body)
    if body.get("model") is None:
        raise invalid_request("you must provide a model parameter", "model", "missing_required_parameter")
    params = parameters.validate(body, parameters.CHAT_PARAMETERS, ("messages",))
    family = model_rules.find_chat_model(params["model"], catalogue)
    parameters.validate_combinations(params)
    model_rules.validate_for_model(params, family)
    messages = parse_messages(params["messages"], family.accepts_images)
    _check_json_word(params, messages)
    return ChatRequest(params, family, messages)


def create_completion(request: ChatRequest, seed: int, cache: PromptCache) -> ChatCompletion:
    """Write the completion: always the same text for the same request and seeds. Raises ApiProblem."""
    ids = prompt_token_ids(request.messages, request.family)
    _check_window(request, len(ids))
    basis = _basis(request, seed)
    reasoning = _reasoning(request, basis)
    choices = tuple(_choice(request, basis, index, reasoning) for index in range(request.params.get("n", 1)))
    written = sum(choice.token_count for choice in choices)
    cached, fresh = cache.lookup_and_store(ids, _owner(request), request.family.cache_minimum)
    usage = CompletionUsage(
        prompt_tokens=len(ids),
        completion_tokens=written + reasoning * len(choices),
        cached_tokens=cached,
        cache_write_tokens=fresh if request.family.cache_writes_billed else 0,
        image_tokens=count_image_ids(ids),
        reasoning_tokens=reasoning * len(choices),
    )
    return ChatCompletion(
        f"chatcmpl-{secrets.token_hex(14)}", int(time.time()), request.params["model"], choices, usage
    )


def _check_window(request: ChatRequest, prompt: int) -> None:
    family = request.family
    asked = request.params.get("max_completion_tokens") or request.params.get("max_tokens") or 0
    if prompt + asked <= family.context_window and prompt <= family.max_input:
        return
    used = f"your messages resulted in {prompt} tokens"
    if prompt <= family.max_input:
        used = f"you requested {prompt + asked} tokens ({prompt} in the messages, {asked} in the completion)"
    text = (
        f"This model's maximum context length is {family.context_window} tokens. However, {used}. "
        "Please reduce the length of the messages."
    )
    raise invalid_request(text, "messages", "context_length_exceeded")


def _check_json_word(params: Mapping[str, Any], messages: Sequence[RequestMessage]) -> None:
    wants = params.get("response_format", {}).get("type") == "json_object"
    if wants and not any("json" in message.text.lower() for message in messages):
        raise invalid_request(_NO_JSON_WORD, "messages")


def _owner(request: ChatRequest) -> str:
    return f"{request.params['model']}\n{request.params.get('prompt_cache_key', '')}"


def _basis(request: ChatRequest, seed: int) -> str:
    """Digest what the wording depends on."""
    names = ("model", "seed", "temperature", "top_p", "presence_penalty", "frequency_penalty")
    chosen = [str(request.params.get(name)) for name in names]
    said = [f"{message.role}:{message.text}" for message in request.messages]
    return hashlib.blake2b(
        "\0".join([str(seed), *chosen, *said]).encode("utf-8", "replace"), digest_size=16
    ).hexdigest()


def _reasoning(request: ChatRequest, basis: str) -> int:
    """Invent reasoning tokens: more with the effort and with the length of the question, in steps of 64."""
    effort = model_rules.effective_effort(request.params, request.family)
    words = len(request.messages[-1].text.split())
    steps = _THOUGHT.get(effort or "none", 0) * (1 + min(words, 300) / 300) / 64
    wanted = 64 * round(steps + (int(basis[:2], 16) % 2 if steps else 0))
    return min(wanted, request.token_limit)


def _choice(request: ChatRequest, basis: str, index: int, reasoning: int) -> CompletionChoice:
    text = reply(_prompt(request, f"{basis}:{index}"))
    found, spent, finish = _cut(request, text, request.token_limit - reasoning)
    probabilities = None
    if request.params.get("logprobs"):
        most = request.params.get("top_logprobs", 0)
        probabilities = build_logprobs(found, most, f"{basis}:{index}", request.family.encoding)
    return CompletionChoice(index, tuple(found), spent, finish, probabilities)


def _cut(request: ChatRequest, text: str, room: int) -> tuple[list[TokenPiece], int, str]:
    """Apply bias, limit and stop sequences; return the pieces, the tokens spent, and why it ended."""
    name = request.family.encoding
    tokens = _biased(encode(text, name), request.params.get("logit_bias") or {}, room)
    found = decode_pieces(tokens[:room], name)
    kept = "".join(piece.text for piece in found)
    stops = request.params.get("stop") or []
    at = [kept.find(stop) for stop in ([stops] if isinstance(stops, str) else stops)]
    if any(place >= 0 for place in at):
        tokens = encode(kept[: min(place for place in at if place >= 0)], name)
        return decode_pieces(tokens, name), len(tokens), "stop"
    return found, min(len(tokens), room), "length" if len(tokens) > room else "stop"


def _biased(tokens: list[int], bias: Mapping[str, int], room: int) -> list[int]:
    only = [int(token) for token, value in bias.items() if value == 100]
    if only:
        return [only[place % len(only)] for place in range(room + 1)]
    never = {int(token) for token, value in bias.items() if value == -100}
    return [token for token in tokens if token not in never] if never else tokens


def _prompt(request: ChatRequest, basis: str) -> ChatPrompt:
    said = [message for message in request.messages if message.role not in _SYSTEM]
    return ChatPrompt(
        instructions="\n".join(message.text for message in request.messages if message.role in _SYSTEM),
        messages=tuple(ConversationMessage(message.role, message.text) for message in said),
        images=said[-1].images if said else (),
        earlier_images=tuple(image for message in said[:-1] for image in message.images),
        model=request.params["model"],
        verbosity=request.params.get("verbosity", "medium"),
        as_json=request.params.get("response_format", {}).get("type") == "json_object",
        random_seed=basis,
        encoding=request.family.encoding,
    )
