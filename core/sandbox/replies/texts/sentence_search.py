"""The search for the sentence that answers a question, which rather finds none than a wrong one."""

import math
import re
from itertools import pairwise

from core.sandbox.replies.extraction.answer_types import AnswerType, find_times
from core.sandbox.replies.language.matching import query_words, similarity, words_of

# Shares of the weight of the question's words that a sentence must have.
_MIN_COVERAGE = 0.5
_MIN_TYPED_COVERAGE = 0.4
_MIN_CLEAR_COVERAGE = 0.2
_MIN_UNIQUE_COVERAGE = 0.1
_UNSEEN_WEIGHT = 0.6
_CONTEXT_WEIGHT = 0.4
_PHRASE_BONUS = 0.5
_PREVIOUS_SENTENCE = 0.35
_SEEN = 0.3
_CLOSE = 0.7
_YES_NO = re.compile(
    r"^\W*(?:is|are|was|were|does|do|did|can|could|will|has|have|may)\b|(?:나요|까요|가요|니|어|아|죠"
    r"|지)\s*\?+\s*$",
    re.I,
)
_INTERROGATIVE = re.compile(
    r"\b(?:what|who|when|where|why|how|which)\b|뭐|뭘|무|누|언제|어디|왜|얼마|몇|어떤|어느|어떻게", re.I
)
_COUNTED = re.compile(r"\bhow many ((?:[a-z'-]+ ?){1,3})|([가-힣]+?)(?:이|가|은|는|을|를)?\s몇", re.I)
# Words for a kind of fact, which say nothing about its subject: "price" in "the price of the lamp".
_KIND_WORDS = re.compile(
    r"\b(?:how (?:much|many|long|tall|high|wide|deep|far|heavy)|prices?|costs?|dates?|times?|colou?rs?"
    r"|weigh\w*|e-?mails?(?: address)?"
    r"|(?:tele)?phone(?: numbers?)?|numbers?|names?|temperatures?|address|days?|year)\b"
    r"|얼마\S*|가격\S*|비용\S*|요금\S*|금액\S*|언제\S*|날짜\S*|누구\S*|누가|어디\S*|이름\S*"
    r"|전화\s?번호\S*|연락처\S*|이메일\S*|메일\S*"
    r"|주소\S*|색상\S*|색깔\S*|무게\S*|몇\s?\S*|며칠\S*|(?:무슨\s)?요일\S*|온도\S*|이유\S*",
    re.I,
)
# The next meeting is not the one that the text is about.
_NEXT = re.compile(
    r"\b(?:next|other|another)\s+([a-z][a-z-]+)|다음\s+([가-힣]+?)(?:은|는|이|가|을|를"
    r"|에|의)?(?![가-힣])",
    re.I,
)
_BACK_REFERENCE = re.compile(
    r"^\W*(?:[a-z]+,? ){0,2}(?:its?|they|their|them|he|his|she|her|this|these|those|that|there|both|each)\b",
    re.I,
)
_HANGUL = re.compile(r"[가-힣]")
# Verbs before an adjective, and a misspelt article.
_NO_MODIFIERS = ("stay", "stays", "remain", "remains", "become", "teh")
_TOKEN = re.compile(r"[a-z0-9']+|[가-힣]+")


def find_sentence(question: str, context: str, sentences: list[str], kind: AnswerType | None) -> int | None:
    """Return the index of the sentence that answers *question*; None if none does, or if it is unclear which.

    *kind* is what the question asks for, and *context* what else was asked: its words count less.
    """
    candidates = [index for index, sentence in enumerate(sentences) if kind is None or kind.find(sentence)]
    is_yes_no = kind is None and _YES_NO.search(question) is not None and not _INTERROGATIVE.search(question)
    if kind is not None and not kind.required and not candidates:
        candidates = [index for index, text in enumerate(sentences) if _says_more(text, question)]
        kind = None
    documents = [words_of(sentence) for sentence in sentences]
    subject = query_words(_KIND_WORDS.sub(" ", question) if kind else question)
    named, context_words = query_words(question), query_words(context)
    closeness = {
        word: [max((similarity(word, other) for other in document), default=0.0) for document in documents]
        for word in dict.fromkeys((*subject, *named, *context_words))
    }
    for word, values in closeness.items():
        if max(values, default=0.0) == 1.0:
            # The word itself is in the text, so that related words elsewhere say little.
            closeness[word] = [value if value == 1.0 else value / 2 for value in values]
    unseen = [word for word in subject if max(closeness[word], default=0.0) < _SEEN]
    if kind is not None and _has_unseen_modifier(question, subject, unseen):
        return None
    if not candidates or _is_off_text(subject, unseen, is_typed=kind is not None, is_yes_no=is_yes_no):
        return None
    weights = {
        word: _weight(closeness[word], 1.0 if word in subject else _CONTEXT_WEIGHT) for word in closeness
    }
    coverage = _coverage(weights, closeness, len(sentences))
    scores = [
        (coverage[index] + _PHRASE_BONUS * _shares_phrase(question, sentences[index]), -index)
        for index in candidates
        if kind is None
        or _has_half(subject, closeness, index, kind.name == "reason" or _refers_back(sentences[index]))
        if _has_counted_or_next(question, sentences[index], closeness, index)
    ]
    return _choose(sorted(scores, reverse=True), sum(weights[word] for word in subject), kind)


def _is_off_text(subject: list[str], unseen: list[str], *, is_typed: bool, is_yes_no: bool) -> bool:
    """Return whether too many words of the question are not in the text at all."""
    if is_typed:
        return bool(subject) and len(unseen) == len(subject)
    return len(unseen) > (0 if is_yes_no else len(subject) / 3)


def _says_more(sentence: str, question: str) -> bool:
    """Return whether *sentence* has a word beside those of *question* and times: where, or who."""
    words, rest = words_of(question), sentence
    for time in find_times(sentence):
        rest = rest.replace(time, " ")
    return any(all(similarity(word, other) < _SEEN for other in words) for word in words_of(rest))


def _has_unseen_modifier(question: str, subject: list[str], unseen: list[str]) -> bool:
    """Return whether a word of the text stands in the question behind one that is not in the text.

    The "bus back" is another than the bus of the text, and the "kitchen heating" another heating.
    """
    for first, second in pairwise(_TOKEN.findall(question.lower())):
        modifier = next((word for word in subject if first.startswith(word)), None)
        noun = next((word for word in subject if second.startswith(word)), None)
        if modifier in unseen and modifier not in _NO_MODIFIERS and noun is not None and noun not in unseen:
            return True
    return False


def _choose(scores: list[tuple[float, int]], total: float, kind: AnswerType | None) -> int | None:
    """Return the index with the highest score if that is high and clear enough."""
    if not scores:
        return None
    best, index = scores[0][0], -scores[0][1]
    second = scores[1][0] if len(scores) > 1 else 0.0
    if not total:
        return index if kind and (len(scores) == 1 or second <= best * 0.6) else None
    share = best / total
    if len(scores) == 1 and kind is not None:
        return index if share >= _MIN_UNIQUE_COVERAGE else None
    if second >= best * 0.97:
        return None
    is_clear = kind is not None and share >= _MIN_CLEAR_COVERAGE and second <= best * 0.6
    return index if is_clear or share >= (_MIN_TYPED_COVERAGE if kind else _MIN_COVERAGE) else None


def _weight(closeness: list[float], weight: float) -> float:
    """Return the weight of a word with this closeness to the sentences: rare words count more."""
    frequency = sum(value >= _CLOSE for value in closeness)
    rarity = math.log(1 + (len(closeness) + 0.5) / (frequency + 0.5))
    return weight * (rarity if frequency else _UNSEEN_WEIGHT)


def _has_half(subject: list[str], closeness: dict[str, list[float]], index: int, refers_back: bool) -> bool:
    """Return whether a sentence, with the one before it, has about half of the words, rare or not.

    Without any word of its own, it must refer back to the sentence before, which has most: "It was ..." does.
    """
    own = [closeness[word][index] >= _SEEN for word in subject]
    before = [index > 0 and closeness[word][index - 1] >= _SEEN for word in subject]
    if subject and not any(own):
        return refers_back and sum(before) >= len(subject) * 2 / 3
    return sum(map(max, own, before)) >= (len(subject) - 1) / 2


def _refers_back(sentence: str) -> bool:
    """Return whether *sentence* may be about the subject of the one before, which Korean does not name."""
    return _BACK_REFERENCE.search(sentence) is not None or _HANGUL.search(sentence) is not None


def _coverage(weights: dict[str, float], closeness: dict[str, list[float]], number: int) -> list[float]:
    """Return for each sentence the weight of the words it has; the sentence before it counts a little."""
    own = [
        sum(weight * closeness[word][index] for word, weight in weights.items()) for index in range(number)
    ]
    return [
        score + (_PREVIOUS_SENTENCE * own[index - 1] if index else 0.0) for index, score in enumerate(own)
    ]


def _has_counted_or_next(question: str, sentence: str, closeness: dict[str, list[float]], index: int) -> bool:
    """Return whether a sentence has what the question counts, as in "how many hens", or asks for next."""
    if counted := _COUNTED.search(question):
        words = [word for word in query_words(counted[1] or counted[2]) if word in closeness]
        if words and not any(closeness[word][index] >= _CLOSE for word in words):
            return False
    match = _NEXT.search(question)
    word = (match[1] or match[2]).lower() if match else ""
    if word not in closeness:
        return True
    return closeness[word][index] >= _CLOSE and _NEXT.search(sentence) is not None


def _shares_phrase(question: str, sentence: str) -> bool:
    """Return whether two words follow each other in both, the small ones included."""
    first, second = (_TOKEN.findall(text.lower()) for text in (question, sentence))
    pairs = {pair for pair in pairwise(first) if len("".join(pair)) > 6}
    return bool(pairs & set(pairwise(second)))
