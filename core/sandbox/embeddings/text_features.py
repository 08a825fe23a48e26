"""Weighted features of a text: words, n-grams, and concepts that English and Korean share."""

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache

from core.paths import DATA

_WORD = re.compile(r"[\uac00-\ud7a3]+|[a-z]+|\d+|[^\W\da-z_]+|[^\w\s]+", re.IGNORECASE)
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
_STOP_WORD_WEIGHT = 0.12
_NGRAM_WEIGHT = 0.55
_PUNCTUATION_WEIGHT = 0.1
_STOP_WORDS = frozenset((DATA / "sandbox" / "stop_words.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class FeatureWeights:
    """Weights of the concepts, subjects and n-grams of a word, which itself has the weight 1."""

    concept: float
    subject: float
    ngram: float = _NGRAM_WEIGHT


def extract_features(text: str, weights: FeatureWeights) -> dict[str, float]:
    """Return the weight of each feature of *text*. A text of white space has one feature of its own."""
    counts: Counter[str] = Counter()
    single_weights: dict[str, float] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).lower()):
        for name, weight in _word_features(word, weights):
            counts[name] += 1
            single_weights[name] = weight
    # The square root, so that a word repeated often does not dominate the vector.
    return {name: single_weights[name] * counts[name] ** 0.5 for name in counts} or {"blank": 1.0}


@lru_cache(maxsize=50_000)
def _word_features(word: str, weights: FeatureWeights) -> tuple[tuple[str, float], ...]:
    if not word[0].isalnum():
        return ((f"mark:{word[:8]}", _PUNCTUATION_WEIGHT),)
    if word in _STOP_WORDS:
        return ((f"word:{word}", _STOP_WORD_WEIGHT),)
    stem = _stem(word)
    if stem in _STOP_WORDS:
        return ((f"word:{stem}", _STOP_WORD_WEIGHT),)
    # One to three syllables of Hangul, three to five letters of other scripts.
    sizes, padded = ((1, 2, 3), stem) if _HANGUL.match(stem) else ((3, 4, 5), f"<{stem[:40]}>")
    ngrams = [padded[i : i + size] for size in sizes for i in range(len(padded) - size + 1)]
    # Divided, so that a long word with many n-grams does not weigh more than a short one.
    ngram_weight = weights.ngram / len(ngrams) ** 0.5 if ngrams else 0.0
    english, korean = _load_concepts()
    if _HANGUL.match(word):
        # Korean attaches particles and compounds without spaces, so the longest known beginning counts.
        beginnings = (word[:length] for length in range(min(len(word), 6), 0, -1))
        concepts = next((korean[beginning] for beginning in beginnings if beginning in korean), ())
    else:
        concepts = english.get(stem, ())
    return (
        (f"word:{stem}", 1.0),
        *((f"part:{ngram}", ngram_weight) for ngram in ngrams),
        *((f"concept:{concept}", weights.concept) for concept, _ in concepts),
        *((f"subject:{subject}", weights.subject) for _, subject in concepts),
    )


def _stem(word: str) -> str:
    """Remove Korean particles and endings, or the inflection of an English word."""
    if _HANGUL.match(word):
        without_particle = _PARTICLE.sub("", word) or word
        return _ENDING.sub("", without_particle) or without_particle
    for pattern, replacement in _SUFFIXES:
        word = pattern.sub(replacement, word)
    return word


_ConceptsByWord = dict[str, tuple[tuple[str, str], ...]]


@cache
def _load_concepts() -> tuple[_ConceptsByWord, _ConceptsByWord]:
    """Return the concepts of English stems and of Korean words, each concept with its subject."""
    subjects = json.loads((DATA / "sandbox" / "concepts.json").read_text(encoding="utf-8"))["subjects"]
    english: _ConceptsByWord = {}
    korean: _ConceptsByWord = {}
    for subject, concepts in subjects.items():
        for concept, words in concepts.items():
            for word in words:
                by_word, key = (korean, word) if _HANGUL.match(word) else (english, _stem(word))
                by_word[key] = (*by_word.get(key, ()), (concept, subject))
    return english, korean
