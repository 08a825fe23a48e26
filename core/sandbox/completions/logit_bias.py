"""`logit_bias` without sampling: a bias of B adds its token to, or removes it from, B % of the places."""

import codecs
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.sandbox.api.tokenizer import get_encoding


def apply_logit_bias(
    tokens: Sequence[int], bias: Mapping[str, float], limit: int, seed: str, encoding: str
) -> list[int]:
    """Return *tokens* with more of the tokens that have a positive bias, and fewer with a negative one.

    -100 removes all of a token, and 100 leaves no other one: there are then more of it than *limit*. Every
    other bias changes one place at least, so that its effect is visible.
    """
    biases = {int(token): value for token, value in bias.items()}
    exclusive = [token for token, value in biases.items() if value == 100]
    if exclusive:
        return [exclusive[index % len(exclusive)] for index in range(limit + 1)]
    rng = random.Random(seed)
    places = defaultdict(list)
    for index, token in enumerate(tokens):
        places[token].append(index)
    removed = {
        index
        for token, value in biases.items()
        if value < 0
        for index in rng.sample(places[token], _share(len(places[token]), value))
    }
    remaining = [token for index, token in enumerate(tokens) if index not in removed]
    ends = _character_ends(remaining, encoding)
    added = defaultdict(list)
    for token, value in biases.items():
        if value > 0:
            for end in rng.sample(ends, _share(len(ends), value)):
                added[end].append(token)
    result = []
    for end, token in enumerate(remaining, 1):
        result += [token, *added[end]]
    return result


def _character_ends(tokens: Sequence[int], encoding: str) -> list[int]:
    """Return after how many *tokens* a character ends; a character can consist of several tokens."""
    to_bytes = get_encoding(encoding).decode_single_token_bytes
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    ends = []
    for end, token in enumerate(tokens, 1):
        decoder.decode(to_bytes(token))
        incomplete, _ = decoder.getstate()
        if not incomplete:
            ends.append(end)
    return ends


def _share(places: int, bias: float) -> int:
    return min(places, max(1, round(places * abs(bias) / 100)))
