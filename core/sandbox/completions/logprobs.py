"""Log probabilities in the format of the API. The values are random; those of a token add up to at most 1."""

import math
import random
from collections.abc import Sequence
from typing import Any

from core.sandbox.api.tokenizer import TokenPiece, get_encoding

_ALTERNATIVES = (
    " the",
    " a",
    " to",
    " is",
    " it",
    ",",
    ".",
    "\n",
    " and",
    " of",
    " in",
    " that",
    " you",
    " this",
    " for",
    *"0123456789",
)


def build_logprobs(
    pieces: Sequence[TokenPiece], top_logprobs: int, seed: str, encoding_name: str
) -> tuple[list[dict[str, Any]], ...]:
    """Return the entries of each piece: one for a token, with *top_logprobs* candidates."""
    rng = random.Random(seed)
    to_bytes = get_encoding(encoding_name).decode_single_token_bytes
    entries_by_piece = []
    for piece in pieces:
        entries = []
        for token in map(to_bytes, piece.tokens):
            probability = rng.uniform(0.5, 0.999)
            candidates = [_candidate(token, probability)]
            remaining = 1 - probability
            alternatives = [text.encode() for text in _ALTERNATIVES if text.encode() != token]
            for alternative in rng.sample(alternatives, max(0, top_logprobs - 1)):
                remaining /= 2
                candidates.append(_candidate(alternative, remaining))
            entries.append({**candidates[0], "top_logprobs": candidates[:top_logprobs]})
        entries_by_piece.append(entries)
    return tuple(entries_by_piece)


def _candidate(token: bytes, probability: float) -> dict[str, Any]:
    text = token.decode("utf-8", "replace")
    return {"token": text, "logprob": round(math.log(probability), 8), "bytes": list(token)}
