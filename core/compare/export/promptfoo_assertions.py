"""The checks that promptfoo has as assertions, and back.

Source: https://www.promptfoo.dev/docs/configuration/expected-outputs/, read 2026-11-26.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.compare.boards.checks import Check, parse_check

_EMBEDDING = re.compile(r"^openai:embeddings?:(.+)")


@dataclass(frozen=True, slots=True)
class _Assertion:
    """The assertion called *type* is a check of *kind*, whose *field* it has as its *key*.

    *ignore_case* is that of the check, if it has one.
    """

    type: str
    kind: str
    field: str
    ignore_case: bool | None = None
    key: Literal["value", "threshold"] = "value"


_ASSERTIONS = (
    _Assertion("contains", "contains", "text", ignore_case=False),
    _Assertion("icontains", "contains", "text", ignore_case=True),
    _Assertion("not-contains", "not_contains", "text", ignore_case=False),
    _Assertion("not-icontains", "not_contains", "text", ignore_case=True),
    # It is the only one for equal texts, so that a check that ignores case becomes stricter.
    _Assertion("equals", "equals", "text", ignore_case=False),
    _Assertion("regex", "regex", "pattern"),
    _Assertion("is-json", "json", "json_schema"),
    _Assertion("latency", "max_latency", "seconds", key="threshold"),
    _Assertion("cost", "max_cost", "dollars", key="threshold"),
    _Assertion("similar", "similarity", "text"),
)


def assertion_of(check: Check) -> dict[str, Any] | None:
    """Return *check* as an assertion; None for a limit of tokens, which promptfoo does not have."""
    fields = check.model_dump()
    of_kind = [each for each in _ASSERTIONS if each.kind == check.kind]
    if not of_kind:
        return None
    same_case = (each for each in of_kind if each.ignore_case == fields.get("ignore_case"))
    assertion = next(same_case, of_kind[0])
    value = fields[assertion.field]
    match check.kind:
        case "max_latency":
            value = round(check.seconds * 1_000)
        case "max_cost":
            value = float(check.dollars)
    written: dict[str, Any] = {"type": assertion.type}
    if value is not None:
        written[assertion.key] = value
    if check.kind == "similarity":
        written |= {"threshold": check.minimum, "provider": f"openai:embedding:{check.model}"}
    return written


def check_of(assertion: Mapping[str, Any]) -> Check:
    """Return *assertion* as a check. Raises ValidationError if it is none."""
    name = str(assertion.get("type", ""))
    known = next((each for each in _ASSERTIONS if each.type == name), None)
    if known is None:
        return parse_check({"kind": name})
    value = assertion.get(known.key)
    if name == "latency" and isinstance(value, int | float):
        value = value / 1_000
    fields: dict[str, Any] = {"kind": known.kind}
    if value is not None:
        fields[known.field] = value
    if known.ignore_case is not None:
        fields["ignore_case"] = known.ignore_case
    if name == "similar":
        fields |= _similarity_fields(assertion)
    return parse_check(fields)


def _similarity_fields(assertion: Mapping[str, Any]) -> dict[str, Any]:
    provider = str(assertion.get("provider", ""))
    fields = {"minimum": assertion["threshold"]} if "threshold" in assertion else {}
    return fields | ({"model": model[0]} if (model := _EMBEDDING.findall(provider)) else {})
