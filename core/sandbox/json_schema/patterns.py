"""Regular expressions of `pattern`, matched in linear space and without backtracking.

A pattern comes from a client: Python's `re` could take exponential time for it.
"""

from dataclasses import dataclass
from functools import lru_cache

from core.sandbox.json_schema.pattern_parser import (
    Anchor,
    Character,
    Choice,
    Node,
    Repeat,
    Sequence,
    UnsupportedPattern,
    parse_nodes,
)

_MAX_SAMPLE = 2_000
_MAX_PATTERN = 2_000
# A pattern is matched against texts of at most this many characters, as its time grows with their square.
_MAX_TEXT = 400


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern. As in JSON Schema, it may match anywhere in a text unless it has anchors."""

    root: Node

    def matches(self, text: str) -> bool:
        if len(text) > _MAX_TEXT:
            return False
        return bool(_match(self.root, text, frozenset(range(len(text) + 1))))

    def fullmatches(self, text: str) -> bool:
        return len(text) <= _MAX_TEXT and len(text) in _match(self.root, text, frozenset({0}))

    def sample(self) -> str:
        """Return a short text that matches."""
        return _sample(self.root)


@lru_cache(maxsize=256)
def parse_pattern(source: str) -> Pattern:
    """Parse *source*. Raises UnsupportedPattern."""
    if len(source) > _MAX_PATTERN:
        raise UnsupportedPattern("the pattern is too long")
    root = parse_nodes(source)
    if _sample_length(root) > _MAX_SAMPLE:
        raise UnsupportedPattern("the pattern requires a text that is too long")
    pattern = Pattern(root)
    sample = pattern.sample()
    if len(sample) <= _MAX_TEXT and not pattern.matches(sample):
        raise UnsupportedPattern("anchors are only supported at the beginning and at the end")
    return pattern


def _match(node: Node, text: str, starts: frozenset[int]) -> frozenset[int]:
    """Return where matches of *node* that begin at *starts* can end."""
    match node:
        case Character(test):
            return frozenset(at + 1 for at in starts if at < len(text) and test(text[at]))
        case Anchor(at_end):
            return starts & {len(text) if at_end else 0}
        case Sequence(items):
            for item in items:
                starts = _match(item, text, starts)
            return starts
        case Choice(options):
            return frozenset().union(*(_match(option, text, starts) for option in options))
        case Repeat():
            return _match_repeat(node, text, starts)


def _match_repeat(node: Repeat, text: str, starts: frozenset[int]) -> frozenset[int]:
    item, limit = node.item, None if node.maximum is None else node.maximum - node.minimum
    for _ in range(node.minimum):
        starts = _match(item, text, starts)
        if not starts:
            return starts
    ends, new = starts, starts
    while new and limit != 0:
        new = _match(item, text, new) - ends
        ends |= new
        limit = None if limit is None else limit - 1
    return ends


def _sample(node: Node) -> str:
    match node:
        case Character(_, sample):
            return sample
        case Anchor():
            return ""
        case Sequence(items):
            return "".join(map(_sample, items))
        case Choice(options):
            return min(map(_sample, options), key=len)
        case Repeat(item, minimum):
            return _sample(item) * minimum


def _sample_length(node: Node) -> int:
    """Return the length of the sample, without building it."""
    match node:
        case Character():
            return 1
        case Anchor():
            return 0
        case Sequence(items):
            return sum(map(_sample_length, items))
        case Choice(options):
            return min(map(_sample_length, options))
        case Repeat(item, minimum):
            return _sample_length(item) * minimum
