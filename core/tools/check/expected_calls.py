"""The calls that are expected of a model, compared with those that it requests."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.json_values import json_object, parse_exact_json
from core.tools.requests.model_api import RequestedCall

_MAX_ARGUMENTS = 500  # characters of a description
# As in JSON: a text such as "007" is no number. Decimal does not take any exponent.
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class ExpectedCall:
    """A call of *tool* with at least *arguments*; with any arguments if they are None."""

    tool: str
    arguments: Mapping[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.tool}({'…' if self.arguments is None else _compact(self.arguments)})"

    def matches(self, call: RequestedCall) -> bool:
        """Whether *call* is this one. Arguments that are not expected are ignored.

        Values are compared as text, without case and spaces around it. A number also equals what is written
        differently: 1 equals 1.0, "1" and "1.0". Two texts do not: "1.10" can be a version.
        """
        if call.name != self.tool:
            return False
        try:
            actual = json_object(parse_exact_json(call.arguments or "{}"))
            return all(
                name in actual and _is_equal(actual[name], value)
                for name, value in (self.arguments or {}).items()
            )
        except (ValueError, RecursionError):
            return self.arguments is None


@dataclass(frozen=True, slots=True)
class CallPair:
    """An expected and a requested call side by side, as text. One of them is empty if it has no other."""

    expected: str
    actual: str
    is_match: bool = False


def pair_calls(expected: Sequence[ExpectedCall], calls: Sequence[RequestedCall]) -> tuple[CallPair, ...]:
    """Pair the calls in any order, so that as many as possible match, then those of the same tool."""
    partners = _match(expected, calls)
    pairs = [CallPair(str(expected[e]), describe_call(calls[c]), is_match=True) for c, e in partners.items()]
    missing = [call for index, call in enumerate(expected) if index not in partners.values()]
    unexpected = [call for index, call in enumerate(calls) if index not in partners]
    for call in missing:
        other = next((other for other in unexpected if other.name == call.tool), None)
        if other:
            unexpected.remove(other)
        pairs.append(CallPair(str(call), describe_call(other) if other else ""))
    return (*pairs, *(CallPair("", describe_call(call)) for call in unexpected))


def _match(expected: Sequence[ExpectedCall], calls: Sequence[RequestedCall]) -> dict[int, int]:
    """Return the expected call of each requested one that has one: a maximum bipartite matching.

    An expected call with fewer arguments also matches what another one needs, so the first match may be
    wrong.
    """
    partners: dict[int, int] = {}

    def assign(index: int, tried: set[int]) -> bool:
        for position, call in enumerate(calls):
            if position in tried or not expected[index].matches(call):
                continue
            tried.add(position)
            if position not in partners or assign(partners[position], tried):
                partners[position] = index
                return True
        return False

    for index in range(len(expected)):
        assign(index, set())
    return dict(sorted(partners.items(), key=lambda pair: pair[1]))


def describe_call(call: RequestedCall) -> str:
    """Return a call as text, which is the same for the same arguments."""
    try:
        arguments = _compact(parse_exact_json(call.arguments or "{}"))
    except (ValueError, RecursionError):
        arguments = call.arguments[:_MAX_ARGUMENTS]
    return f"{call.name}({arguments})"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)[:_MAX_ARGUMENTS]


def _is_equal(value: Any, expected: Any) -> bool:
    match value, expected:
        case Mapping(), Mapping():
            is_same = value.keys() == expected.keys()
            return is_same and all(_is_equal(value[name], item) for name, item in expected.items())
        case list(), list():
            return len(value) == len(expected) and all(map(_is_equal, value, expected))
        case (Mapping() | list(), _) | (_, Mapping() | list()):
            return False
    texts = [item.strip() if isinstance(item, str) else json.dumps(item) for item in (value, expected)]
    # Two texts of digits may be codes, such as 007; a number can only mean its value.
    is_text = isinstance(value, str) and isinstance(expected, str)
    if not is_text and all(map(_NUMBER.fullmatch, texts)):
        return Decimal(texts[0]) == Decimal(texts[1])
    return texts[0].casefold() == texts[1].casefold()


def parse_arguments(text: str) -> dict[str, Any]:
    """Read arguments from a JSON object, or from `name=value` pairs separated by semicolons.

    Raises ValueError if *text* is neither.
    """
    if text.startswith("{"):
        arguments = parse_exact_json(text)
        if isinstance(arguments, dict):
            return arguments
        raise ValueError("not an object")
    return dict(_parse_pairs(text))


def _parse_pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(str.strip, text.split(";")):
        name, separator, value = pair.partition("=")
        if not (separator and name.strip()):
            raise ValueError("not a pair")
        yield name.strip(), value.strip()
