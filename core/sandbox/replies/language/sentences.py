"""Splitting of English and Korean text into blocks, sentences, words and terms."""

import re
from collections import Counter
from functools import lru_cache

from core.paths import DATA

_FENCE = re.compile(r"(```.*?(?:```|\Z)|\"\"\".*?(?:\"\"\"|\Z))", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?。])[\"')\]]?\s+(?=[\"'(\[]?[A-Z0-9\uac00-\ud7a3`*<|])|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|Mr|Mrs|Ms|Dr|Prof|St|No|Fig|approx|[A-Z]))\.$")
_WORD = re.compile(r"[a-z0-9][a-z0-9'_-]*|[\uac00-\ud7a3]+", re.IGNORECASE)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PARTICLES = re.compile(
    r"(?:에서는|으로는|에게서|까지는|부터는|이라는|이라고|입니다|습니다|합니다|에서|에게|까지|부터|으로"
    r"|하는|했다|한다|이다|은|는|이|가|을|를|에|의|도|로|와|과|만|께|나요|인가요|일까요)$"
)


def load_words(title: str) -> frozenset[str]:
    """Load the list of words with this title."""
    source = (DATA / "sandbox" / "word_lists.txt").read_text(encoding="utf-8")
    return frozenset(source.split(f"=== {title}\n", 1)[1].split("===", 1)[0].split())


_IRREGULAR = {past: base for base, _, past in (pair.partition("/") for pair in load_words("irregular verbs"))}
_STOP_WORDS = frozenset((DATA / "sandbox" / "stop_words.txt").read_text(encoding="utf-8").split())


def split_blocks(text: str) -> list[str]:
    """Split *text* at blank lines, but not inside fenced or triple-quoted parts."""
    result: list[str] = []
    for part in _FENCE.split(text):
        if part.startswith(("```", '"""')):
            result.append(part.strip('"').strip() if part.startswith('"') else part.strip())
        else:
            result += [block.strip() for block in re.split(r"\n\s*\n", part)]
    return [block for block in result if block]


def split_sentences(text: str) -> list[str]:
    """Split *text* into sentences; an abbreviation or an initial does not end a sentence."""
    result: list[str] = []
    for part in _SENTENCE_END.split(text):
        if result and _ABBREVIATION.search(result[-1]):
            result[-1] += f" {part.strip()}"
        elif part.strip():
            result.append(part.strip())
    return result


def terms(text: str) -> list[str]:
    """Return the terms to compare texts by: stems of English words, syllable pairs of Korean words."""
    return [term for word in content_words(text) for term in _stems(word)]


def content_words(text: str) -> list[str]:
    """Return the words of *text* in lower case, without stop words and Korean particles."""
    words = (_base_form(word.lower()) for word in _WORD.findall(text))
    return [word for word in words if word not in _STOP_WORDS and (len(word) > 1 or word.isdecimal())]


def keywords(text: str, number: int) -> list[str]:
    """Return the most frequent words; of words with the same count, the earlier first."""
    counts = Counter(word for word in content_words(text) if not word.isdecimal())
    return [word for word, _ in counts.most_common(number)]


@lru_cache(maxsize=20_000)
def _base_form(word: str) -> str:
    if not _HANGUL.match(word):
        return word.strip("'-_").removesuffix("'s")
    return _PARTICLES.sub("", word) if len(word) > 2 else word


@lru_cache(maxsize=20_000)
def _stems(word: str) -> tuple[str, ...]:
    if _HANGUL.match(word):
        return tuple(word[at : at + 2] for at in range(max(1, len(word) - 1)))
    return (stem(word),)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the beginning that an English word has in common with its inflected forms."""
    word = _IRREGULAR.get(word, word)
    return (re.sub(r"(?:ations?|ings?|edly|ed|es|s|ly|e)$", "", word) if len(word) > 3 else word)[:7]
