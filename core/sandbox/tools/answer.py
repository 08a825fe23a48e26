"""The answer to a request from the results of its tool calls."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.replies.language.detection import Language
from core.sandbox.structured.kinds import split_name

_MAX_TEXT = 2_000
_MAX_ENTRIES = 20
_ERROR = re.compile(
    r"^\W*(?:error|exception|traceback|failed|failure|오류|실패|에러)\b|^\W*(?:오류|실패|에러)", re.I
)
_SUBJECT_KEYS = ("name", "title", "city", "location", "company", "ticker", "symbol", "id", "expression")
_VALUE_KEYS = (
    "result",
    "value",
    "answer",
    "price",
    "temperature",
    "time",
    "output",
    "rate",
    "converted",
    "total",
)
_UNIT_KEYS = ("currency", "unit", "units")


@dataclass(frozen=True, slots=True)
class ToolOutput:
    """The result of a call, as the client sent it."""

    name: str
    arguments: str
    content: str


def compose_answer(results: Sequence[ToolOutput], language: Language) -> str:
    """Return a sentence for each result, in *language*."""
    sentences = list(dict.fromkeys(_describe(result, language) for result in results))
    return sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)


def _describe(result: ToolOutput, language: Language) -> str:
    value = _parse(result.content)
    if (error := _find_error(value)) is not None:
        return language.localise(
            f"The tool `{result.name}` failed: {error[:_MAX_TEXT]}",
            f"`{result.name}` 도구가 실패했습니다: {error[:_MAX_TEXT]}",
        )
    subject = _subject(result, value)
    if isinstance(value, dict):
        return _describe_object(subject, value, language)
    if isinstance(value, list):
        entries = "\n".join(f"- {_one_line(entry)}" for entry in value[:_MAX_ENTRIES])
        more = f"\n- … ({len(value)})" if len(value) > _MAX_ENTRIES else ""
        return language.localise(f"{subject}:\n{entries}{more}", f"{subject} 결과입니다.\n{entries}{more}")
    text = str(value).strip()[:_MAX_TEXT]
    if not text:
        return language.localise(
            f"The tool `{result.name}` returned nothing.",
            f"`{result.name}` 도구가 아무것도 반환하지 않았습니다.",
        )
    return language.localise(f"{subject}: **{text}**", f"{subject}: **{text}**")


def _describe_object(subject: str, value: Mapping[str, Any], language: Language) -> str:
    main = next((key for key in _VALUE_KEYS if isinstance(value.get(key), str | int | float)), None)
    unit_key = next((key for key in _UNIT_KEYS if isinstance(value.get(key), str)), None)
    used = {main, unit_key, *(key for key in value if str(value[key]) in subject)}
    rest = [
        f"{split_name(key)} {_one_line(entry)}"
        for key, entry in list(value.items())[:_MAX_ENTRIES]
        if key not in used
    ]
    details = f" ({', '.join(rest)})" if rest else ""
    if main is None:
        listed = ", ".join(
            f"{split_name(key)} **{_one_line(entry)}**" for key, entry in list(value.items())[:_MAX_ENTRIES]
        )
        return f"{subject}: {listed or '{}'}"
    amount = f"**{_one_line(value[main])}{' ' + value[unit_key] if unit_key else ''}**"
    name = "" if main in ("result", "value", "answer", "output") else split_name(main)
    return language.localise(
        f"{subject}: {name + ' ' if name else ''}{amount}{details}.",
        f"{subject}의 {_KOREAN_NAMES.get(main, name) or '결과'}: {amount}{details}입니다.",
    )


_KOREAN_NAMES = {"price": "가격", "temperature": "기온", "time": "시각", "rate": "환율", "total": "합계"}


def _subject(result: ToolOutput, value: Any) -> str:
    """Return what the result is about: its own name, else the arguments of the call."""
    if isinstance(value, dict):
        named = next((value[key] for key in _SUBJECT_KEYS if isinstance(value.get(key), str)), None)
        if named:
            return str(named)[:80]
    arguments = _parse(result.arguments)
    if isinstance(arguments, dict) and arguments:
        texts = [str(entry) for entry in arguments.values() if isinstance(entry, str | int | float)]
        if texts:
            return ", ".join(texts)[:80]
    return f"`{result.name}`"


def _find_error(value: Any) -> str | None:
    if isinstance(value, dict) and value.get("error"):
        error = value["error"]
        return str(error.get("message", error)) if isinstance(error, dict) else str(error)
    return value if isinstance(value, str) and _ERROR.search(value) else None


def _one_line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{split_name(str(key))}: {_one_line(entry)}" for key, entry in list(value.items())[:_MAX_ENTRIES]
        )
    if isinstance(value, list):
        return ", ".join(map(_one_line, value[:_MAX_ENTRIES]))
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return " ".join(text.split())[:200]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
