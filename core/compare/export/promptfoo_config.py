"""Boards as `promptfooconfig.yaml`.

Source: https://www.promptfoo.dev/docs/configuration/reference/ and .../expected-outputs/, read 2026-11-26.
"""

import json
from typing import Any

from core.compare.boards.board import Board, Case
from core.compare.boards.checks import (
    EXPECTED,
    Check,
    Contains,
    Equals,
    IsJson,
    IsSimilar,
    Matches,
    MaxCost,
    MaxLatency,
    NotContains,
)
from core.compare.variants.requests import chat_request

_OWN_PARAMETERS = frozenset({"model", "messages", "stream", "stream_options"})


def board_to_promptfoo(board: Board) -> str:
    """Write *board* for `promptfoo eval`. Each variant is a provider with a prompt of its own."""
    import yaml

    prompts, providers = [], []
    for number, variant in enumerate(board.enabled_variants, 1):
        params = chat_request(variant, {})
        label = f"{number} {variant.title}"
        messages = json.dumps(params["messages"], ensure_ascii=False, indent=2)
        prompts.append({"label": label, "raw": messages})
        config = {name: value for name, value in params.items() if name not in _OWN_PARAMETERS}
        provider = {"id": f"openai:chat:{variant.model}", "label": label, "prompts": [label]}
        providers.append({**provider, "config": config} if config else provider)
    config = {
        "description": board.name,
        "prompts": prompts,
        "providers": providers,
        "defaultTest": {"assert": [each for check in board.checks if (each := _assertion(check))]},
        "tests": [{"vars": _vars(case)} for case in board.cases],
        "evaluateOptions": {"repeat": board.repetitions},
    }
    header = "# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json\n"
    return header + yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=100)


def _vars(case: Case) -> dict[str, str]:
    return {**case.variables, EXPECTED: case.expected} if case.expected else dict(case.variables)


def _assertion(check: Check) -> dict[str, Any] | None:
    """Return *check* as an assertion; None for a limit of tokens, which promptfoo does not have."""
    match check:
        case Contains() | NotContains():
            kind = "icontains" if check.ignore_case else "contains"
            return {"type": kind if isinstance(check, Contains) else f"not-{kind}", "value": check.text}
        case Equals():
            return {"type": "equals", "value": check.text}
        case Matches():
            return {"type": "regex", "value": check.pattern}
        case IsJson():
            return {"type": "is-json", **({"value": check.json_schema} if check.json_schema else {})}
        case MaxLatency():
            return {"type": "latency", "threshold": round(check.seconds * 1_000)}
        case MaxCost():
            return {"type": "cost", "threshold": float(check.dollars)}
        case IsSimilar():
            return {"type": "similar", "value": check.text, "threshold": check.minimum}
    return None
