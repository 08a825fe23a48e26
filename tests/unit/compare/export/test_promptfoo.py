"""Boards as configurations of promptfoo, and back."""

import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from core.compare.boards.board import Board, Case
from core.compare.boards.checks import CheckedReply, Contains, Equals, MaxTokens, parse_check
from core.compare.boards.judge import Judge
from core.compare.export.promptfoo_config import board_to_promptfoo
from core.compare.export.promptfoo_import import board_from_promptfoo
from core.compare.variants.requests import variant_request
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.prompts.prompts import PromptMessage
from tests.unit.compare.conftest import run_of, variant_of

CHECKS = tuple(
    parse_check(fields)
    for fields in (
        {"kind": "contains", "text": "서울"},
        {"kind": "contains", "text": "서울", "ignore_case": False},
        {"kind": "not_contains", "text": "sorry"},
        {"kind": "not_contains", "text": "sorry", "ignore_case": False},
        {"kind": "equals", "ignore_case": False},
        {"kind": "regex", "pattern": r"\d+"},
        {"kind": "json"},
        {"kind": "json", "json_schema": {"type": "object"}},
        {"kind": "max_latency", "seconds": 1.5},
        {"kind": "max_cost", "dollars": Decimal("0.25")},
        {"kind": "similarity", "minimum": 0.7, "model": "text-embedding-3-large"},
    )
)
BOARD = Board(
    name="수도: capitals",
    variants=(
        variant_of("{{city}}?", instructions="Be brief.", temperature=0.2, stop=("END",), name="Brief"),
        variant_of("Where is {{city}}?", model="gpt-4o", response_format={"type": "json_object"}),
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
    assert [variant.name for variant in board.variants] == ["Brief", ""]
    assert board.variants[0].messages[0] == PromptMessage(role="system", content="Be brief.")
    assert board.variants[0].settings.temperature == 0.2
    assert board.variants[1].response_format == {"type": "json_object"}


_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
_TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": False}}
_FORMAT = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}, "strict": True}}
_VARIANTS = st.builds(
    Variant,
    name=_TEXT,
    api=st.sampled_from(["chat.completions", "responses"]),
    profile_id=st.just("test"),
    messages=st.lists(st.builds(PromptMessage, content=_TEXT.map("{{{{city}}}}{}".format)), min_size=1).map(
        tuple
    ),
    settings=st.builds(
        ChatSettings,
        model=st.sampled_from(["gpt-4o-mini", "gpt-5-mini"]),
        instructions=st.sampled_from(["", "Be brief, {{city}}."]),
        temperature=st.none() | st.just(0.2),
        max_completion_tokens=st.none() | st.just(50),
        stop=st.just(()) | st.just(("END",)),
        top_logprobs=st.none() | st.just(2),
        logprobs=st.none() | st.just(True),
        reasoning_effort=st.none() | st.just("low"),
        reasoning_summary=st.none() | st.just("auto"),
        verbosity=st.none() | st.just("low"),
        truncation=st.none() | st.just("auto"),
        include=st.just(()) | st.just(("web_search_call.results",)),
    ),
    tools=st.just(()) | st.just((_TOOL,)),
    response_format=st.none() | st.just(_FORMAT) | st.just({"type": "json_object"}),
)


@example([Variant(name="\x85 x", profile_id="test", settings=ChatSettings(model="gpt-4o-mini"))], "\u2028")
@given(variants=st.lists(_VARIANTS, min_size=1, max_size=3), city=_TEXT)
def test_reads_variants_that_send_the_requests_of_those_it_writes(variants: list[Variant], city: str) -> None:
    board = Board(name="x", variants=tuple(variants), cases=(Case(variables={"city": city}),))

    read = board_from_promptfoo(board_to_promptfoo(board), "test").board

    assert read.checks == ()
    assert [case.variables for case in read.cases] == [{"city": city}]
    assert [variant.api for variant in read.variants] == [variant.api for variant in variants]
    assert [variant.title for variant in read.variants] == [variant.title for variant in variants]
    assert [variant_request(variant, {"city": city}).params for variant in read.variants] == [
        variant_request(variant, {"city": city}).params for variant in variants
    ]


def test_reads_the_provider_of_the_responses_api_as_promptfoo_documents_it() -> None:
    config = """
prompts: ["{{q}}"]
providers:
  - id: openai:responses:gpt-5-mini
    config: {max_output_tokens: 500, reasoning: {effort: low}, instructions: Be brief., apiKey: secret}
tests: [{vars: {q: Hi}}]
"""
    imported = board_from_promptfoo(config, "test")

    [variant] = imported.board.variants
    assert variant_request(variant, {"q": "Hi"}).params == {
        "model": "gpt-5-mini",
        "instructions": "Be brief.",
        "input": "Hi",
        "max_output_tokens": 500,
        "reasoning": {"effort": "low"},
        "stream": True,
    }
    assert imported.notes == ("The setting apiKey of a provider is not imported.",)


@pytest.mark.parametrize(
    "config",
    [
        "defaultTest: {assert: [{type: equals, value: Paris}]}",
        "tests: [{assert: [{type: equals, value: Paris}]}]",
    ],
)
def test_compares_case_as_promptfoo_does(config: str) -> None:
    [check] = board_from_promptfoo(
        f"prompts: [Hi]\nproviders: [openai:gpt-4o]\n{config}", "test"
    ).board.checks

    def passed(reply: str) -> bool | None:
        return check.evaluate(CheckedReply(run_of(reply), {"expected": "Paris"})).passed

    assert (passed("Paris"), passed("paris")) == (True, False)


def test_adds_no_check_to_expected_replies() -> None:
    board = BOARD.model_copy(update={"checks": ()})

    assert board_from_promptfoo(board_to_promptfoo(board), "test").board.checks == ()


def test_notes_in_the_file_and_on_import_what_promptfoo_does_not_have() -> None:
    judge = Judge(profile_id="test", settings=ChatSettings(model="gpt-4o"))
    board = BOARD.model_copy(update={"checks": (MaxTokens(tokens=5), Equals()), "judge": judge})
    board = board.with_variants([*board.variants, variant_of("Off", enabled=False)])

    text = board_to_promptfoo(board)

    assert yaml.safe_load(text)["defaultTest"] == {"assert": [{"type": "equals", "value": "{{expected}}"}]}
    assert board_from_promptfoo(text, "test").notes == (
        "Not exported: the check that a reply has at most 5 output tokens.",
        "Not exported: that the check equals “{{expected}}” ignores case.",
        "Not exported: 1 variant that is off.",
        "Not exported: the judge.",
    )


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
    assert board.checks == (Contains(ignore_case=False),)
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
