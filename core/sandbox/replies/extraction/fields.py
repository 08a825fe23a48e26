"""Extraction of named fields from a text, as a JSON object."""

import json
import re
from collections.abc import Callable

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.calculation.dates import find_dates
from core.sandbox.replies.extraction.answer_types import ANSWER_TYPES
from core.sandbox.replies.extraction.people import find_people
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.language.text_question import find_quotations, find_text_question
from core.sandbox.replies.prompt import ChatPrompt

Value = str | int | float | None
Extractor = Callable[[str, str], Value]

_FIELD = r"[\"'`“”‘’]?(?:[A-Za-z_][A-Za-z0-9_]*|[가-힣][가-힣_0-9]*)[\"'`“”‘’]?"
_LABELLED_FIELDS = re.compile(
    rf"(?:fields?|keys?|properties|필드"
    rf"|키)[^:：\n]{{0,40}}[:：]\s*(?P<names>{_FIELD}(?:\s*,\s*(?:and\s+)?{_FIELD})+)",
    re.I,
)
_FIELDS = re.compile(
    r"(?:\bfields?|\bkeys?|\bproperties|필드|키)(?:는|은|\b)[^:：\n,\"“]{0,40}?[:：]?\s*"
    rf"(?P<names>{_FIELD}(?:\s*,\s*(?:and\s+)?{_FIELD}|\s+and\s+{_FIELD})+)",
    re.I,
)
_AMOUNT = re.compile(
    r"(?P<sign>[$€£₩]\s*)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*"
    r"(?(sign)|(?:[$€£₩]|\b(?:EUR|USD|GBP|KRW|JPY|euros?|dollars?|won)\b|원))",
    re.I,
)
_CURRENCIES = {
    "EUR": "€|eur",
    "USD": r"\$|usd|dollar",
    "GBP": "£|gbp|pound",
    "KRW": "₩|krw|won\\b|원",
    "JPY": "¥|jpy|yen",
}
_TIME = r"(?P<value>\d{1,2}:\d{2}|\d{1,2}\s*[ap]\.?m\.?|(?:오전|오후)\s*\d{1,2}시(?:\s*\d{1,2}분)?)"
_NAME = r"(?P<value>[A-Z][\w&'-]*(?:\s+[A-Z][\w&'.-]*)*)"


def extract_fields(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Return the requested fields as JSON, with null for those that the text does not have."""
    if not style.as_json:
        return None
    text_question = find_text_question(prompt)
    request = _LABELLED_FIELDS.search(prompt.instructions) or _FIELDS.search(prompt.instructions)
    text = text_question.text if text_question else prompt.question
    question = text_question.question if text_question else ""
    if request is None:
        request = _LABELLED_FIELDS.search(question) or _FIELDS.search(question)
    if request is None or not text:
        return None
    quoted = re.findall(r"[\"'`“‘]([^\"'`”’]+)[\"'`”’]", request["names"])
    names = quoted or [
        name.strip(" \"'`“”‘’") for name in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", request["names"])
    ]
    values = {name: find_value(name, text, question) for name in names}
    return Answer(json.dumps(values, ensure_ascii=False, indent=2), exact=True)


def find_value(name: str, text: str, question: str = "") -> Value:
    """Return the value of the field *name*: by the extractor for its name, else by a label in *text*."""
    if re.fullmatch(r"city|town|country|도시|지역", name, re.I):
        # After the preposition of the question, as in "to which city", else after any.
        preposition = re.search(r"\b(to|from|in|at|near)\s+(?:which|what)\b", question, re.I)
        before = preposition[1].lower() if preposition else "(?:in|at|to|from|near)"
        match = re.search(rf"\b{before}\s+(?P<value>[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", text)
        return match["value"] if match else None
    for name_pattern, extract in _EXTRACTORS:
        if re.search(name_pattern, name, re.I):
            return extract(name, text)
    # A label is `name: value` or `name is value`.
    label = r"\s+".join(re.escape(word) for word in re.split(r"[_\s]+", name) if word)
    match = re.search(rf"{label}\s*(?:[:：]|\bis\b|은|는)\s*(?P<value>[^\n.,;]{{1,80}})", text, re.I)
    return match["value"].strip() if match else None


def _date(name: str, text: str) -> Value:
    dates = find_dates(text)
    is_end = re.search(r"due|deadline|end|until|expir|마감|종료|까지", name, re.I)
    if is_end and len(dates) < 2:
        return None
    return (dates[-1] if is_end else dates[0]).isoformat() if dates else None


def _first_of(kind: str) -> Extractor:
    answer_type = next(item for item in ANSWER_TYPES if item.name == kind)

    def extract(_name: str, text: str) -> Value:
        return next(iter(answer_type.find(text)), None)

    return extract


def _year(_name: str, text: str) -> Value:
    year = re.search(r"(?<![\d.,])(?:1[5-9]|20)\d{2}(?!\d)", text)
    return int(year.group()) if year else None


def _title(_name: str, text: str) -> Value:
    """Return the title after its label, else the only quotation."""
    labelled = re.search(
        r"(?:\btitled?|\bcalled|제목은?)\s*(?:is|:)?\s*[\"'“‘「『<](?P<value>[^\"'”’」』>\n]+)", text, re.I
    )
    line = re.search(r"(?m)^(?:title|subject|제목)\s*[:：]\s*(?P<value>.+)$", text, re.I)
    quotations = find_quotations(text)
    if match := labelled or line:
        return match["value"].strip()
    return quotations[0] if len(quotations) == 1 else None


def _name(_name: str, text: str) -> Value:
    return next(iter(find_people(text)), None) or _pattern(rf"\b(?:name is|named|called|I am|by)\s+{_NAME}")(
        "", text
    )


def _amount(_name: str, text: str) -> Value:
    """Return the largest amount, which is the total of an invoice."""
    amounts = [match["number"].replace(",", "") for match in _AMOUNT.finditer(text)]
    if not amounts:
        return None
    largest = max(amounts, key=float)
    return float(largest) if "." in largest else int(largest)


def _pattern(expression: str, flags: int = 0) -> Extractor:
    compiled = re.compile(expression, flags)

    def extract(_name: str, text: str) -> Value:
        match = compiled.search(text)
        return match["value"].rstrip(".,") if match else None

    return extract


# Pattern of the field name -> extractor.
_EXTRACTORS: tuple[tuple[str, Extractor], ...] = (
    (r"e-?mail|이메일|메일", _first_of("email")),
    (r"phone|tel|mobile|전화|연락처", _first_of("phone")),
    (r"url|link|website", _pattern(r"(?P<value>https?://\S+)")),
    (r"date|deadline|_on$|날짜|마감|일$", _date),
    (r"time|시각|시간", _pattern(_TIME, re.I)),
    (
        r"currency|통화",
        lambda _name, text: next(
            (code for code, pattern in _CURRENCIES.items() if re.search(pattern, text, re.I)), None
        ),
    ),
    (r"total|amount|price|cost|fee|sum|회비|금액|가격|요금", _amount),
    (r"^(?:year|연도|년도)$", _year),
    (r"^(?:title|subject|제목)$", _title),
    (r"colou?r|색", _first_of("colour")),
    (r"weekday|요일", _first_of("weekday")),
    (r"weight|무게", _first_of("weight")),
    (r"(?:number|no|id|번호)$", _pattern(r"(?P<value>\b(?=[\w-]*\d)[A-Z]*-?\d{2,}(?:-\d+)+\b|#\s?\d+)")),
    (r"sender|from|vendor|seller|supplier|company|issuer", _pattern(rf"\b[Ff]rom\s+{_NAME}")),
    (r"recipient|customer|buyer|^to$", _pattern(rf"\b(?:[Tt]o|[Ff]or)\s+{_NAME}")),
    (r"장소|place|venue|location", _pattern(r"(?P<value>[가-힣]+(?:\s[가-힣]+){0,2})(?=에서)")),
    (r"name|이름|담당자|person|author", _name),
)
