"""The sentiment of a text, by its words."""

import re
from functools import lru_cache
from typing import Literal

from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.sentences import load_words

Sentiment = Literal["positive", "negative", "mixed", "neutral"]

_POSITIVE = load_words("words of a positive sentiment")
_NEGATIVE = load_words("words of a negative sentiment")
_NEGATIONS = load_words("negations")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[\uac00-\ud7a3]+")
_NAMES = {
    "positive": ("positive", "긍정"),
    "negative": ("negative", "부정"),
    "mixed": ("mixed", "복합"),
    "neutral": ("neutral", "중립"),
}
_MAX_WORDS = 5_000


def classify_sentiment(text: str) -> Sentiment:
    """Return the sentiment that most words have; a negation turns the words beside it around."""
    words = _WORD.findall(text.lower())[:_MAX_WORDS]
    scores = [_score(word) for word in words]
    positive = negative = 0
    for index, score in enumerate(scores):
        if not score:
            continue
        # English negations stand before the word; Korean ones before or after it.
        neighbours = (
            words[max(0, index - 3) : index]
            if not _HANGUL.match(words[index])
            else words[index - 1 : index + 2 : 2]
        )
        if any(_is_negation(word) for word in neighbours):
            score = -score
        positive += score > 0
        negative += score < 0
    if positive and negative and min(positive, negative) * 2 > max(positive, negative):
        return "mixed"
    if positive == negative:
        return "neutral"
    return "positive" if positive > negative else "negative"


def sentiment_name(sentiment: str, language: Language) -> str:
    return language.localise(*_NAMES[sentiment])


@lru_cache(maxsize=20_000)
def _score(word: str) -> int:
    if not _HANGUL.match(word):
        return (word in _POSITIVE) - (word in _NEGATIVE)
    # Korean words are inflected at their end, so the lists have their beginnings.
    beginnings = [word[:length] for length in range(1, len(word) + 1)]
    return any(part in _POSITIVE for part in beginnings) - any(part in _NEGATIVE for part in beginnings)


def _is_negation(word: str) -> bool:
    if _HANGUL.match(word):
        return (word[0] in "안못" and len(word) == 1) or word[0] in "않없" or word.startswith("아니")
    return word in _NEGATIONS or word.endswith("n't")
