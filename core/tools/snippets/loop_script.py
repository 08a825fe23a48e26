"""A loop as a script that stands alone: the source of its tools, the requests, and the loop itself."""

import inspect
from collections.abc import Sequence
from typing import Any

from core.snippets import Expression, Snippet, SnippetFile, SnippetOptions, client_source, literal
from core.tools.definitions.function_tool import FunctionTool
from core.tools.definitions.mcp_tool import McpTool
from core.tools.library.csv_database import CsvDatabase
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.result import MAX_RESULT_CHARACTERS
from core.tools.loop.tool_loop import LoopLimits
from core.tools.requests.apis import MODEL_APIS
from core.tools.requests.model_api import ToolSettings
from core.tools.snippets.loop_source import loop_source
from core.tools.snippets.mcp_source import mcp_callee, mcp_source
from core.tools.snippets.script_source import SourceParts

CSV_FILE = "data.csv"

_CALL_TOOL = '''
def call_tool(name: str, arguments: str) -> str:
    """Return the result of a call as text for the model, also if it fails."""
    try:
        # In a strict schema, null stands for an argument that is left out.
        values = {key: value for key, value in json.loads(arguments or "{}").items() if value is not None}
        {checks}if name not in FUNCTIONS:
            raise ValueError(f"There is no tool called {name!r}.")
        result = run_in_thread(lambda: validate_call(FUNCTIONS[name])(**values))
        text = result if isinstance(result, str) else to_json(result, inf_nan_mode="null").decode()
    except TimeoutError:
        text = to_json({"error": f"The tool did not return within {TOOL_SECONDS} seconds."}).decode()
    except Exception as error:
        message = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        text = to_json({"error": message}).decode()
    if len(text) > MAX_CHARACTERS:
        note = f"[Truncated: the first {MAX_CHARACTERS:,} of {len(text):,} characters]"
        text = f"{text[:MAX_CHARACTERS]}\\n{note}"
    return text


def run_in_thread(function: Callable[[], object]) -> object:
    """Return what *function* returns. Raises TimeoutError after TOOL_SECONDS, or at the deadline."""
    future: Future[object] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future.result(max(min(TOOL_SECONDS, deadline - time.monotonic()), 0))
'''
_CALL_TOOL_IMPORTS = """import json
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from pydantic import validate_call
from pydantic_core import to_json
"""
_APPROVAL = """if name in NEEDS_APPROVAL and ask(f"Allow {name}({arguments})? [y/N] ") != "y":
            return to_json({"error": "The user declined this call."}).decode()
        """
_ANSWER = """if name in ANSWERED_BY_USER:
            return ask(f"Result of {name}({arguments}): ")
        """
_ASK = '''

def ask(prompt: str) -> str:
    """Return what the user enters. The time for it does not count."""
    global deadline
    started = time.monotonic()
    answer = input(prompt)
    deadline += time.monotonic() - started
    return answer
'''
# The functions of tools that run check their arguments themselves.
_VALIDATION = """if name in SCHEMAS:
            validate(values, SCHEMAS[name])
        """
_VALIDATE = '''

def validate(arguments: dict[str, object], schema: dict[str, object]) -> None:
    """Raise ValueError if *arguments* do not match *schema*."""
    problems = [
        f"{'.'.join(map(str, error.absolute_path)) or 'arguments'}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(arguments)
    ]
    if problems:
        raise ValueError("; ".join(problems[:5]))
'''


def loop_snippets(
    question: str,
    settings: ToolSettings,
    setups: Sequence[ToolSetup],
    limits: LoopLimits,
    options: SnippetOptions,
    csv_text: str = "",
) -> tuple[Snippet, Snippet]:
    """Write the loop as a script and as an async script, with the tools and the requests of the page."""
    definitions = [setup.tool.definition for setup in setups]
    params = MODEL_APIS[settings.api].build_request(settings, definitions, question, ())
    files = (SnippetFile(CSV_FILE, csv_text.encode()),) if _uses_csv(setups) else ()
    return (
        Snippet("Python", "python", _script(params, setups, limits, options, is_async=False), files),
        Snippet("Python async", "python", _script(params, setups, limits, options, is_async=True), files),
    )


def _script(
    params: dict[str, Any],
    setups: Sequence[ToolSetup],
    limits: LoopLimits,
    options: SnippetOptions,
    *,
    is_async: bool,
) -> str:
    parts = SourceParts()
    parts.add_source("import time\n")
    if setups:
        parts.add_source(_CALL_TOOL_IMPORTS)
    if any(map(_has_schema, setups)):
        parts.add_source("from jsonschema import Draft202012Validator\n")
    if _uses_csv(setups):
        parts.add_source("from pathlib import Path\n")
    for setup in setups:
        if _runs(setup) and isinstance(setup.tool, FunctionTool):
            module = inspect.getmodule(setup.tool.function)
            assert module
            parts.add_module(module)
    mcp = [setup.tool for setup in setups if _runs(setup) and isinstance(setup.tool, McpTool)]
    if mcp:
        parts.add_source(mcp_source(mcp))
    parts.add_source(client_source(options, is_async=is_async))
    loop = loop_source(params, limits.rounds, bool(setups), is_async=is_async, uses_mcp=bool(mcp))
    deadline = f"\nLOOP_SECONDS = {limits.seconds:g}\ndeadline = time.monotonic() + LOOP_SECONDS\n"
    return parts.text() + _tables(setups, limits.tool_seconds) + deadline + loop


def _tables(setups: Sequence[ToolSetup], seconds: float) -> str:
    """Write the functions by name, the mocks among them, and what calls one for at most *seconds*."""
    if not setups:
        return ""
    mocks = "".join(_mock(setup) for setup in setups if setup.mode is ToolMode.MOCK)
    database = ""
    if _uses_csv(setups):
        database = f"\nDATABASE = CsvDatabase(Path({literal(CSV_FILE)}).read_text(encoding='utf-8'))\n"
    called = [setup for setup in setups if setup.mode is not ToolMode.ASK]
    source = f"{mocks}\n{database}\nFUNCTIONS = {literal({s.name: Expression(_callee(s)) for s in called})}\n"
    checks = ""
    if schemas := {setup.name: setup.tool.definition.parameters for setup in setups if _has_schema(setup)}:
        source += f"SCHEMAS = {literal(schemas)}\n"
        checks = _VALIDATION
    for mode, name, code in (
        (ToolMode.APPROVE, "NEEDS_APPROVAL", _APPROVAL),
        (ToolMode.ASK, "ANSWERED_BY_USER", _ANSWER),
    ):
        if names := [setup.name for setup in setups if setup.mode is mode]:
            source += f"{name} = {literal(names)}\n"
            checks += code
    source += f"TOOL_SECONDS = {seconds:g}\nMAX_CHARACTERS = {MAX_RESULT_CHARACTERS:_}\n"
    source += (_VALIDATE if schemas else "") + (_ASK if "ask(" in checks else "")
    return f"{source}\n{_CALL_TOOL.replace('{checks}', checks)}"


def _mock(setup: ToolSetup) -> str:
    """Write a function that answers a call as the mock of *setup* does."""
    mock = setup.mock
    answers = {key.casefold(): answer for key, answer in mock.by_argument.items()}
    delay = f"    time.sleep({mock.delay:g})\n" if mock.delay else ""
    statement = "raise ValueError({})" if mock.is_error else "return {}"
    header = f"\n\ndef {_callee(setup)}(**arguments: object) -> str:\n{delay}"
    if not answers:
        return f"{header}    {statement.format(literal(mock.default))}\n"
    return header + (
        f"    answers = {literal(answers, 4)}\n"
        f"    default = {literal(mock.default)}\n"
        "    texts = [v if isinstance(v, str) else to_json(v).decode() for v in arguments.values()]\n"
        "    values = {text.casefold() for text in texts}\n"
        "    answer = next((answers[key] for key in answers if key in values), default)\n"
        f"    {statement.format('answer')}\n"
    )


def _callee(setup: ToolSetup) -> str:
    if not _runs(setup):
        return "answer_" + "".join(letter if letter.isalnum() else "_" for letter in setup.name)
    if isinstance(setup.tool, McpTool):
        return mcp_callee(setup.tool)
    if isinstance(_owner(setup), CsvDatabase):
        return "DATABASE.query_csv"
    return str(getattr(getattr(setup.tool, "function", None), "__name__", setup.name))


def _runs(setup: ToolSetup) -> bool:
    return setup.mode in (ToolMode.RUN, ToolMode.APPROVE) and isinstance(setup.tool, FunctionTool | McpTool)


def _has_schema(setup: ToolSetup) -> bool:
    return not (_runs(setup) and isinstance(setup.tool, FunctionTool))


def _uses_csv(setups: Sequence[ToolSetup]) -> bool:
    return any(_runs(setup) and isinstance(_owner(setup), CsvDatabase) for setup in setups)


def _owner(setup: ToolSetup) -> object:
    function = setup.tool.function if isinstance(setup.tool, FunctionTool) else None
    return getattr(function, "__self__", None)
