"""Extraction of fields from a text, by the name of each field."""

import json
import re
from collections.abc import Callable

from core.sandbox.replies.dates import find_dates
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style
from core.sandbox.replies.text_qa import find_text_question

Value = str | int | float | None
Extractor = Callable[[str, str], Value]

_FIELDS = re.compile(
    r"(?:fields?|keys?|properties|필드)[^:：\n]{0,40}[:：]\s*"
    r"(?P<names>[\w가-힣]+(?:\s*,\s*(?:and\s+)?[\w가-힣]+)+)",
    re.I,
)
_AMOUNT = re.compile(
    r"(?:[$€£₩]\s*)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*"
    r"(?:[$€£₩]|\b(?:EUR|USD|GBP|KRW|JPY|euros?|dollars?|won)\b|원)",
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


def extract_fields(prompt: ChatPrompt, style: Style) -> str | None:
    """Return the requested fields as JSON, with null for those that the text does not have."""
    request = _FIELDS.search(f"{prompt.instructions}\n{prompt.question[:400]}")
    if request is None or not style.as_json:
        return None
    names = [name.strip().removeprefix("and ") for name in request["names"].split(",")]
    text = prompt.question
    text_question = find_text_question(prompt)
    if text_question and text_question.in_last_message:
        text = text_question.text
    return json.dumps({name: find_value(name, text) for name in names}, ensure_ascii=False, indent=2)


def find_value(name: str, text: str) -> Value:
    """Return the value of the field *name*: by the extractor for its name, else by a label in *text*."""
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
    (r"e-?mail|이메일", _pattern(r"(?P<value>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")),
    (r"phone|tel|전화", _pattern(r"(?P<value>(?:\+\d|\(?0\d)[\d\s()-]{6,16}\d)")),
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
    (r"(?:number|no|id|번호)$", _pattern(r"(?P<value>\b(?=[\w-]*\d)[A-Z]*-?\d{2,}(?:-\d+)+\b|#\s?\d+)")),
    (r"sender|from|vendor|seller|supplier|company|issuer", _pattern(rf"\b[Ff]rom\s+{_NAME}")),
    (r"recipient|customer|buyer|^to$", _pattern(rf"\b(?:[Tt]o|[Ff]or)\s+{_NAME}")),
    (r"장소|place|venue|location", _pattern(r"(?P<value>[가-힣]+(?:\s[가-힣]+){0,2})(?=에서)")),
    (r"name|이름", _pattern(rf"\b(?:name is|named|called|I am|by)\s+{_NAME}")),
)
