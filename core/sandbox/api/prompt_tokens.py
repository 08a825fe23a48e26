"""The token ids of a prompt, and the prompt cache."""

import hashlib
import json
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from core.paths import DATA
from core.sandbox.api.image_tokens import count_image_tokens
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.models import Family
from core.sandbox.api.response_format import JsonSchemaFormat
from core.sandbox.api.tokenizer import encode
from core.sandbox.api.tools import FunctionToolParam, ToolOptions

# Tokens that are not text have negative ids, because the ids of an encoding start at 0.
_MESSAGE_OVERHEAD = [-1, -2, -3]
_NAME_OVERHEAD = -4
_TOOL_OVERHEAD = -5
_FIRST_IMAGE_ID = -6

_CACHE_STEP = 128
_MAX_PREFIXES = 50_000
_MAX_IDLE_SECONDS = 600


def prompt_token_ids(
    messages: Iterable[RequestMessage],
    family: Family,
    tools: ToolOptions | None = None,
    json_schema: JsonSchemaFormat | None = None,
) -> list[int]:
    """Return the tokens of *messages*: 3 + role + content, 1 + name if there is one, and 3 for the reply.

    Before them are those of *tools* and *json_schema*. Source: OpenAI Cookbook, "How to count tokens with
    tiktoken".
    """
    ids = _tool_ids(tools.all_functions, family) if tools and tools.all_functions else []
    if json_schema:
        ids += encode(json.dumps(json_schema.schema, ensure_ascii=False), family.encoding)
    for message in messages:
        ids += _MESSAGE_OVERHEAD
        ids += encode(message.role, family.encoding) + encode(message.text, family.encoding)
        ids += [_NAME_OVERHEAD, *encode(message.name, family.encoding)] if message.name else []
        for tool_call in message.tool_calls:
            ids += encode(f"{tool_call.name}:{tool_call.arguments}", family.encoding)
        for image in message.images:
            # The id depends on the image, so that the cache does not match a prompt with another image.
            ids += [_FIRST_IMAGE_ID - image.byte_size] * count_image_tokens(image, family.id)
    return ids + _MESSAGE_OVERHEAD


def _tool_ids(functions: Iterable[FunctionToolParam], family: Family) -> list[int]:
    """Return the tokens of *functions*: their texts, and constants by the cookbook for the rest."""
    recipes = _load_recipes()
    rules = recipes["tools"]
    per_function = next(row for row in recipes["messages"] if family.id.startswith(row["prefix"]))[
        "per_function"
    ]
    overhead = rules["after_all"]
    texts = []
    for function in functions:
        overhead += per_function
        texts.append(f"{function.name}:{function.description.removesuffix('.')}")
        properties = function.schema.get("properties", {})
        overhead += rules["has_properties"] if properties else 0
        for name, schema in properties.items():
            schema = schema if isinstance(schema, dict) else {}
            description = schema.get("description", "").removesuffix(".")
            texts.append(f"{name}:{schema.get('type', '')}:{description}")
            options = schema.get("enum", [])
            overhead += rules["per_property"] + (rules["has_enum"] if options else 0)
            overhead += rules["per_enum_item"] * len(options)
            texts += map(str, options)
    ids = [token for text in texts for token in encode(text, family.encoding)]
    return ids + [_TOOL_OVERHEAD] * overhead


@lru_cache(maxsize=1)
def _load_recipes() -> dict[str, Any]:
    recipes: dict[str, Any] = json.loads((DATA / "token_recipes.json").read_text(encoding="utf-8"))
    return recipes


def count_image_ids(ids: Iterable[int]) -> int:
    """Return how many of *ids* are image tokens."""
    return sum(1 for token in ids if token <= _FIRST_IMAGE_ID)


class PromptCache:
    """The prefixes of recent prompts in steps of 128 tokens. The least recently used are evicted first.

    One that is not used for ten minutes expires. Source: OpenAI's guide to prompt caching, which says "5 to
    10 minutes of inactivity".
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._prefixes: OrderedDict[bytes, float] = OrderedDict()  # with the time of the last use
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
            now = self._clock()
            self._evict(now)
            steps = next((n for n in range(len(prefixes), 0, -1) if prefixes[n - 1] in self._prefixes), 0)
            for prefix in prefixes:
                self._prefixes[prefix] = now
                self._prefixes.move_to_end(prefix)
        cached = steps * _CACHE_STEP if steps * _CACHE_STEP >= minimum else 0
        return cached, len(prefixes) * _CACHE_STEP - cached

    def _evict(self, now: float) -> None:
        """Remove what has expired, and the least recently used of too many."""
        while self._prefixes:
            last_used = next(iter(self._prefixes.values()))
            if now - last_used < _MAX_IDLE_SECONDS and len(self._prefixes) <= _MAX_PREFIXES:
                return
            self._prefixes.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._prefixes.clear()
