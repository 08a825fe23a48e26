"""The loop of a script: the requests of one API, the calls that its replies contain, and their results."""

from dataclasses import dataclass
from typing import Any

from core.json_values import json_object
from core.snippets import Expression, literal
from core.tools.snippets.mcp_source import MCP_CONTEXT

_TIME_LIMIT = """if (remaining := deadline - time.monotonic()) <= 0:
    print(f"Stopped after {LOOP_SECONDS} seconds.")
    break
"""


@dataclass(frozen=True, slots=True)
class _ApiSource:
    """The source of what the APIs call differently.

    *parameter* is that with the conversation, *history* its variable, to which *reply* and each *result* are
    added. *calls* are the calls of a reply, and *function* is what has the name and the arguments of one.
    """

    parameter: str
    history: str
    create: str
    stream: str
    read: str
    calls: str
    text: str
    function: str
    reply: str
    result: str


_CHAT_COMPLETIONS = _ApiSource(
    parameter="messages",
    history="messages",
    create="completion = client.chat.completions.create(**request, timeout=remaining)\n",
    stream="""with client.chat.completions.stream(**request, timeout=remaining) as stream:
    for event in stream:
        if event.type == "content.delta":
            print(event.delta, end="", flush=True)
    completion = stream.get_final_completion()
""",
    read="message = completion.choices[0].message\n",
    calls="message.tool_calls",
    text="message.content",
    function="call.function",
    reply="""messages.append({
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
""",
    result='messages.append({"role": "tool", "tool_call_id": call.id, "content": result})\n',
)
_RESPONSES = _ApiSource(
    parameter="input",
    history="items",
    create="response = client.responses.create(**request, timeout=remaining)\n",
    stream="""with client.responses.stream(**request, timeout=remaining) as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)
    response = stream.get_final_response()
""",
    read='calls = [item for item in response.output if item.type == "function_call"]\n',
    calls="calls",
    text="response.output_text",
    function="call",
    reply="items += response.output  # with the reasoning, so that the model can go on\n",
    result='items.append({"type": "function_call_output", "call_id": call.call_id, "output": result})\n',
)


def loop_source(
    params: dict[str, Any], rounds: int, has_tools: bool, *, is_async: bool, uses_mcp: bool
) -> str:
    """Write the loop that starts with the request *params*, of either API."""
    api = _RESPONSES if "input" in params else _CHAT_COMPLETIONS
    stream = bool(params.get("stream"))
    request = {key: value for key, value in params.items() if key != "stream"}
    history = request.pop(api.parameter)
    if isinstance(history, str):
        history = [{"role": "user", "content": history}]
    call = api.stream if stream else api.create
    if is_async:
        call = call.replace("with client", "async with client").replace(
            "    for event", "    async for event"
        )
        call = call.replace("= client", "= await client").replace("= stream.get", "= await stream.get")
    answer = "print()" if stream else f"print({api.text})"
    body = f"{_TIME_LIMIT}{call}{api.read}if not {api.calls}:\n    {answer}\n    break\n"
    body += api.reply + _later_choice(request.get("tool_choice"))
    loop = f"for _ in range({rounds}):\n{_indent(body + (_results(api, is_async) if has_tools else ''))}"
    limit = f"Stopped after {rounds} round{'' if rounds == 1 else 's'}: the model keeps requesting calls."
    loop += f"else:\n    print({literal(limit)})\n"
    if uses_mcp:
        loop = f"with {MCP_CONTEXT}:\n{_indent(loop)}"
    text = f"{api.history} = {literal(history)}\n"
    text += f"request = {literal({**request, api.parameter: Expression(api.history)})}\n"
    if not is_async:
        return f"\n\n{text}{loop}"
    return f"\n\nasync def main() -> None:\n{_indent(text + loop)}\n\nasyncio.run(main())\n"


def _later_choice(choice: object) -> str:
    """Write what follows the first round if its tool_choice requires a call."""
    if choice == "required" or json_object(choice).get("type") == "function":
        return 'request.pop("tool_choice", None)  # otherwise the model would never answer\n'
    is_nested = "allowed_tools" in json_object(choice)
    allowed = json_object(json_object(choice).get("allowed_tools") if is_nested else choice)
    if allowed.get("mode") == "required":
        path = '["allowed_tools"]' if is_nested else ""
        return f'request["tool_choice"]{path}["mode"] = "auto"  # or it would never answer\n'
    return ""


def _results(api: _ApiSource, is_async: bool) -> str:
    """Write the calls of the tools, all at once in an async script, with their results for the model."""
    function = api.function
    output = f'    print(f"{{{function}.name}}({{{function}.arguments}}) -> {{result}}")\n    {api.result}'
    if not is_async:
        called = f"    result = call_tool({function}.name, {function}.arguments)\n"
        return f"for call in {api.calls}:\n{called}{output}"
    return f"""results = await asyncio.gather(
    *(
        asyncio.to_thread(call_tool, {function}.name, {function}.arguments)
        for call in {api.calls}
    )
)
for call, result in zip({api.calls}, results):
{output}"""


def _indent(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))
