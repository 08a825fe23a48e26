"""The token ids of a prompt, and the prompt cache."""

import hashlib
import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable

from core.sandbox.api.image_tokens import count_image_tokens
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.models import Family
from core.sandbox.api.tokenizer import encode

# Tokens that are not text have negative ids, because the ids of an encoding start at 0.
_MESSAGE_OVERHEAD = [-1, -2, -3]
_NAME_OVERHEAD = -4
_FIRST_IMAGE_ID = -5

_CACHE_STEP = 128
_MAX_PREFIXES = 50_000


def prompt_token_ids(messages: Iterable[RequestMessage], family: Family) -> list[int]:
    """Return the tokens of *messages*: 3 + role + content, 1 + name if there is one, and 3 for the reply.

    Source: OpenAI Cookbook, "How to count tokens with tiktoken".
    """
    ids: list[int] = []
    for message in messages:
        ids += _MESSAGE_OVERHEAD
        ids += encode(message.role, family.encoding) + encode(message.text, family.encoding)
        ids += [_NAME_OVERHEAD, *encode(message.name, family.encoding)] if message.name else []
        for tool_call in message.tool_calls:
            ids += encode(tool_call, family.encoding)
        for image in message.images:
            # The id depends on the image, so that the cache does not match a prompt with another image.
            ids += [_FIRST_IMAGE_ID - image.byte_size] * count_image_tokens(image, family.id)
    return ids + _MESSAGE_OVERHEAD


def count_image_ids(ids: Iterable[int]) -> int:
    """Return how many of *ids* are image tokens."""
    return sum(1 for token in ids if token <= _FIRST_IMAGE_ID)


class PromptCache:
    """The prefixes of recent prompts in steps of 128 tokens. The least recently used are evicted first."""

    def __init__(self) -> None:
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def lookup_and_store(self, ids: list[int], owner: str, minimum: int | None) -> tuple[int, int]:
        """Return how many leading tokens were cached for *owner*, and how many are written to the cache.

        *minimum* is the shortest prompt that the model caches, None for a model without prompt caching.
        """
        if minimum is None or len(ids) < minimum:
            return 0, 0
        # Digests instead of the tokens themselves: 16 bytes a step instead of 1 kB, and no text in memory.
        digest = hashlib.blake2b(owner.encode(), digest_size=16)
        prefixes = []
        for end in range(_CACHE_STEP, len(ids) + 1, _CACHE_STEP):
            digest.update(array("q", ids[end - _CACHE_STEP : end]).tobytes())
            prefixes.append(digest.copy().digest())
        with self._lock:
            steps = next((n for n in range(len(prefixes), 0, -1) if prefixes[n - 1] in self._prefixes), 0)
            for prefix in prefixes:
                self._prefixes[prefix] = None
                self._prefixes.move_to_end(prefix)
            while len(self._prefixes) > _MAX_PREFIXES:
                self._prefixes.popitem(last=False)
        cached = steps * _CACHE_STEP if steps * _CACHE_STEP >= minimum else 0
        return cached, len(prefixes) * _CACHE_STEP - cached

    def clear(self) -> None:
        with self._lock:
            self._prefixes.clear()
