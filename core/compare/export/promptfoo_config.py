"""Boards as `promptfooconfig.yaml`.

Sources: https://www.promptfoo.dev/docs/configuration/reference/, read 2026-11-26, and
src/providers/openai/responses.ts in https://github.com/promptfoo/promptfoo, read 2026-11-27.
"""

import json
from collections.abc import Iterator
from typing import Any

from core.compare.boards.board import Board, Case
from core.compare.boards.checks import EXPECTED
from core.compare.export.promptfoo_assertions import assertion_of
from core.compare.variants.requests import chat_request, variant_request
from core.compare.variants.variant import Variant

NOT_EXPORTED = "# Not exported: "  # starts each line about what the board has and the file does not
_OWN_PARAMETERS = frozenset({"model", "messages", "input", "instructions", "stream", "stream_options"})


def board_to_promptfoo(board: Board) -> str:
    """Write *board* for `promptfoo eval`. Each variant is a provider with a prompt of its own."""
    import yaml

    prompts, providers = [], []
    for number, variant in enumerate(board.enabled_variants, 1):
        label = f"{number} {variant.title}"
        messages = json.dumps(chat_request(variant, {})["messages"], ensure_ascii=False, indent=2)
        prompts.append({"label": label, "raw": messages})
        api = "responses" if variant.api == "responses" else "chat"
        provider = {"id": f"openai:{api}:{variant.model}", "label": label, "prompts": [label]}
        parameters = _parameters(variant)
        providers.append({**provider, "config": parameters} if parameters else provider)
    config = {
        "description": board.name,
        "prompts": prompts,
        "providers": providers,
        "defaultTest": {"assert": [each for check in board.checks if (each := assertion_of(check))]},
        "tests": [{"vars": _vars(case)} for case in board.cases],
        "evaluateOptions": {"repeat": board.repetitions},
    }
    header = "# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json\n"
    header += "".join(f"{NOT_EXPORTED}{sentence}\n" for sentence in _not_exported(board))
    text = json.dumps(config, ensure_ascii=False)
    # PyYAML writes Unicode's own line breaks as they are, and reads them as spaces.
    is_safe = not any(line_break in text for line_break in ("\x85", "\u2028", "\u2029"))
    # YAML writes an object that occurs twice, such as the tools of a duplicate, as an alias: JSON has none.
    return header + yaml.safe_dump(json.loads(text), allow_unicode=is_safe, sort_keys=False, width=100)


def _parameters(variant: Variant) -> dict[str, Any]:
    """Return the parameters of a request of *variant* apart from its prompt, as promptfoo calls them."""
    params = variant_request(variant, {}).params
    config = {name: value for name, value in params.items() if name not in _OWN_PARAMETERS}
    # For both APIs, promptfoo has the format of Chat Completions.
    text = config.pop("text", {})
    if "verbosity" in text:
        config["verbosity"] = text["verbosity"]
    if "format" in text:
        config["response_format"] = chat_request(variant, {})["response_format"]
    return config


def _not_exported(board: Board) -> Iterator[str]:
    """Yield a sentence about each part of *board* that promptfoo does not have."""
    for check in board.checks:
        if assertion_of(check) is None:
            yield f"the check that a reply {check.requirement}."
        if check.kind == "equals" and check.ignore_case:
            yield f"that the check {check.label} ignores case."
    if disabled := len(board.variants) - len(board.enabled_variants):
        yield "1 variant that is off." if disabled == 1 else f"{disabled} variants that are off."
    if board.judge:
        yield "the judge."


def _vars(case: Case) -> dict[str, str]:
    return {**case.variables, EXPECTED: case.expected} if case.expected else dict(case.variables)
