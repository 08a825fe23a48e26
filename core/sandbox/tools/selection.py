"""Which functions a request asks for, by the words that it shares with their names and descriptions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.paths import DATA
from core.sandbox.api.tools import FunctionToolParam
from core.sandbox.replies.language.matching import similarity
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.replies.language.text_question import asks
from core.sandbox.structured.dates import find_date_mentions
from core.sandbox.structured.kinds import find_kind, split_name
from core.sandbox.tools.arguments import missing_arguments
from core.sandbox.tools.request_source import Request, date_parameters, required_parameters

# A word in the name of a function says more about it than one in its description.
_NAME_WEIGHT = 2.0
_DESCRIPTION_WEIGHT = 1.0
_PARAMETER_WEIGHT = 0.4
_MIN_SCORE = 1.8
_MIN_SEARCH_SCORE = 0.9
_CLOSE = 0.85
_SIMILAR = 0.85
_PARTS = re.compile(
    r"[?？!;\n]+|(?<=\w)\.\s+|,?\s+(?:and then|and also|then|and|also|plus)\s+|,\s+"
    r"|(?<=[가-힣])(?:이?랑|와|과|하고|고)\s+|\s(?:그리고|또)\s"
)
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
# Words of names and descriptions that say nothing about what a function is for.
_GENERIC = frozenset(
    [
        "get",
        "set",
        "tool",
        "function",
        "current",
        "given",
        "return",
        "returns",
        "value",
        "values",
        "name",
        "names",
        "user",
        "data",
        "information",
        "info",
        "run",
        "call",
        "number",
        "between",
    ]
)


@dataclass(frozen=True, slots=True)
class Selection:
    """A function with the part of the request that asks for it."""

    function: FunctionToolParam
    text: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a text, and the concepts that it is about."""

    words: frozenset[str]
    concepts: frozenset[int]


def select_functions(request: str, functions: Sequence[FunctionToolParam]) -> list[Selection]:
    """Return the functions that *request* asks for, in the order of its parts; none if none fits."""
    parts = [part.strip() for part in _PARTS.split(request) if part and part.strip()]
    selected = [(part, _select(part, functions)) for part in parts]
    if len({function.name for _, function in selected if function}) > 1:
        return _join(selected)
    function = _select(request, functions) or next((each for _, each in selected if each), None)
    return [Selection(function, request)] if function else []


def best_function(request: str, functions: Sequence[FunctionToolParam]) -> FunctionToolParam:
    """Return the function that fits best, also if none does.

    Of similar ones, that whose arguments are in *request*, and that takes as many dates as it has.
    """
    scores = [score(request, function) for function in functions]
    close = [
        function for function, value in zip(functions, scores, strict=True) if value >= max(scores) * _CLOSE
    ]
    if len(close) == 1:
        return close[0]
    dates = len(find_date_mentions(request))
    return min(
        close,
        key=lambda function: (
            len(missing_arguments(function, Request(request))),
            abs(dates - len(date_parameters(function.schema.get("properties", {})))),
        ),
    )


def find_search(request: str, functions: Sequence[FunctionToolParam]) -> FunctionToolParam | None:
    """Return a function that searches for a text, if its description has a subject of *request*."""
    if not asks(request):
        return None
    searches = []
    for function in functions:
        required = required_parameters(function.schema)
        if len(required) == 1 and find_kind(split_name(required[0])) == "query":
            searches.append(function)
    best = max(searches, key=lambda function: score(request, function), default=None)
    return best if best and score(request, best) >= _MIN_SEARCH_SCORE else None


def score(request: str, function: FunctionToolParam) -> float:
    """Return how much of *function* the words of *request* name."""
    asked = _words(request)
    name, description = _words(split_name(function.name)), _words(function.description[:2_000])
    texts = []
    for parameter, schema in function.schema.get("properties", {}).items():
        texts.append(split_name(parameter))
        if isinstance(schema, dict):
            texts.append(str(schema.get("description", ""))[:200])
            texts += [str(option) for option in schema.get("enum", ())[:20]]
    parameters = _words(" ".join(texts))
    concepts = len(asked.concepts & name.concepts) * _NAME_WEIGHT
    concepts += len(asked.concepts & (description.concepts - name.concepts)) * _DESCRIPTION_WEIGHT
    others = parameters.concepts - description.concepts - name.concepts
    concepts += len(asked.concepts & others) * _PARAMETER_WEIGHT
    words = _overlap(asked, name) * _NAME_WEIGHT + _overlap(asked, description) * _DESCRIPTION_WEIGHT
    return concepts + words + _overlap(asked, parameters) * _PARAMETER_WEIGHT


def _select(text: str, functions: Sequence[FunctionToolParam]) -> FunctionToolParam | None:
    best = best_function(text, functions)
    return best if score(text, best) >= _MIN_SCORE else None


def _join(selected: Sequence[tuple[str, FunctionToolParam | None]]) -> list[Selection]:
    """Join parts that ask for the same function, and those that only name a value: "Paris and London"."""
    result: list[Selection] = []
    values = ""
    for part, function in selected:
        if function is None and (_HANGUL.search(part) or not result):
            # In Korean, what is asked follows the values.
            values = f"{values}{part}, "
        elif function is None or (result and result[-1].function is function):
            result[-1] = Selection(result[-1].function, f"{result[-1].text}, {values}{part}")
            values = ""
        else:
            result.append(Selection(function, values + part))
            values = ""
    return result


def _overlap(asked: _Words, other: _Words) -> float:
    return sum(1.0 for word in other.words if any(similarity(word, mine) >= _SIMILAR for mine in asked.words))


@lru_cache(maxsize=1_024)
def _words(text: str) -> _Words:
    words = frozenset(content_words(text)) - _GENERIC
    lower = text.lower()
    concepts = frozenset(index for index, pattern in enumerate(_load_concepts()) if pattern.search(lower))
    return _Words(words, concepts)


@lru_cache(maxsize=1)
def _load_concepts() -> tuple[re.Pattern[str], ...]:
    lines = (DATA / "sandbox" / "tool_concepts.txt").read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"\s+\|\s+", line) for line in lines if line and not line.startswith("#")]
    return tuple(re.compile(rf"\b(?:{english})\b|{korean}", re.IGNORECASE) for english, korean in rows)
