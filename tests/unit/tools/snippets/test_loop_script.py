"""The loop as a script: it stands alone, and runs unchanged on the sandbox."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.apis import APIS
from core.generation.api_name import ApiName
from core.sandbox.server import SandboxServer
from core.snippets import SnippetOptions
from core.tools.definitions.declared_tool import DeclaredTool
from core.tools.definitions.definition import ToolDefinition
from core.tools.definitions.function_tool import FunctionTool
from core.tools.library.catalog import LIBRARY
from core.tools.library.csv_database import CsvDatabase
from core.tools.loop.modes import MockAnswers, ToolMode, ToolSetup
from core.tools.loop.tool_loop import LoopLimits
from core.tools.requests.model_api import ToolChoice, ToolSettings
from core.tools.snippets.loop_script import loop_snippets
from tests.scripts import run_python

CSV = "region,amount\nnorth,10\nsouth,5\n"
ALL = [ToolSetup(entry.tool) for entry in LIBRARY]
PRICE = ALL[0]
SETTINGS = ToolSettings("gpt-4o")


@pytest.fixture(scope="module")
def options() -> Iterator[SnippetOptions]:
    with SandboxServer() as server:
        yield SnippetOptions(server.url, server.key)


# The second model refuses a call without the reasoning that led to it.
@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize(
    ("model", "api"),
    [("gpt-4o", "chat.completions"), ("gpt-5-mini", "responses")],
    ids=["chat", "responses"],
)
def test_runs_on_the_sandbox(
    tmp_path: Path, options: SnippetOptions, model: str, api: ApiName, number: int, stream: bool
) -> None:
    settings = ToolSettings(model, "Be brief.", stream, api=api)
    snippets = loop_snippets(LIBRARY[0].example, settings, ALL, LoopLimits(rounds=8), options)

    output = run_python(snippets[number].source, tmp_path)

    assert 'get_stock_price({"ticker":"AAPL"}) -> {"ticker":"AAPL"' in output
    assert "271.35" in output.splitlines()[-1]


@pytest.mark.parametrize(
    ("setup", "typed", "expected"),
    [
        (ToolSetup(PRICE.tool, ToolMode.MOCK, MockAnswers("unknown", {"AAPL": "123"})), "", "-> 123"),
        (
            ToolSetup(PRICE.tool, ToolMode.MOCK, MockAnswers("closed", is_error=True)),
            "",
            '-> {"error":"closed"}',
        ),
        (
            ToolSetup(PRICE.tool, ToolMode.MOCK, MockAnswers(delay=600)),
            "",
            '-> {"error":"The tool did not return within 0.5 seconds."}',
        ),
        (ToolSetup(PRICE.tool, ToolMode.MOCK, MockAnswers("1", delay=0.01)), "", "-> 1"),
        (
            ToolSetup(PRICE.tool, ToolMode.MOCK, MockAnswers("x" * 20_000)),
            "",
            "[Truncated: the first 16,000 of 20,000 characters]",
        ),
        (ToolSetup(PRICE.tool, ToolMode.ASK), "456\n", "456"),
        (ToolSetup(PRICE.tool, ToolMode.APPROVE), "y\n", "271.35"),
        (ToolSetup(PRICE.tool, ToolMode.APPROVE), "n\n", "declined"),
    ],
    ids=["mock", "error", "time limit", "delay", "long", "ask", "approve", "decline"],
)
def test_answers_calls_as_the_page_does(
    tmp_path: Path, options: SnippetOptions, setup: ToolSetup, typed: str, expected: str
) -> None:
    choice = ToolSettings("gpt-4o", stream=False, choice=ToolChoice("required"))
    limits = LoopLimits(tool_seconds=0.5)
    source = loop_snippets(LIBRARY[0].example, choice, [setup], limits, options)[0].source

    assert expected in run_python(source, tmp_path, typed)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("get_current_time", '"time"'), ("delete_all", '{"error":"There is no tool called \'delete_all\'."}')],
)
def test_answers_a_call_without_arguments(
    tmp_path: Path, options: SnippetOptions, name: str, expected: str
) -> None:
    source = loop_snippets("Hi", SETTINGS, ALL, LoopLimits(), options)[0].source

    output = run_python(f"{source}\nprint(call_tool({name!r}, ''))", tmp_path)

    assert expected in output.splitlines()[-1]
    assert "char 0" not in output


@pytest.mark.parametrize("api", [*APIS])
@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_says_that_its_rounds_ran_out(
    tmp_path: Path, options: SnippetOptions, number: int, api: ApiName
) -> None:
    choice = ToolChoice("allowed_tools", (PRICE.name,), allowed_required=True)
    settings = ToolSettings("gpt-4o", stream=False, choice=choice, api=api)
    one, many = (
        loop_snippets(LIBRARY[0].example, settings, ALL, LoopLimits(rounds=rounds), options)[number]
        for rounds in (1, 8)
    )

    assert "Stopped after 1 round: the model keeps requesting calls." in run_python(one.source, tmp_path)
    assert "271.35" in run_python(many.source, tmp_path).splitlines()[-1]


def test_reads_the_csv_file_that_is_offered_with_it(tmp_path: Path, options: SnippetOptions) -> None:
    setup = ToolSetup(FunctionTool.of(CsvDatabase(CSV).query_csv))
    snippet = loop_snippets("Hi", SETTINGS, [setup], LoopLimits(rounds=8), options, CSV)[0]
    (file,) = snippet.files
    (tmp_path / file.name).write_bytes(file.content)
    query = "print(call_tool('query_csv', '{\"sql\": \"SELECT SUM(amount) FROM data\"}'))"

    output = run_python(snippet.source + query, tmp_path)

    assert '"rows":[[15]]' in output


def test_asks_without_tools(tmp_path: Path, options: SnippetOptions) -> None:
    assert run_python(
        loop_snippets("What is 6 times 7?", SETTINGS, [], LoopLimits(rounds=8), options)[0].source, tmp_path
    ).strip()


@pytest.mark.parametrize("mode", [ToolMode.MOCK, ToolMode.ASK])
def test_validates_the_arguments_of_a_tool_without_code(
    tmp_path: Path, options: SnippetOptions, mode: ToolMode
) -> None:
    schema = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
    tool = DeclaredTool(ToolDefinition("find_order", "Find an order.", schema))
    source = loop_snippets("Hi", SETTINGS, [ToolSetup(tool, mode)], LoopLimits(), options)[0].source
    calls = "".join(f"print(call_tool('find_order', {arguments!r}))\n" for arguments in ('{"id": "x"}', "{}"))

    output = run_python(source + calls, tmp_path)

    assert output.splitlines()[-2:] == [
        """{"error":"id: 'x' is not of type 'integer'"}""",
        """{"error":"arguments: 'id' is a required property"}""",
    ]


@pytest.mark.parametrize("number", [0, 1], ids=["sync", "async"])
def test_stops_at_the_time_limit(tmp_path: Path, options: SnippetOptions, number: int) -> None:
    source = loop_snippets("Hi", SETTINGS, ALL, LoopLimits(seconds=0), options)[number].source

    assert run_python(source, tmp_path).strip() == "Stopped after 0 seconds."


def test_contains_no_name_twice(options: SnippetOptions) -> None:
    tree = ast.parse(loop_snippets("Hi", SETTINGS, ALL, LoopLimits(rounds=8), options)[0].source)
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    names += [
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    ]

    assert len(names) == len(set(names))
