"""Answers from a text in the request: quoted sentences, summaries and keywords."""

import math
import re
from collections import Counter
from dataclasses import dataclass

from core.sandbox.replies.language import Language, detect_language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.sentences import keywords, split_blocks, split_sentences, terms
from core.sandbox.replies.style import Style

# A shorter block is a question or a task; a longer one is text to work on. Korean needs fewer characters.
_MIN_TEXT_LENGTH = {Language.ENGLISH: 120, Language.KOREAN: 60}
_SUMMARY = re.compile(
    r"summar(?:y|i[sz]e|i[sz]ation)|tl;?dr|main points|key points|\bgist\b|요약|간추|정리해", re.I
)
_KEYWORDS = re.compile(r"key\s?words?|key terms|\btags\b|핵심어|키워드|주제어", re.I)
_TASK_LINE = re.compile(r"^(?P<question>[^\n:]{3,200}):\s*(?P<text>.+)$", re.DOTALL)
_TRAILING_QUESTION = re.compile(r"^(?P<text>.+[.!?。])\s+(?P<question>[^.!?\n]{3,200}\?)$", re.DOTALL)
_MIN_SCORE = 0.34


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A question about a text, and whether the last message contains both."""

    question: str
    text: str
    in_last_message: bool


def answer_from_text(prompt: ChatPrompt, style: Style) -> str | None:
    """Answer from the text in the request; None without a text, or if the text does not fit the question."""
    text_question = find_text_question(prompt)
    if text_question is None:
        return None
    if _SUMMARY.search(text_question.question):
        return summarise(text_question.text, style.bullets_or(style.sentences) or None)
    if _KEYWORDS.search(text_question.question):
        return ", ".join(f"**{word}**" for word in keywords(text_question.text, 10))
    if text_question.question.strip():
        return _quote(text_question, style.language)
    summary, count = summarise(text_question.text), len(split_sentences(text_question.text))
    about = ", ".join(f"**{word}**" for word in keywords(text_question.text, 6))
    return style.language.localise(
        f"You gave me a text of {count} sentences. In short:\n\n{summary}\n\n"
        f"Its key words are {about}. Ask about it, and I will quote the sentences that answer.",
        f"{count}문장의 글을 받았습니다. 간추리면:\n\n{summary}\n\n핵심어는 {about}입니다. "
        "글에 대해 물으시면 답이 되는 문장을 인용하겠습니다.",
    )


def find_text_question(prompt: ChatPrompt) -> TextQuestion | None:
    """Find the text to work on: in the question, else in earlier messages and in the instructions."""
    questions, texts = _split_message(prompt.question)
    if texts:
        return TextQuestion("\n".join(questions), "\n\n".join(texts), in_last_message=True)
    sources = [message.text for message in prompt.messages if message.role in ("user", "tool")][:-1]
    # Instructions of one block tell what to do, and have no text to work on.
    if len(split_blocks(prompt.instructions)) > 1:
        sources.append(prompt.instructions)
    texts = [text for source in sources for text in _split_message(source)[1]]
    if not texts or not prompt.question.strip():
        return None
    return TextQuestion(prompt.question, "\n\n".join(texts), in_last_message=False)


def summarise(text: str, number: int | None = None) -> str:
    """Return the sentences of *text* with the most frequent terms, in their order."""
    sentences = split_sentences(text)
    number = number or min(5, max(2, len(sentences) // 4))
    weights = Counter(terms(text))
    scores = []
    for index, sentence in enumerate(sentences):
        in_sentence = terms(sentence)
        # The length keeps long sentences from always winning. The first sentence often introduces the text.
        density = sum(weights[term] for term in set(in_sentence)) / math.sqrt(len(in_sentence) + 4)
        scores.append(density * (1.3 if index == 0 else 1.0))
    best = sorted(range(len(sentences)), key=lambda index: -scores[index])[:number]
    return " ".join(sentences[index] for index in sorted(best))


def rank_sentences(question: str, sentences: list[str]) -> list[tuple[float, int]]:
    """Return score and index of each sentence, best first. The score is BM25, scaled to at most 1."""
    documents = [Counter(terms(sentence)) for sentence in sentences]
    query = set(terms(question))
    weights = {}
    for term in query:
        frequency = sum(term in document for document in documents)
        weights[term] = math.log(1 + (len(documents) - frequency + 0.5) / (frequency + 0.5))
    total = sum(weights.values()) or 1.0
    average_length = sum(document.total() for document in documents) / max(1, len(documents)) or 1.0
    scores = []
    for document in documents:
        length = 1.2 * (0.25 + 0.75 * document.total() / average_length)
        score = sum(weights[term] * (document[term] * 2.2 / (document[term] + length)) for term in query)
        scores.append(score / total)
    return sorted(
        ((score, index) for index, score in enumerate(scores)), key=lambda pair: (-pair[0], pair[1])
    )


def _split_message(message: str) -> tuple[list[str], list[str]]:
    """Split a message into questions and texts. Code is not a text."""
    blocks = split_blocks(message)
    if len(blocks) != 1:
        return [block for block in blocks if not _is_text(block)], [
            block for block in blocks if _is_text(block)
        ]
    # A single block may be a task before a colon and its text, or a text and a question at its end.
    [block] = blocks
    for pattern in (_TRAILING_QUESTION, _TASK_LINE):
        match = pattern.match(block)
        if match and _is_text(match["text"]):
            return [match["question"]], [match["text"]]
    if _is_text(block) and not block.endswith("?"):
        return [], [block]
    return [block], []


def _is_text(block: str) -> bool:
    is_long = len(block) >= _MIN_TEXT_LENGTH[detect_language(block)] and not block.startswith("```")
    return is_long and len(split_sentences(block)) > 1


def _quote(text_question: TextQuestion, language: Language) -> str | None:
    """Quote the best sentences. Without any, return None for a text that the question need not be about."""
    sentences = split_sentences(text_question.text)
    ranked = rank_sentences(text_question.question, sentences)
    min_score = max(_MIN_SCORE, ranked[0][0] * 0.7)
    best = sorted(index for score, index in ranked[:3] if score >= min_score)
    if best:
        quotes = "\n>\n".join(f"> {sentences[index]}" for index in best)
        numbers = ", ".join(str(index + 1) for index in best)
        return language.localise(
            f"The text says:\n\n{quotes}\n\nThat is sentence {numbers} of {len(sentences)}.",
            f"글에는 이렇게 나와 있습니다.\n\n{quotes}\n\n"
            f"전체 {len(sentences)}문장 가운데 {numbers}번째입니다.",
        )
    if not text_question.in_last_message:
        return None
    about = ", ".join(keywords(text_question.text, 5))
    return language.localise(
        f"The text does not seem to answer that. It is about: {about}.",
        f"이 글에는 그 답이 없는 것 같습니다. 글의 주제어: {about}.",
    )
