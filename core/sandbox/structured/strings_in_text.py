"""Texts for the fields of a schema: what a document has of each kind of value."""

import re
from collections.abc import Callable, Iterable
from itertools import chain

from core.sandbox.replies.extraction.answer_types import EMAIL, PHONE
from core.sandbox.replies.language.detection import detect_language
from core.sandbox.replies.language.text_question import asks
from core.sandbox.replies.texts.text_qa import summarise
from core.sandbox.structured.dates import find_date_mentions
from core.sandbox.structured.document import Document
from core.sandbox.structured.entities import find_entities, find_time_zones
from core.sandbox.structured.keywords import find_keywords
from core.sandbox.structured.kinds import DATE_KINDS, MONEY_KINDS
from core.sandbox.structured.names_in_text import (
    ADDRESS,
    entity_finder,
    find_all_people,
    find_jobs,
    find_organizations,
    find_people,
    find_places,
    find_tickers,
    from_rank,
    matches,
)
from core.sandbox.structured.passages_in_text import (
    DECISION,
    find_opinions,
    find_reasons,
    find_summary,
    find_things,
    find_title,
)
from core.sandbox.structured.question import FieldQuestion, find_labels, relevant_sentences
from core.sandbox.structured.sentiment import classify_sentiment, sentiment_name
from core.sandbox.structured.strings import find_matching_words
from core.sandbox.structured.times_in_text import find_dates, find_durations_in, find_times, format_date

_URL = re.compile(r"\bhttps?://[^\s<>\"'()]+|\bwww\.[^\s<>\"'()]+")
_LETTERS = re.compile(r"[^\W\d_]{2}")
_CODE = re.compile(r"(?<![\w@.])(?:[A-Z]{1,6}[-/]?\d[\w-]*|#\s?\d[\w-]*|\d{2,}-\d{2,}(?:-\d+)*)(?![\w@])")


def find_strings(question: FieldQuestion, document: Document) -> list[str]:
    """Return the candidates for a field of type string, the best first."""
    labelled = [
        text for label in find_labels(question, document) for text in _from_label(question, label.value)
    ]
    matching = find_matching_words(document.text, question.field.schema)
    finder = _FINDERS.get(question.kind)
    if question.format in _FORMAT_KINDS:
        finder = _FINDERS[_FORMAT_KINDS[question.format]]
    extracted = finder(question, document) if finder else _unknown(question, document)
    return list(dict.fromkeys(chain(labelled, matching, extracted)))


def find_texts(question: FieldQuestion, document: Document) -> list[str]:
    """Return all values for a list of texts."""
    if question.kind == "person":
        return find_all_people(document)
    finder = {
        "keywords": lambda: find_keywords(document.text, 5),
        "email": lambda: matches(EMAIL, document.text),
        "phone": lambda: matches(PHONE, document.text),
        "url": lambda: _urls(question, document),
        "date": lambda: [mention.value for mention in document.dates],
        "money": lambda: [amount.text for amount in document.amounts],
        "organization": lambda: document.organizations,
        "place": lambda: find_places(question, document),
        "city": lambda: [mention.text for mention in find_entities("cities", document.text)],
        "country": lambda: [mention.text for mention in find_entities("countries", document.text)],
        "language": lambda: [mention.name for mention in find_entities("languages", document.text)],
        "decisions": lambda: [sentence for sentence in document.sentences if DECISION.search(sentence)],
        "strengths": lambda: find_opinions(document, "positive"),
        "weaknesses": lambda: find_opinions(document, "negative"),
        "summary": lambda: summarise(document.text, 3).split("\n"),
        "ticker": lambda: [mention.name for mention in find_entities("companies", document.text)],
    }.get(question.kind)
    return list(dict.fromkeys(finder())) if finder else []


def _from_label(question: FieldQuestion, value: str) -> Iterable[str]:
    """Return what the value of a label has of the kind that the field asks for, else the value."""
    section = Document(value)
    if question.kind in DATE_KINDS or question.format in ("date", "date-time"):
        dates = [format_date(question, mention, value) for mention in find_date_mentions(value)]
        return (*dates, value)
    if question.kind in ("email", "phone", "url", "time", "currency") or question.format in _FORMAT_KINDS:
        kind = _FORMAT_KINDS.get(question.format, question.kind)
        return _FINDERS[kind](question, section)
    if question.kind == "person":
        # "Kim Min-su (kim@example.com)" or "김민수 과장": without what is no part of the name.
        name = re.split(r"\s*[(<,/]|\s+(?:대리|과장|차장|부장|팀장|대표|이사|사원|님|씨)\b", value)[0].strip()
        return (name, value)
    return (value,)


def _urls(_question: FieldQuestion, document: Document) -> list[str]:
    return [url.rstrip(".,;:!?") for url in matches(_URL, document.text)]


def _money(question: FieldQuestion, document: Document) -> list[str]:
    if question.kind not in ("money", "total", "unit_price"):
        return []
    amounts = document.amounts
    if question.kind == "total":
        amounts = sorted(amounts, key=lambda amount: -amount.value)
    return [amount.text for amount in amounts]


def _currency(_question: FieldQuestion, document: Document) -> list[str]:
    # Without the Korean numerals, which stand between a number and its currency without a space.
    amounts = " ".join(re.sub(r"[억만천백]", " ", amount.text) for amount in document.amounts)
    text = amounts or document.text
    return [mention.name for mention in find_entities("currencies", text)] + matches(
        re.compile(r"\b(?:USD|EUR|GBP|KRW|JPY|CNY|CHF|CAD|AUD|INR)\b"), text
    )


def _sentiments(question: FieldQuestion, document: Document) -> list[str]:
    language = detect_language(question.field.description or question.words)
    return [sentiment_name(classify_sentiment(document.text), language)]


def _answers(question: FieldQuestion, document: Document) -> list[str]:
    """Return the reply to a question; of a text, its first sentence for a field such as "explanation"."""
    if asks(document.text) or not _LETTERS.search(document.text):
        return [document.answer] if document.answer else []
    return _unknown(question, document) or document.sentences[:1]


def _unknown(question: FieldQuestion, document: Document) -> list[str]:
    """Return the value after the field's name in a sentence, as in "the gate is B12".

    Without one, the sentence that the description of the field is about.
    """
    name = r"\s+".join(map(re.escape, question.words.split()))
    if not name:
        return []
    match = re.search(
        rf"(?<![\w]){name}\s*(?:\bis\b|\bwas\b|:|=|은|는)\s+(?P<value>[^\n.,;]{{1,80}})", document.text, re.I
    )
    if match:
        return [match["value"].strip()]
    return relevant_sentences(question, document)[:1] if question.field.description else []


_FORMAT_KINDS = {
    "email": "email",
    "date": "date",
    "date-time": "date",
    "time": "time",
    "duration": "duration",
    "uri": "url",
}
_FINDERS: dict[str, Callable[[FieldQuestion, Document], list[str]]] = {
    "email": lambda question, document: from_rank(matches(EMAIL, document.text), question.rank),
    "phone": lambda question, document: from_rank(matches(PHONE, document.text), question.rank),
    "url": _urls,
    "date": find_dates,
    "due_date": find_dates,
    "birth_date": find_dates,
    "time": find_times,
    "duration": find_durations_in,
    "currency": _currency,
    "person": find_people,
    "organization": find_organizations,
    "city": entity_finder("cities"),
    "country": entity_finder("countries"),
    "place": find_places,
    "job": find_jobs,
    "strengths": lambda _question, document: find_opinions(document, "positive"),
    "weaknesses": lambda _question, document: find_opinions(document, "negative"),
    "address": lambda _question, document: matches(ADDRESS, document.text),
    "language": lambda _question, document: [
        document.language.localise("English", "Korean"),
        document.language.value,
    ],
    "ticker": find_tickers,
    "title": find_title,
    "summary": find_summary,
    "keywords": lambda _question, document: [", ".join(find_keywords(document.text, 5))],
    "sentiment": _sentiments,
    "id": lambda question, document: from_rank(matches(_CODE, document.text), question.rank),
    "thing": find_things,
    "query": lambda _question, document: find_keywords(document.text, 1),
    "unit": entity_finder("units"),
    "time_zone": lambda _question, document: find_time_zones(document.text),
    "reason": find_reasons,
    "answer": _answers,
    **dict.fromkeys(MONEY_KINDS, _money),
}
