"""A loop as a script that stands alone: the source of its tools, the requests, and the loop itself."""

import inspect
from collections.abc import Sequence
from typing import Any

from core.json_values import json_object
from core.snippets import Expression, Snippet, SnippetFile, SnippetOptions, client_source, literal
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.function_tool import FunctionTool
from core.tools.library.csv_database import CsvDatabase
from core.tools.mcp_snippets import MCP_CONTEXT, mcp_callee, mcp_source
from core.tools.mcp_tool import McpTool
from core.tools.model_api import ToolSettings
from core.tools.modes import ToolMode, ToolSetup
from core.tools.script_source import SourceParts

CSV_FILE = "data.csv"

_CALL_TOOL = '''
def call_tool(name: str, arguments: str) -> str:
    """Return the result of a call as text for the model, also if it fails."""
    try:
        # In a strict schema, null stands for an argument that is left out.
        values = {key: value for key, value in json.loads(arguments).items() if value is not None}
        {approval}result = validate_call(FUNCTIONS[name])(**values)
        return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    except Exception as error:
        return json.dumps({"error": f"{type(error).__name__}: {error}"}, ensure_ascii=False)
'''
_APPROVAL = """if name in NEEDS_APPROVAL and input(f"Allow {name}({arguments})? [y/N] ") != "y":
            return json.dumps({"error": "The user declined this call."})
        """
_SYNC_CREATE = "completion = client.chat.completions.create(**request)\n"
_SYNC_STREAM = """with client.chat.completions.stream(**request) as stream:
    for event in stream:
        if event.type == "content.delta":
            print(event.delta, end="", flush=True)
    completion = stream.get_final_completion()
"""
_ASSISTANT_MESSAGE = """messages.append({
    "role": "assistant",
    "content": message.content,
    "tool_calls": [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.function.name, "arguments": call.function.arguments},
        }
        for call in message.tool_calls
    ],
})
"""
_SYNC_RESULTS = """for call in message.tool_calls:
    result = call_tool(call.function.name, call.function.arguments)
    print(f"{call.function.name}({call.function.arguments}) -> {result}")
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
"""
_ASYNC_RESULTS = """results = await asyncio.gather(
    *(
        asyncio.to_thread(call_tool, call.function.name, call.function.arguments)
        for call in message.tool_calls
    )
)
for call, result in zip(message.tool_calls, results):
    print(f"{call.function.name}({call.function.arguments}) -> {result}")
    messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
"""


def loop_snippets(
    question: str,
    settings: ToolSettings,
    setups: Sequence[ToolSetup],
    rounds: int,
    options: SnippetOptions,
    csv_text: str = "",
) -> tuple[Snippet, Snippet]:
    """Write the loop as a script and as an async script, with the tools and the requests of the page."""
    definitions = [setup.tool.definition for setup in setups]
    params = ChatCompletionsApi().build_request(settings, definitions, question, ())
    files = (SnippetFile(CSV_FILE, csv_text.encode()),) if _uses_csv(setups) else ()
    return (
        Snippet("Python", "python", _script(params, setups, rounds, options, is_async=False), files),
        Snippet("Python async", "python", _script(params, setups, rounds, options, is_async=True), files),
    )


def _script(
    params: dict[str, Any],
    setups: Sequence[ToolSetup],
    rounds: int,
    options: SnippetOptions,
    *,
    is_async: bool,
) -> str:
    parts = SourceParts()
    if setups:
        parts.add_source("import json\nfrom pydantic import validate_call\n")
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
    loop = _loop(params, rounds, bool(setups), is_async=is_async, uses_mcp=bool(mcp))
    return parts.text() + _tables(setups) + loop


def _tables(setups: Sequence[ToolSetup]) -> str:
    """Write the functions by name, those that answer for a tool, and what calls them."""
    if not setups:
        return ""
    answers = "".join(_stand_in(setup) for setup in setups if not _runs(setup))
    database = ""
    if _uses_csv(setups):
        database = f"\nDATABASE = CsvDatabase(Path({literal(CSV_FILE)}).read_text(encoding='utf-8'))\n"
    functions = literal({setup.name: Expression(_callee(setup)) for setup in setups})
    approved = [setup.name for setup in setups if setup.mode is ToolMode.APPROVE]
    approval = f"NEEDS_APPROVAL = {literal(approved)}\n" if approved else ""
    call_tool = _CALL_TOOL.replace("{approval}", _APPROVAL if approved else "")
    return f"{answers}\n{database}\nFUNCTIONS = {functions}\n{approval}\n{call_tool}\n"


def _loop(params: dict[str, Any], rounds: int, has_tools: bool, *, is_async: bool, uses_mcp: bool) -> str:
    stream = bool(params.get("stream"))
    request = {key: value for key, value in params.items() if key != "stream"}
    messages = request.pop("messages")
    call = _SYNC_STREAM if stream else _SYNC_CREATE
    results = _ASYNC_RESULTS if is_async else _SYNC_RESULTS
    if is_async:
        call = call.replace("with client", "async with client").replace(
            "    for event", "    async for event"
        )
        call = call.replace("= client", "= await client").replace("= stream.get", "= await stream.get")
    body = call + "message = completion.choices[0].message\n"
    answer = "print()" if stream else "print(message.content)"
    body += f"if not message.tool_calls:\n    {answer}\n    break\n"
    body += _ASSISTANT_MESSAGE
    if request.get("tool_choice") == "required" or "function" in json_object(request.get("tool_choice")):
        body += 'request.pop("tool_choice", None)  # otherwise the model would never answer\n'
    loop = f"for _ in range({rounds}):\n{_indent(body + (results if has_tools else ''))}"
    if uses_mcp:
        loop = f"with {MCP_CONTEXT}:\n{_indent(loop)}"
    text = f"messages = {literal(messages)}\n"
    text += f"request = {literal({**request, 'messages': Expression('messages')})}\n"
    if not is_async:
        return f"\n{text}{loop}"
    return f"\n\nasync def main() -> None:\n{_indent(text + loop)}\n\nasyncio.run(main())\n"


def _stand_in(setup: ToolSetup) -> str:
    """Write a function that answers a call with its mock, or with what a person enters."""
    header = f"\n\ndef {_callee(setup)}(**arguments: object) -> str:\n"
    if setup.mode is ToolMode.ASK:
        return header + f'    return input(f"Result of {setup.name}({{arguments}}): ")\n'
    answers = {key.casefold(): answer for key, answer in setup.mock.by_argument.items()}
    return header + (
        f"    answers = {literal(answers, 4)}\n"
        f"    default = {literal(setup.mock.default)}\n"
        "    values = [str(value).casefold() for value in arguments.values()]\n"
        "    return next((answers[value] for value in values if value in answers), default)\n"
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


def _uses_csv(setups: Sequence[ToolSetup]) -> bool:
    return any(_runs(setup) and isinstance(_owner(setup), CsvDatabase) for setup in setups)


def _owner(setup: ToolSetup) -> object:
    function = setup.tool.function if isinstance(setup.tool, FunctionTool) else None
    return getattr(function, "__self__", None)


def _indent(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))
