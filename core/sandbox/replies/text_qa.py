"""Answers from text that the request brings along: the best sentences quoted, summaries, keywords."""

import math
import re
from collections import Counter
from dataclasses import dataclass

from core.sandbox.replies.language import Language, detect_language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.sentences import keywords, split_blocks, split_sentences, terms
from core.sandbox.replies.style import Style

_MIN_TEXT_LENGTH = {Language.ENGLISH: 120, Language.KOREAN: 60}
"""Characters from which a block counts as text to work on."""

_SUMMARY = re.compile(
    r"summar(?:y|i[sz]e|i[sz]ation)|tl;?dr|main points|key points|\bgist\b|요약|간추|정리해", re.I
)
_KEYWORDS = re.compile(r"key\s?words?|key terms|\btags\b|핵심어|키워드|주제어", re.I)
_TASK_LINE = re.compile(r"^(?P<asked>[^\n:]{3,200}):\s*(?P<text>.+)$", re.DOTALL)
_TRAILING_QUESTION = re.compile(r"^(?P<text>.+[.!?。])\s+(?P<asked>[^.!?\n]{3,200}\?)$", re.DOTALL)
_MIN_SCORE = 0.34


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A *text* to work on and what is *asked* of it; *here* when both came in the last message."""

    question: str
    text: str
    in_last_message: bool


def answer_from_text(prompt: ChatPrompt, style: Style) -> str | None:
    """Answer from the text in the request, or None if there is none or it does not fit the question."""
    given = find_text_question(prompt)
    if given is None:
        return None
    if _SUMMARY.search(given.question):
        return summarise(given.text, style.bullets_or(style.sentences) or None)
    if _KEYWORDS.search(given.question):
        return ", ".join(f"**{word}**" for word in keywords(given.text, 10))
    if not given.question.strip():
        return _overview(given.text, style.language)
    return _quote(given, style.language)


def find_text_question(prompt: ChatPrompt) -> TextQuestion | None:
    """Find the text to work on: in the question, else in what was said before, else in the instructions."""
    short, long = _parted(prompt.question)
    if long:
        return TextQuestion("\n".join(short), "\n\n".join(long), in_last_message=True)
    earlier = [turn.text for turn in prompt.messages if turn.role in ("user", "tool")][:-1]
    document = prompt.instructions if len(split_blocks(prompt.instructions)) > 1 else ""
    texts = [block for said in (*earlier, document) for block in _parted(said)[1]]
    return (
        TextQuestion(prompt.question, "\n\n".join(texts), in_last_message=False)
        if texts and prompt.question.strip()
        else None
    )


def summarise(text: str, number: int | None = None) -> str:
    """Pick the sentences that hold most of what the text is about, and keep their order."""
    said = split_sentences(text)
    number = number or min(5, max(2, len(said) // 4))
    weights = Counter(terms(text))
    scores = [_density(sentence, weights) * (1.3 if at == 0 else 1.0) for at, sentence in enumerate(said)]
    best = sorted(sorted(range(len(said)), key=lambda at: -scores[at])[:number])
    return " ".join(said[at] for at in best)


def rank_sentences(question: str, said: list[str]) -> list[tuple[float, int]]:
    """Score each sentence for *question* by BM25 as a share of the best possible, highest first."""
    documents = [Counter(terms(sentence)) for sentence in said]
    wanted = set(terms(question))
    weight = {term: _rarity(sum(term in document for document in documents), len(said)) for term in wanted}
    whole = sum(weight.values()) or 1.0
    average = sum(document.total() for document in documents) / max(1, len(said))
    scores = [
        sum(weight[term] * _frequency(document[term], document.total(), average) for term in wanted) / whole
        for document in documents
    ]
    return sorted(((score, at) for at, score in enumerate(scores)), key=lambda pair: (-pair[0], pair[1]))


def _rarity(holding: int, documents: int) -> float:
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def _frequency(count: int, length: int, average: float) -> float:
    return count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / (average or 1.0)))


def _density(sentence: str, weights: Counter[str]) -> float:
    found = terms(sentence)
    return sum(weights[term] for term in set(found)) / math.sqrt(len(found) + 4)


def _parted(said: str) -> tuple[list[str], list[str]]:
    """Part a message into short blocks, which ask, and long ones, which are text; code is neither."""
    found = split_blocks(said)
    if len(found) == 1:
        return _parted_block(found[0])
    return [block for block in found if not _is_long(block)], [block for block in found if _is_long(block)]


def _parted_block(block: str) -> tuple[list[str], list[str]]:
    """Part a block into a task before a colon, or a question at the end, and the text beside it."""
    for pattern in (_TRAILING_QUESTION, _TASK_LINE):
        match = pattern.match(block)
        if match and _is_long(match["text"]):
            return [match["asked"]], [match["text"]]
    is_text = _is_long(block) and not block.endswith("?")
    return ([], [block]) if is_text else ([block], [])


def _is_long(block: str) -> bool:
    long = len(block) >= _MIN_TEXT_LENGTH[detect_language(block)] and not block.startswith("```")
    return long and len(split_sentences(block)) > 1


def _quote(given: TextQuestion, language: Language) -> str | None:
    said = split_sentences(given.text)
    ranked = rank_sentences(given.question, said)
    best = [(score, at) for score, at in ranked[:3] if score >= max(_MIN_SCORE, ranked[0][0] * 0.7)]
    if not best:
        return _silence(given, language) if given.in_last_message else None
    quotes = "\n>\n".join(f"> {said[at]}" for at in sorted(at for _, at in best))
    places = ", ".join(str(at + 1) for at in sorted(at for _, at in best))
    return language.localise(
        f"The text says:\n\n{quotes}\n\nThat is sentence {places} of {len(said)}.",
        f"글에는 이렇게 나와 있습니다.\n\n{quotes}\n\n전체 {len(said)}문장 가운데 {places}번째입니다.",
    )


def _silence(given: TextQuestion, language: Language) -> str:
    about = ", ".join(keywords(given.text, 5))
    return language.localise(
        f"The text does not seem to answer that. It is about: {about}.",
        f"이 글에는 그 답이 없는 것 같습니다. 글의 주제어: {about}.",
    )


def _overview(text: str, language: Language) -> str:
    count, about = len(split_sentences(text)), ", ".join(f"**{word}**" for word in keywords(text, 6))
    return language.localise(
        f"You gave me a text of {count} sentences. In short:\n\n{summarise(text)}\n\n"
        f"Its key words are {about}. Ask about it, and I will quote the sentences that answer.",
        f"{count}문장의 글을 받았습니다. 간추리면:\n\n{summarise(text)}\n\n핵심어는 {about}입니다. "
        "글에 대해 물으시면 답이 되는 문장을 인용하겠습니다.",
    )
