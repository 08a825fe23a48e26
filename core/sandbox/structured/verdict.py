"""A verdict on two replies by rules, for the schema of a judge."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from core.sandbox.json_schema.strict import Schema, schema_types
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.sentences import terms

_FIRST = re.compile(r"first\w*|\w+_(?:a|1)|a|1", re.I)
_SECOND = re.compile(r"second\w*|\w+_(?:b|2)|b|2", re.I)
_TIE = re.compile(r"tie|draw|equal|both|none|neither", re.I)
_REFUSAL = re.compile(r"requires a language model|언어 모델이 필요|\bI(?: can't| cannot|'m unable to) ", re.I)
_ASKS_FOR_CODE = re.compile(r"\b(?:code|python|sdk|sql|function|show it)\b|코드|예제|함수", re.I)
_MAX_TEXT = 20_000
# Up to this many words, a longer reply is no worse.
_FREE_WORDS = 150
_MIN_DIFFERENCE = 0.05


@dataclass(frozen=True, slots=True)
class _Material:
    """What a judge is shown."""

    question: str
    first: str
    second: str
    expected: str


@dataclass(frozen=True, slots=True)
class _Rating:
    """A reply in numbers. *matches* is its share of the expected words, else of those of the question."""

    matches: float
    has_expected: bool
    is_expected: bool
    is_refusal: bool
    has_code: bool
    words: int

    @property
    def score(self) -> float:
        length = min(0.3, max(0.0, math.log2(max(self.words, 1) / _FREE_WORDS)) * 0.1)
        exactness = self.has_expected + 0.2 * self.is_expected
        return self.matches + exactness + 0.2 * self.has_code - self.is_refusal - length


def judge_replies(text: str, schema: Schema) -> dict[str, Any] | None:
    """Return a verdict on two replies, which are in the JSON *text*, in the form of *schema*, else None.

    The order of the replies does not matter: the same pair gets the same verdict in both orders.
    """
    fields = _find_fields(schema)
    material = _parse_material(text) if fields else None
    if fields is None or material is None:
        return None
    first, second = (_rate(reply, material) for reply in (material.first, material.second))
    difference = first.score - second.score
    pattern = _TIE
    if abs(difference) >= _MIN_DIFFERENCE:
        pattern = _FIRST if difference > 0 else _SECOND
    reason = _explain(first, second, pattern, detect_language(material.question))
    return {
        name: reason if options is None else next((o for o in options if pattern.fullmatch(o)), options[0])
        for name, options in fields.items()
    }


def _find_fields(schema: Schema) -> dict[str, list[str] | None] | None:
    """Return the options of each field, None for a text; None if this is no schema of a verdict."""
    fields: dict[str, list[str] | None] = {}
    for name, child in schema.get("properties", {}).items():
        options = child.get("enum") if isinstance(child, dict) else None
        if options and all(isinstance(option, str) for option in options):
            fields[name] = options
        elif isinstance(child, dict) and schema_types(child) == ("string",):
            fields[name] = None
        else:
            return None
    choices = [options for options in fields.values() if options]
    patterns = (_FIRST, _SECOND)
    is_verdict = len(choices) == 1 and all(any(map(each.fullmatch, choices[0])) for each in patterns)
    return fields if is_verdict else None


def _parse_material(text: str) -> _Material | None:
    try:
        value = json.loads(text[:_MAX_TEXT])
    except ValueError:
        return None
    if not isinstance(value, dict) or not all(isinstance(part, str) for part in value.values()):
        return None
    first = next((part for name, part in value.items() if _FIRST.fullmatch(name)), None)
    second = next((part for name, part in value.items() if _SECOND.fullmatch(name)), None)
    if first is None or second is None:
        return None
    expected = next((part for name, part in value.items() if name.startswith("expected")), "")
    return _Material(str(value.get("question", "")), first, second, expected)


def _rate(reply: str, material: _Material) -> _Rating:
    wanted = set(terms(material.expected or material.question))
    expected, text = material.expected.strip().casefold(), reply.strip().casefold()
    return _Rating(
        matches=len(wanted & set(terms(reply))) / len(wanted) if wanted else 0.0,
        has_expected=bool(expected) and expected in text,
        # Apart from marks around it, such as those of a list.
        is_expected=bool(expected) and text.strip("-*_`'\". ") == expected.strip("-*_`'\". "),
        is_refusal=not reply.strip() or _REFUSAL.search(reply) is not None,
        has_code="```" in reply and _ASKS_FOR_CODE.search(material.question) is not None,
        words=len(reply.split()),
    )


def _explain(first: _Rating, second: _Rating, pattern: re.Pattern[str], language: Language) -> str:
    """Give the first reason that tells the replies apart."""
    if pattern is _TIE:
        return language.localise(
            "Both replies address the question equally.", "두 답이 질문에 똑같이 답합니다."
        )
    better, worse = (first, second) if pattern is _FIRST else (second, first)
    name = language.localise(
        "The first reply" if pattern is _FIRST else "The second reply",
        "첫째 답" if pattern is _FIRST else "둘째 답",
    )
    if worse.is_refusal and not better.is_refusal:
        return language.localise(f"{name} answers, the other does not.", f"{name}만 질문에 답합니다.")
    if better.has_expected and not worse.has_expected:
        return language.localise(
            f"{name} contains what is expected, the other does not.", f"{name}에만 기대한 내용이 있습니다."
        )
    if better.is_expected and not worse.is_expected:
        return language.localise(
            f"{name} is exactly what is expected, the other has more around it.",
            f"{name}은 기대한 내용 그대로이고, 다른 답에는 다른 내용도 있습니다.",
        )
    if better.matches > worse.matches:
        shares = f"{better.matches:.0%}", f"{worse.matches:.0%}"
        return language.localise(
            f"{name} has {shares[0]} of the words that matter, the other {shares[1]}.",
            f"{name}에는 중요한 낱말 가운데 {shares[0]}가, 다른 답에는 {shares[1]}가 있습니다.",
        )
    if better.has_code and not worse.has_code:
        return language.localise(
            f"{name} shows the code that is asked for.", f"{name}이 요청한 코드를 보여 줍니다."
        )
    return language.localise(
        f"{name} says as much in {better.words} words instead of {worse.words}.",
        f"{name}이 {worse.words}개 대신 {better.words}개의 낱말로 같은 내용을 말합니다.",
    )
