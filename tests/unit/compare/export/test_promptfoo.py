"""Boards as configurations of promptfoo, and back."""

import json
from decimal import Decimal

import pytest
import yaml

from core.compare.boards.board import Board, Case
from core.compare.boards.checks import (
    Contains,
    Equals,
    IsJson,
    IsSimilar,
    Matches,
    MaxCost,
    MaxLatency,
    MaxTokens,
    NotContains,
)
from core.compare.export.promptfoo_config import board_to_promptfoo
from core.compare.export.promptfoo_import import board_from_promptfoo
from core.errors.types import PlaygroundError
from core.prompts.prompts import PromptMessage
from tests.unit.compare.conftest import variant_of

CHECKS = (
    Contains(text="서울"),
    NotContains(text="sorry", ignore_case=False),
    Equals(),
    Matches(pattern=r"\d+"),
    IsJson(json_schema={"type": "object"}),
    MaxLatency(seconds=1.5),
    MaxCost(dollars=Decimal("0.25")),
    IsSimilar(minimum=0.7),
)
BOARD = Board(
    name="수도: capitals",
    variants=(
        variant_of("{{city}}?", instructions="Be brief.", temperature=0.2, stop=("END",), name="Brief"),
        variant_of("Where is {{city}}?", model="gpt-4o", response_format={"type": "json_object"}),
        variant_of("Off", enabled=False),
    ),
    cases=(Case(variables={"city": "Seoul: 서울"}, expected="Korea"), Case(variables={"city": "a\n- b"})),
    repetitions=3,
    checks=CHECKS,
)


def test_writes_each_variant_as_a_provider_with_its_own_prompt() -> None:
    config = yaml.safe_load(board_to_promptfoo(BOARD))

    first, second = config["providers"]
    assert first["id"] == "openai:chat:gpt-4o-mini"
    assert first["config"] == {"temperature": 0.2, "stop": ["END"]}
    assert (first["prompts"], second["prompts"]) == (["1 Brief"], ["2 gpt-4o"])
    assert json.loads(config["prompts"][0]["raw"])[0] == {"role": "system", "content": "Be brief."}
    assert config["tests"][0]["vars"] == {"city": "Seoul: 서울", "expected": "Korea"}
    assert config["evaluateOptions"] == {"repeat": 3}
    assert {"type": "latency", "threshold": 1500} in config["defaultTest"]["assert"]


def test_reads_what_it_writes() -> None:
    imported = board_from_promptfoo(board_to_promptfoo(BOARD), "test")

    board = imported.board
    assert imported.notes == ()
    assert (board.name, board.repetitions, board.checks) == (BOARD.name, 3, CHECKS)
    assert [(case.variables, case.expected) for case in board.cases] == [
        (case.variables, case.expected) for case in BOARD.cases
    ]
    assert [variant.model for variant in board.variants] == ["gpt-4o-mini", "gpt-4o"]
    assert board.variants[0].messages[0] == PromptMessage(role="system", content="Be brief.")
    assert board.variants[0].settings.temperature == 0.2
    assert board.variants[1].response_format == {"type": "json_object"}


def test_leaves_out_a_limit_of_tokens_which_promptfoo_does_not_have() -> None:
    board = BOARD.model_copy(update={"checks": (MaxTokens(tokens=5),)})

    assert yaml.safe_load(board_to_promptfoo(board))["defaultTest"] == {"assert": []}


def test_reads_the_example_of_its_documentation_and_notes_what_it_leaves_out() -> None:
    imported = board_from_promptfoo(
        """
prompts: ["Translate to {{language}}: {{input}}", "Say in {{language}}: {{input}}", "file://prompt.txt"]
providers: ["openai:gpt-5-mini", "vertex:gemini-2.0-flash-exp"]
tests:
  - vars: {language: French, input: Hello world}
    assert: [{type: contains, value: Bonjour}]
  - vars: {language: German, input: [a, b]}
defaultTest:
  assert: [{type: llm-rubric, value: Is polite}]
""",
        "test",
    )

    board = imported.board
    assert [variant.messages[0].content for variant in board.variants] == [
        "Translate to {{language}}: {{input}}",
        "Say in {{language}}: {{input}}",
    ]
    assert [case.expected for case in board.cases] == ["Bonjour", None]
    assert board.cases[1].variables["input"] == '["a", "b"]'
    assert board.checks == (Contains(text="{{expected}}"),)
    assert set(imported.notes) == {
        "The assertion llm-rubric is not imported.",
        "Prompts in other files are not imported.",
        "The provider vertex:gemini-2.0-flash-exp is not of OpenAI and is not imported.",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not valid YAML"),
        ("- 1", "not a configuration"),
        ("prompts: [Hi]", "no prompts for OpenAI models"),
        ("a: &a [x]\nb: [*a, *a]", "aliases"),
        ("!!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_refuses_what_is_no_configuration(text: str, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        board_from_promptfoo(text, "test")
