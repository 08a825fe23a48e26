"""The tokens of a prompt by the published recipe, and how many of them a cache would know."""

import hashlib
import threading
from array import array
from collections import OrderedDict
from collections.abc import Iterable

from core.sandbox.api.image_tokens import count_image_tokens
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.models import Family
from core.sandbox.api.tokenizer import encode

_FRAME = [-1, -2, -3]
"""Stands for the three tokens around each message, and for the three that open the reply."""

_STEP = 128
_MOST_PREFIXES = 50_000


def prompt_token_ids(messages: Iterable[RequestMessage], family: Family) -> list[int]:
    """List the tokens of *messages*: 3 + role + content, 1 + name where there is one, and 3 for the reply.

    Source: OpenAI Cookbook, "How to count tokens with tiktoken". Negative ids stand for what is not text.
    """
    ids: list[int] = []
    for message in messages:
        ids += _FRAME + encode(message.role, family.encoding) + encode(message.text, family.encoding)
        ids += [-4, *encode(message.name, family.encoding)] if message.name else []
        for call in message.tool_calls:
            ids += encode(call, family.encoding)
        for image in message.images:
            ids += [-5 - image.byte_size] * count_image_tokens(image, family.id)
    return ids + _FRAME


def count_image_ids(ids: Iterable[int]) -> int:
    """Count the tokens of *ids* that stand for images."""
    return sum(1 for token in ids if token <= -5)


class PromptCache:
    """Remembers the prefixes of prompts in steps of 128 tokens, the least used forgotten first."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def lookup_and_store(self, ids: list[int], owner: str, minimum: int | None) -> tuple[int, int]:
        """Return how many leading tokens were known to *owner*, and how many are newly written."""
        if minimum is None or len(ids) < minimum:
            return 0, 0
        marks = _marks(ids, owner)
        with self._lock:
            known = self._longest(marks)
            for mark in marks:
                self._known[mark] = None
                self._known.move_to_end(mark)
            while len(self._known) > _MOST_PREFIXES:
                self._known.popitem(last=False)
        cached = known * _STEP if known * _STEP >= minimum else 0
        return cached, len(marks) * _STEP - cached

    def clear(self) -> None:
        with self._lock:
            self._known.clear()

    def _longest(self, marks: list[bytes]) -> int:
        return next((number for number in range(len(marks), 0, -1) if marks[number - 1] in self._known), 0)


def _marks(ids: list[int], owner: str) -> list[bytes]:
    """Fingerprint every prefix of whole steps."""
    running = hashlib.blake2b(owner.encode(), digest_size=16)
    found = []
    for end in range(_STEP, len(ids) + 1, _STEP):
        running.update(array("q", ids[end - _STEP : end]).tobytes())
        found.append(running.copy().digest())
    return found
