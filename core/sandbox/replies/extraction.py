"""Fields filled from a text, by their names and by what values look like."""

import json
import re
from collections.abc import Callable

from core.sandbox.replies.dates import find_dates
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style
from core.sandbox.replies.text_qa import find_text_question

Value = str | int | float | None

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
    """Fill the fields that the instructions name, as JSON; null is what is not found."""
    asked = _FIELDS.search(f"{prompt.instructions}\n{prompt.question[:400]}")
    given = find_text_question(prompt)
    if asked is None or not style.as_json:
        return None
    names = [name.strip().removeprefix("and ") for name in asked["names"].split(",")]
    text = given.text if given and given.in_last_message else prompt.question
    return json.dumps({name: find_value(name, text) for name in names}, ensure_ascii=False, indent=2)


def find_value(name: str, text: str) -> Value:
    """Find the value of the field *name*, by the first kind that its name speaks of."""
    for words, find in _KINDS:
        if re.search(words, name, re.I):
            return find(name, text)
    return _labelled(name, text)


def _date(name: str, text: str) -> Value:
    dates = find_dates(text)
    last = re.search(r"due|deadline|end|until|expir|마감|종료|까지", name, re.I)
    if last and len(dates) < 2:
        return None
    return (dates[-1] if last else dates[0]).isoformat() if dates else None


def _amount(_name: str, text: str) -> Value:
    found = [match["number"].replace(",", "") for match in _AMOUNT.finditer(text)]
    if not found:
        return None
    value = max(found, key=float)
    return float(value) if "." in value else int(value)


def _currency(_name: str, text: str) -> Value:
    return next((code for code, pattern in _CURRENCIES.items() if re.search(pattern, text, re.I)), None)


def _pattern(expression: str, flags: int = 0) -> Callable[[str, str], Value]:
    compiled = re.compile(expression, flags)

    def find(_name: str, text: str) -> Value:
        found = compiled.search(text)
        return found["value"].rstrip(".,") if found else None

    return find


def _labelled(name: str, text: str) -> Value:
    """Look for `name: value` or `name is value`, with the words of *name* in any case."""
    words = r"\s+".join(re.escape(word) for word in re.split(r"[_\s]+", name) if word)
    found = re.search(rf"{words}\s*(?:[:：]|\bis\b|은|는)\s*(?P<value>[^\n.,;]{{1,80}})", text, re.I)
    return found["value"].strip() if found else None


_KINDS: tuple[tuple[str, Callable[[str, str], Value]], ...] = (
    (r"e-?mail|이메일", _pattern(r"(?P<value>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")),
    (r"phone|tel|전화", _pattern(r"(?P<value>(?:\+\d|\(?0\d)[\d\s()-]{6,16}\d)")),
    (r"url|link|website", _pattern(r"(?P<value>https?://\S+)")),
    (r"date|deadline|_on$|날짜|마감|일$", _date),
    (r"time|시각|시간", _pattern(_TIME, re.I)),
    (r"currency|통화", _currency),
    (r"total|amount|price|cost|fee|sum|회비|금액|가격|요금", _amount),
    (r"(?:number|no|id|번호)$", _pattern(r"(?P<value>\b(?=[\w-]*\d)[A-Z]*-?\d{2,}(?:-\d+)+\b|#\s?\d+)")),
    (r"sender|from|vendor|seller|supplier|company|issuer", _pattern(rf"\b[Ff]rom\s+{_NAME}")),
    (r"recipient|customer|buyer|^to$", _pattern(rf"\b(?:[Tt]o|[Ff]or)\s+{_NAME}")),
    (r"장소|place|venue|location", _pattern(r"(?P<value>[가-힣]+(?:\s[가-힣]+){0,2})(?=에서)")),
    (r"name|이름", _pattern(rf"\b(?:name is|named|called|I am|by)\s+{_NAME}")),
)
