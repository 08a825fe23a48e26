"""How well the words of a question match those of a sentence: exact, by stem, or with a typing error."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from unicodedata import combining

from core.sandbox.replies.language.sentences import content_words, load_words, stem

# A noun of one syllable, before a particle or a parenthesis.
_SYLLABLE = re.compile(r"(?<![가-힣])([가-힣])(?=(?:이|가|은|는|을|를|의|에|도)?(?:[\s(]|$))")
_NOT_NOUNS = load_words("syllables that are no nouns")
# The ending of a person or thing that does something, and of verbs: owner, owns.
_AGENT = re.compile(r"(?<=\w{3})(?:ers?|ors?|s|ed|ing)$")
_KOREAN_INTERROGATIVE = re.compile(r"(?:어디|언제|얼마|누구|무엇|뭐|어떻)")
_INFLECTED = re.compile(r"(?:요|다|까|니|어|아|여|려|는|던|지|죠|해|게|고|서|면|대|야|냐|은|을|된|한|나|네)$")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
# Words of questions, which name no subject.
_QUESTION_WORDS = load_words("question words")


def words_of(text: str) -> list[str]:
    """Return the words to compare: content words without accents, and Korean nouns of one syllable."""
    decomposed = unicodedata.normalize("NFD", text)
    text = unicodedata.normalize("NFC", "".join(char for char in decomposed if not combining(char)))
    singles = [match for match in _SYLLABLE.findall(text) if match not in _NOT_NOUNS]
    return content_words(text) + singles


def query_words(question: str) -> list[str]:
    """Return the distinct words of *question* that name its subject."""
    words = dict.fromkeys(words_of(question))
    # "날이" is "날" with a particle, while "쉬는" is a form of a verb.
    for syllable in [word for word in words if len(word) == 1 and _HANGUL.match(word)]:
        longer = [word for word in words if len(word) == 2 and word[0] == syllable]
        for word in longer:
            del words[syllable if _INFLECTED.search(word) and syllable in words else word]
    return [word for word in words if word not in _QUESTION_WORDS and not _KOREAN_INTERROGATIVE.match(word)]


def match_weight(question: str, text: str) -> float:
    """Return the share of the words of *text*, a short name, that *question* contains."""
    names = content_words(text)
    return matched_words(names, content_words(question)) / len(names) if names else 0.0


def matched_words(wanted: Sequence[str], words: Sequence[str]) -> float:
    """Return how many of the *wanted* words are among *words*, where a related word counts in part."""
    return sum(max((similarity(each, word) for word in words), default=0.0) for each in wanted)


@lru_cache(maxsize=50_000)
def similarity(one: str, other: str) -> float:
    """Return 1 for the same word, less for related words, and 0 for different ones."""
    if one == other:
        return 1.0
    if _HANGUL.match(one) and _HANGUL.match(other):
        return _korean_similarity(one, other)
    if one.isdecimal() or other.isdecimal():
        return 0.0
    if stem(one) == stem(other):
        return 0.9
    if _AGENT.sub("", one) == _AGENT.sub("", other):
        return 0.8
    shorter = min(len(one), len(other))
    if shorter >= 4 and (one.startswith(other) or other.startswith(one)):
        return 0.8
    if shorter >= 5 and one[0] == other[0] and SequenceMatcher(None, one, other).ratio() >= 0.84:
        return 0.7
    return 0.0


def _korean_similarity(one: str, other: str) -> float:
    """Words in Korean are inflected at their end, so a common beginning counts."""
    common = 0
    for first, second in zip(one, other, strict=False):
        if first != second and not (common and _same_initial(first, second)):
            break
        common += 1
    shorter = min(len(one), len(other))
    if common == shorter and common >= 2:
        return 0.95
    if common >= 2:
        return 0.8
    if shorter >= 2 and (one in other or other in one):
        return 0.7
    if common == 1 and shorter == 1 and max(len(one), len(other)) <= 3:
        return 0.8
    # Stems of verbs are often one syllable; nouns with only that in common are different words.
    if not (_INFLECTED.search(one) and _INFLECTED.search(other)):
        return 0.0
    return 0.5 if one[0] == other[0] else 0.4 if _same_initial(one, other) else 0.0


def _same_initial(one: str, other: str) -> bool:
    """Return whether the first syllables differ only in their final consonant, as in 걸려 and 거는."""
    return (ord(one[0]) - 0xAC00) // 28 == (ord(other[0]) - 0xAC00) // 28
