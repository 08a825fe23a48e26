"""The choice among the values of an enum, and the value of a boolean."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.language.matching import similarity
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.structured.document import Document
from core.sandbox.structured.entities import find_entities
from core.sandbox.structured.kinds import split_name
from core.sandbox.structured.question import FieldQuestion, find_labels
from core.sandbox.structured.sentiment import classify_sentiment

_SENTIMENTS = (
    ("positive", re.compile(r"^(?:very )?pos|긍정|good|happy|좋", re.I)),
    ("negative", re.compile(r"^(?:very )?neg|부정|bad|unhappy|angry|나쁨", re.I)),
    ("mixed", re.compile(r"mixed|복합|혼합", re.I)),
    ("neutral", re.compile(r"neutral|중립|보통", re.I)),
)
_UNKNOWN = re.compile(
    r"^(?:unknown|unspecified|not[ _-]?(?:specified|applicable|mentioned)|n/?a|none|other|others"
    r"|misc\w*|general|neutral|기타|미상|없음|알 ?수 ?없음|중립|일반)$",
    re.I,
)
_URGENT = re.compile(
    r"\b(?:urgent(?:ly)?|asap|immediately|critical|emergency|right away)\b|긴급|급해|빨리|시급"
    r"|즉시|당장",
    re.I,
)
_HIGH = re.compile(r"^(?:urgent|critical|highest|high|긴급|높음|상)$", re.I)
_YES = re.compile(r"^\W*(?:yes|true|y|o|on|예|네|있음|가능|참|동의|필요)\b", re.I)
_NO = re.compile(r"^\W*(?:no|false|n|x|off|none|아니[오요]?|없음|불가|거짓|비동의|불필요)\b", re.I)
_NEGATED = re.compile(
    r"\b(?:not|no|never|without|cannot|isn't|aren't|wasn't|don't|doesn't|didn't|won't|can't"
    r"|unable)\b|않|없|못 |안 |불가|아니",
    re.I,
)
_AUXILIARIES = re.compile(r"^(?:is|has|have|was|are|does|did|can|should|would|will|contains?|includes?)\s+")


def choose(question: FieldQuestion, options: Sequence[object], document: Document) -> tuple[int, bool]:
    """Return the index of the option that fits best, and whether the text has a reason for it."""
    texts = [
        "" if option is None else split_name(option) if isinstance(option, str) else str(option).lower()
        for option in options
    ]
    for rule in _RULES:
        if (index := rule(question, texts, document)) is not None:
            return index, True
    unknown = next((index for index, text in enumerate(texts) if _UNKNOWN.match(text)), None)
    null = next((index for index, option in enumerate(options) if option is None), None)
    return (null if null is not None else unknown or 0), False


def find_boolean(question: FieldQuestion, document: Document) -> bool | None:
    """Return whether the text affirms what the field is named for; None if it does not mention it."""
    for label in find_labels(question, document):
        if _YES.match(label.value) or _NO.match(label.value):
            return not _NO.match(label.value)
    words = _AUXILIARIES.sub("", question.words)
    names = content_words(words)
    described = [
        word for word in content_words(question.field.description) if word not in ("true", "whether", "여부")
    ]
    pairs = list(zip(document.sentences, document.sentence_words, strict=False))
    for wanted in (names, described[:6]):
        for sentence, in_sentence in pairs if wanted else ():
            hits = sum(1 for word in wanted if any(similarity(word, other) >= 0.8 for other in in_sentence))
            if hits == len(wanted) or (wanted is described and hits >= 2 and hits * 2 > len(wanted)):
                return not _NEGATED.search(sentence)
    if re.search(r"urgent|긴급", f"{words} {question.field.description}"):
        return bool(_URGENT.search(document.text)) or None
    if re.search(r"recommend|추천", words):
        return _recommends(document)
    return None


def _recommends(document: Document) -> bool | None:
    """Return whether the text recommends something: by the word, else by its sentiment."""
    for sentence in document.sentences:
        if re.search(r"recommend|추천", sentence, re.I):
            return not _NEGATED.search(sentence)
    return {"positive": True, "negative": False}.get(classify_sentiment(document.text))


def _by_label(question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    for label in find_labels(question, document):
        value = split_name(label.value)
        exact = next((index for index, text in enumerate(texts) if text and text == value), None)
        if exact is not None:
            return exact
        if (named := _by_name(question, texts, Document(label.value))) is not None:
            return named
    return None


def _by_sentiment(_question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    names = {
        next((name for name, pattern in _SENTIMENTS if pattern.search(text)), ""): index
        for index, text in reversed(list(enumerate(texts)))
    }
    if not {"positive", "negative"} <= names.keys():
        return None
    sentiment = classify_sentiment(document.text)
    if sentiment not in names and sentiment == "mixed":
        sentiment = "neutral"
    return names.get(sentiment)


def _by_name(_question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    """Return the option that the text mentions most, the earlier of those with the same count."""
    lower = document.text.lower()
    counts = []
    for index, text in enumerate(texts):
        if len(text) < 2 and not text.isdecimal():
            continue
        before = r"(?<![\w])" if text[0].isascii() else ""
        after = r"(?![\w-])" if text[-1].isascii() else ""
        pattern = before + r"[\s_-]?".join(map(re.escape, text.split())) + after
        number = len(re.findall(pattern, lower))
        # The stem of a word: "remotely" names "remote".
        if not number and len(text) > 4 and text.isascii():
            number = len(re.findall(rf"\b{re.escape(text[:-1])}", lower))
        if number:
            counts.append((-number, index))
    return min(counts)[1] if counts else None


def _by_entity(_question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    """Return the option that is another name of an entity in the text, as KRW is of ₩."""
    for kind in ("currencies", "units", "languages", "countries", "cities", "companies"):
        named = {
            mention.name: index
            for index, text in enumerate(texts)
            for mention in find_entities(kind, text)
            if len(mention.text) == len(text)
        }
        if len(named) * 2 < len(texts):
            continue
        for mention in find_entities(kind, document.text):
            if mention.name in named:
                return named[mention.name]
    return None


def _by_urgency(_question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    if not _URGENT.search(document.text):
        return None
    return next((index for index, text in enumerate(texts) if _HIGH.match(text)), None)


@lru_cache(maxsize=1)
def _load_subjects() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Load the names of each subject, and the words of texts about it."""
    lines = (DATA / "sandbox" / "subjects.txt").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"\s+\|\s+", line) for line in lines if not line.startswith("#")]
    return [
        (re.compile(names, re.I), re.compile(rf"\b(?:{english})\b|{korean}", re.I))
        for names, english, korean in rows
    ]


def _by_subject(_question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    counts = []
    for index, text in enumerate(texts):
        patterns = [words for names, words in _load_subjects() if names.search(text)]
        number = max((len(pattern.findall(document.text)) for pattern in patterns), default=0)
        if number:
            counts.append((-number, index))
    return min(counts)[1] if counts else None


def _by_language(question: FieldQuestion, texts: Sequence[str], document: Document) -> int | None:
    if question.kind != "language":
        return None
    names = document.language.localise("en english 영어", "ko kr korean 한국어").split()
    return next((index for index, text in enumerate(texts) if text in names), None)


_RULES: tuple[Callable[[FieldQuestion, Sequence[str], Document], int | None], ...] = (
    _by_label,
    _by_sentiment,
    _by_name,
    _by_entity,
    _by_urgency,
    _by_subject,
    _by_language,
)
