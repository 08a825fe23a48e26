"""Log probabilities that are invented, in the API's shape, and add up to at most one."""

import math
import random
from collections.abc import Sequence
from typing import Any

from core.sandbox.api.tokenizer import TokenPiece, get_encoding

_OTHERS = (
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
)


def build_logprobs(
    found: Sequence[TokenPiece], most: int, basis: str, encoding_name: str
) -> tuple[list[dict[str, Any]], ...]:
    """Give each token of each piece a probability, and *most* alternatives with less."""
    chance = random.Random(basis)
    to_bytes = get_encoding(encoding_name).decode_single_token_bytes
    return tuple([_entry(to_bytes(token), most, chance) for token in piece.tokens] for piece in found)


def _entry(token: bytes, most: int, chance: random.Random) -> dict[str, Any]:
    likely = chance.uniform(0.5, 0.999)
    top = [_row(token, likely)]
    left = 1 - likely
    others = [other.encode() for other in (*_OTHERS, *"0123456789") if other.encode() != token]
    for other in chance.sample(others, max(0, most - 1)):
        left /= 2
        top.append(_row(other, left))
    return {**top[0], "top_logprobs": top[:most]}


def _row(token: bytes, probability: float) -> dict[str, Any]:
    shown = token.decode("utf-8", "replace")
    return {"token": shown, "logprob": round(math.log(probability), 8), "bytes": list(token)}
