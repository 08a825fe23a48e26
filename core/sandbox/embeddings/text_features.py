"""What a text is about, as weighted features: words, their parts, and concepts that both languages share."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from core.paths import DATA

_RUN = re.compile(r"[\uac00-\ud7a3]+|[a-z]+|\d+|[^\W\da-z_]+|[^\w\s]+", re.IGNORECASE)
_HANGUL = re.compile(r"[\uac00-\ud7a3]+")
_PARTICLE = re.compile(
    r"(?:에서는|에서|에게서|에게|한테|으로는|으로|까지|부터|보다|처럼|이라고|라고|이랑|하고|은|는|이|가|을|를|에|의"
    r"|와|과|도|로|만)$"
)
_ENDING = re.compile(
    r"(?:입니다|습니다|합니다|했습니다|하세요|했어요|해요|네요|어요|아요|예요|이에요|했다|한다|하다|이다|하는|하고"
    r"|하게|인가요|나요|까요|었다|았다|는다|다)$"
)
_SUFFIXES = (
    (re.compile(r"(?<=..)'s$"), ""),
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"(?<=...)(?:ingly|edly|ing|ed|ly)$"), ""),
    (re.compile(r"(?<=...)(?:es|s)$(?<!ss)"), ""),
    (re.compile(r"(?<=...)e$"), ""),
    (re.compile(r"([bdgmnprt])\1$"), r"\1"),
)
_STOP_WEIGHT = 0.12
_PART_WEIGHT = 0.55
_MARK_WEIGHT = 0.1
_STOP = frozenset((DATA / "sandbox" / "stop_words.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class FeatureWeights:
    """How much concepts, subjects and parts of words count beside the words themselves."""

    concept: float
    subject: float
    part: float = _PART_WEIGHT


def extract_features(text: str, weights: FeatureWeights) -> dict[str, float]:
    """Weigh what *text* consists of; a text of nothing but blanks gets one feature of its own.

    A feature that occurs n times weighs as the square root of n, so that no repeated word drowns the rest.
    """
    counts: Counter[str] = Counter()
    strongest: dict[str, float] = {}
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        for name, weight in _of_run(run, weights):
            counts[name] += 1
            strongest[name] = weight
    return {name: strongest[name] * counts[name] ** 0.5 for name in counts} or {"blank": 1.0}


@lru_cache(maxsize=50_000)
def _of_run(run: str, emphasis: FeatureWeights) -> tuple[tuple[str, float], ...]:
    if not run[0].isalnum():
        return ((f"mark:{run[:8]}", _MARK_WEIGHT),)
    if run in _STOP:
        return ((f"word:{run}", _STOP_WEIGHT),)
    stem = _stem(run)
    if stem in _STOP:
        return ((f"word:{stem}", _STOP_WEIGHT),)
    return (
        (f"word:{stem}", 1.0),
        *_parts(stem, emphasis.part),
        *((f"concept:{concept}", emphasis.concept) for concept, _ in _concepts(run, stem)),
        *((f"subject:{subject}", emphasis.subject) for _, subject in _concepts(run, stem)),
    )


def _stem(word: str) -> str:
    """Strip Korean particles and endings, or the inflection of an English word."""
    if _HANGUL.match(word):
        bare = _PARTICLE.sub("", word) or word
        return _ENDING.sub("", bare) or bare
    for pattern, replacement in _SUFFIXES:
        word = pattern.sub(replacement, word)
    return word


def _parts(stem: str, weight: float) -> Iterator[tuple[str, float]]:
    """Pieces of a word: one to three syllables of Hangul, else three to five letters; *weight* in all."""
    sizes, framed = ((1, 2, 3), stem) if _HANGUL.match(stem) else ((3, 4, 5), f"<{stem[:40]}>")
    grams = [framed[at : at + size] for size in sizes for at in range(len(framed) - size + 1)]
    share = weight / len(grams) ** 0.5 if grams else 0.0
    return ((f"part:{gram}", share) for gram in grams)


def _concepts(run: str, stem: str) -> tuple[tuple[str, str], ...]:
    """Find the concepts of a word, each with its subject."""
    english, korean = _lexicon()
    if not _HANGUL.match(run):
        return english.get(stem, ())
    ends = range(min(len(run), 6), 0, -1)
    return next((korean[run[:end]] for end in ends if run[:end] in korean), ())


_Entries = dict[str, tuple[tuple[str, str], ...]]


@cache
def _lexicon() -> tuple[_Entries, _Entries]:
    table = json.loads((DATA / "sandbox" / "concepts.json").read_text(encoding="utf-8"))["subjects"]
    english: _Entries = {}
    korean: _Entries = {}
    for subject, concepts in table.items():
        for concept, words in concepts.items():
            for word in words:
                into, key = (korean, word) if _HANGUL.match(word) else (english, _stem(word))
                into[key] = (*into.get(key, ()), (concept, subject))
    return english, korean
