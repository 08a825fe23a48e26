"""Answers from a text in the request: quoted sentences, summaries and keywords."""

import math
import re
from collections import Counter

from core.sandbox.replies.answer import Answer, join_answers
from core.sandbox.replies.extraction.answer_types import find_answer_type
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.matching import query_words
from core.sandbox.replies.language.sentences import keywords, split_sentences, terms
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.language.text_question import TextQuestion, find_text_question, split_message
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.texts.sentence_search import find_sentence
from core.sandbox.replies.texts.tables import answer_from_headers, answer_from_rows

_SUMMARY = re.compile(r"summar(?:y|i[sz]e|i[sz]ation)|tl;?dr|main points|key points|\bgist\b|요약|간추", re.I)
_KEYWORDS = re.compile(r"key\s?words?|key terms|\btags\b|핵심어|키워드|주제어", re.I)
# Questions with several parts: "when was it built and how tall is it", "기간과 장소".
_PARTS = re.compile(
    r"(?:,|\band\b|\bor\b)\s+(?=(?:(?:in|at|on|by|to|from) )?(?:what|who|when|where|why|how|which)\b)"
    r"|\s*그리고\s*|(?<=[가-힣])(?:이랑|랑|하고|과|와)\s+(?=[가-힣 ]{1,14}(?:만|을|를|은|는|이|가|도|좀"
    r"|인지)?\s)"
    r"|(?<=[?])\s+(?=\S)",
    re.I,
)
_ABOUT_NAME = re.compile(r"\bnames?\b|이름", re.I)
_FOLLOW_UP = re.compile(
    r"^\W*(?:and|what about|how about|same for|그럼|그러면|그리고)\b|^[^?]{1,16}[은는]요?\W*$", re.I
)


def answer_from_text(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer from the text in the request; None without a text, or if the text does not answer."""
    text_question = find_text_question(prompt)
    if text_question is None or not text_question.in_last_message:
        return None
    question, text = text_question.question, text_question.text
    if _SUMMARY.search(question):
        summary = summarise(text, style.bullets_or(style.sentences) or None)
        return Answer(summary, summary)
    if _KEYWORDS.search(question):
        return Answer(", ".join(f"**{word}**" for word in keywords(text, 10)))
    if question.strip():
        return _answer_question(prompt, text_question, style)
    summary, count = summarise(text), len(split_sentences(text))
    about = ", ".join(f"**{word}**" for word in keywords(text, 6))
    return Answer(
        style.language.localise(
            f"You gave me a text of {count} sentences. In short:\n\n{summary}\n\n"
            f"Its key words are {about}. Ask about it, and I will quote the sentences that answer.",
            f"{count}문장의 글을 받았습니다. 간추리면:\n\n{summary}\n\n핵심어는 {about}입니다. "
            "글에 대해 물으시면 답이 되는 문장을 인용하겠습니다.",
        )
    )


def answer_from_earlier_text(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer from a text in an earlier message or in the instructions."""
    text_question = find_text_question(prompt)
    if text_question is None or text_question.in_last_message:
        return None
    if _SUMMARY.search(text_question.question):
        summary = summarise(text_question.text, style.bullets_or(style.sentences) or None)
        return Answer(summary, summary)
    return _answer_question(prompt, text_question, style)


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


def split_question(question: str) -> list[str]:
    """Return the parts of a question that ask for several things."""
    parts = [part.strip() for part in _PARTS.split(question) if part and part.strip()]
    parts = [part for part in parts if not part.endswith(":")]
    return parts if 1 < len(parts) <= 4 else parts or [question]


def quote_sentence(question: str, text: str, language: Language, context: str = "") -> Answer | None:
    """Quote the sentence that answers; None if none does, or if it is unclear which.

    *context* is what else was asked, as the question before a follow-up: its words count less.
    """
    sentences = split_sentences(text)
    kind = find_answer_type(question) or (find_answer_type(context) if context else None)
    index = find_sentence(question, context, sentences, kind)
    if index is None:
        return None
    sentence = sentences[index]
    spans = kind.find(sentence) if kind else []
    # Of several, the one that is nearest to a word of the question.
    lowered = sentence.lower()
    places = [lowered.find(word) for word in query_words(question) if word in lowered] or [0]
    span = min(spans, key=lambda text: min(abs(sentence.find(text) - place) for place in places), default="")
    # Sentences with an address often have others too.
    if (
        span
        and kind
        and (kind.name in ("email", "phone") or (kind.name == "person" and _ABOUT_NAME.search(question)))
    ):
        return Answer(f"**{span}**", span, span)
    says = language.localise("The text says:", "글에는 이렇게 나와 있습니다.")
    return Answer(f"{says}\n\n> {sentence}", sentence, span)


def _answer_question(prompt: ChatPrompt, text_question: TextQuestion, style: Style) -> Answer | None:
    question, text = strip_form(text_question.question), text_question.text
    if not text_question.in_last_message and _FOLLOW_UP.search(question) and len(question.split()) <= 6:
        earlier = [message.text for message in prompt.messages if message.role == "user"][:-1]
        context = split_message(earlier[-1])[0] if earlier else ""
        return quote_sentence(question, text, style.language, context)
    parts = split_question(question)
    answers = [
        answer_from_headers(part, text)
        or answer_from_rows(part, text)
        or quote_sentence(part, text, style.language, " ".join(other for other in parts if other != part))
        for part in parts
    ]
    given = [answer for answer in answers if answer is not None]
    return join_answers(given) if len(given) == len(answers) else None
