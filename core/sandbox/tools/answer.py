"""The answer to a request from the results of its tool calls."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from core.paths import DATA
from core.sandbox.replies.language.detection import Language
from core.sandbox.structured.kinds import split_name

_MAX_TEXT = 2_000
_MAX_ENTRIES = 20
_MAX_ENTRY = 500
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
            f"`{result.name}` 도구가 실패했습니다: {_word(error[:_MAX_TEXT], language)}",
        )
    arguments = _parse(result.arguments)
    arguments = arguments if isinstance(arguments, dict) else {}
    subject = _subject(result.name, arguments, value, language)
    if isinstance(value, dict):
        if table := _table(value, language):
            return f"{subject}:{table}"
        return _describe_object(subject, value, {subject, *map(str, arguments.values())}, language)
    if isinstance(value, list):
        return f"{subject}:\n{_bullets(value, language)}"
    text = str(value).strip()[:_MAX_TEXT]
    if not text:
        return language.localise(
            f"The tool `{result.name}` returned nothing.",
            f"`{result.name}` 도구가 아무것도 반환하지 않았습니다.",
        )
    return f"{subject}: **{text}**"


def _describe_object(
    subject: str, value: Mapping[str, Any], known: Collection[str], language: Language
) -> str:
    """Return the main value with the other ones, without those that are *known*, such as the arguments."""
    main = next((key for key in _VALUE_KEYS if isinstance(value.get(key), str | int | float)), None)
    unit_key = next((key for key in _UNIT_KEYS if isinstance(value.get(key), str)), None) if main else None
    rest = [key for key in value if key not in (main, unit_key) and not _is_known(value[key], known)]
    rest = rest[:_MAX_ENTRIES]
    if main is None:
        # The results, such as notes or rows.
        lists = [key for key in rest if isinstance(value[key], list) and any(value[key])]
        if len(lists) == 1:
            rest.remove(lists[0])
            listed = f"{subject}:\n{_bullets(value[lists[0]], language)}"
            return "\n\n".join(filter(None, (listed, _details(value, rest, language))))
        shown = (
            f"{_word(split_name(key), language)} **{_one_line(value[key], language)}**"
            for key in rest or value
        )
        return f"{subject}: {', '.join(islice(shown, _MAX_ENTRIES)) or '{}'}"
    unit = " " + _word(value[unit_key], language) if unit_key else ""
    amount = f"**{_one_line(value[main], language)}{unit}**"
    name = "" if main in ("result", "value", "answer", "output") else split_name(main)
    details = f" {_details(value, rest, language)}".rstrip()
    return language.localise(
        f"{subject}: {name + ' ' if name else ''}{amount}{details}.",
        f"{subject}의 {_word(name or 'result', language)}: {amount}입니다{details}.",
    )


def _table(value: Mapping[str, Any], language: Language) -> str:
    """Return the rows of a query as a table in Markdown, or its single value; nothing if it has no rows."""
    columns, rows = value.get("columns"), value.get("rows")
    if not (isinstance(columns, list) and columns and isinstance(rows, list)):
        return ""
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return ""
    if len(columns) == len(rows) == 1:
        return f" **{_one_line(rows[0][0], language)}**"
    lines = [columns, ["---"] * len(columns), *rows[:_MAX_ENTRIES]]
    cells = (" | ".join(_one_line(cell, language).replace("|", "\\|") for cell in line) for line in lines)
    table = "\n".join(f"| {line} |" for line in cells)
    more = language.localise(f"({len(rows)} rows)", f"(행 {len(rows)}개)") if len(rows) > _MAX_ENTRIES else ""
    return f"\n\n{table}\n\n{more}".rstrip()


def _details(value: Mapping[str, Any], keys: Sequence[str], language: Language) -> str:
    texts = [f"{_word(split_name(key), language)} {_one_line(value[key], language)}" for key in keys]
    return f"({', '.join(texts)})" if texts else ""


def _bullets(entries: Sequence[Any], language: Language) -> str:
    lines = [f"- {_one_line(entry, language, _MAX_ENTRY)}" for entry in entries[:_MAX_ENTRIES]]
    more = len(entries) - _MAX_ENTRIES
    if more > 0:
        lines.append(language.localise(f"- and {more} more", f"- 그 밖에 {more}개"))
    return "\n".join(lines)


def _subject(name: str, arguments: Mapping[str, Any], value: Any, language: Language) -> str:
    """Return what the result is about: its own name, else the arguments of the call."""
    titles = value if isinstance(value, dict) else {}
    if title := next((titles[key] for key in _SUBJECT_KEYS if isinstance(titles.get(key), str)), None):
        return str(title)[:80]
    texts = {key: str(entry) for key, entry in arguments.items() if isinstance(entry, str | int | float)}
    source, target = (next((key for key in texts if key.startswith(end)), None) for end in ("from", "to"))
    if source and target:
        amounts = [text for key, text in texts.items() if key not in (source, target)]
        return f"{' '.join([*amounts, texts[source]])} → {texts[target]}"[:80]
    # A number among other arguments says nothing without its name.
    labelled = [
        text
        if len(texts) == 1 or isinstance(arguments[key], str)
        else f"{_word(split_name(key), language)} {text}"
        for key, text in texts.items()
    ]
    return ", ".join(labelled)[:80] or f"`{name}`"


def _is_known(value: Any, known: Collection[str]) -> bool:
    return str(value) in known or (
        isinstance(value, float) and value.is_integer() and str(int(value)) in known
    )


def _find_error(value: Any) -> str | None:
    if isinstance(value, dict) and value.get("error"):
        error = value["error"]
        return str(error.get("message", error)) if isinstance(error, dict) else str(error)
    return value if isinstance(value, str) and _ERROR.search(value) else None


def _one_line(value: Any, language: Language, limit: int = 200) -> str:
    if isinstance(value, dict):
        heading, text = value.get("title", value.get("name")), value.get("text", value.get("summary"))
        if isinstance(heading, str) and isinstance(text, str):
            return f"**{' '.join(heading.split())[:80]}**: {_one_line(text, language, limit)}"
        return ", ".join(
            f"{_word(split_name(key), language)}: {_one_line(entry, language)}"
            for key, entry in islice(value.items(), _MAX_ENTRIES)
        )
    if isinstance(value, list):
        return ", ".join(_one_line(entry, language) for entry in value[:_MAX_ENTRIES])
    text = json.dumps(value) if value is None or isinstance(value, bool) else str(value)
    return _word(" ".join(text.split())[:limit], language)


def _word(text: str, language: Language) -> str:
    """Return a name or a value as it is called in *language*, unchanged if it is not known there."""
    return _korean_words().get(text.lower(), text) if language is Language.KOREAN else text


@lru_cache(maxsize=1)
def _korean_words() -> dict[str, str]:
    lines = (DATA / "sandbox" / "result_words.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" | ") for line in lines if line and not line.startswith("#"))


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
