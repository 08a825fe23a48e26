"""The request of a round as Chat Completions has it: a conversation with calls and results of tools."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.completions.request import ChatSettings
from core.json_values import JsonObject, json_object, json_objects
from core.tools.definitions.definition import ToolDefinition
from core.tools.requests.model_api import (
    Exchange,
    LoopRequest,
    ModelTurn,
    ToolChoice,
    ToolSettings,
    read_calls,
)


def build_request(
    settings: ToolSettings,
    tools: Sequence[ToolDefinition],
    question: str,
    history: Sequence[Exchange],
) -> dict[str, Any]:
    """Return the request that continues *history*."""
    chat = ChatSettings(
        model=settings.model,
        stream=settings.stream,
        instructions=settings.instructions,
        reasoning_effort=settings.reasoning_effort,
    )
    messages = [{"role": "user", "content": question}]
    messages += [message for exchange in history for message in _exchange_messages(exchange)]
    params = chat.request_params(chat.messages(messages))
    if not tools:
        return params
    params["tools"] = []
    for tool in tools:
        parameters, is_strict = tool.parameters_for(settings.strict)
        function: dict[str, Any] = {
            "name": tool.name,
            "description": tool.description,
            "parameters": parameters,
        }
        if is_strict:
            function["strict"] = True
        params["tools"].append({"type": "function", "function": function})
    # A model that must call a tool in every round would never answer.
    choice = settings.choice
    if history and choice.mode in ("required", "named"):
        choice = ToolChoice()
    elif history:
        choice = replace(choice, allowed_required=False)
    if choice.mode != "auto":
        params["tool_choice"] = _choice_param(choice)
    if not settings.parallel:
        params["parallel_tool_calls"] = False
    return params


def read_request(params: Mapping[str, Any]) -> LoopRequest:
    """Read what `build_request` has built."""
    question, turns = "", list[ModelTurn]()
    results: list[dict[str, str]] = []
    for message in json_objects(params.get("messages")):
        match message.get("role"):
            case "user":
                question = question or str(message.get("content"))
            case "assistant":
                turns.append(read_message(message, len(turns) + 1))
                results.append({})
            case "tool" if results:
                results[-1][str(message.get("tool_call_id"))] = str(message.get("content"))
    functions = (json_object(tool.get("function")) for tool in json_objects(params.get("tools")))
    tools = tuple(
        ToolDefinition(function["name"], function["description"], function["parameters"])
        for function in functions
    )
    return LoopRequest(_read_settings(params), question, tools, tuple(map(Exchange, turns, results)))


def read_message(message: JsonObject, round_number: int) -> ModelTurn:
    """Read a message of the model. Calls without an id get one."""
    calls = (
        (call.get("id"), json_object(call.get("function")))
        for call in json_objects(message.get("tool_calls"))
    )
    text = message.get("content") or message.get("refusal")
    return ModelTurn(text if isinstance(text, str) else "", read_calls(calls, round_number))


def _read_settings(params: Mapping[str, Any]) -> ToolSettings:
    messages = json_objects(params.get("messages"))
    instructions = (m.get("content") for m in messages if m.get("role") in ("system", "developer"))
    effort = params.get("reasoning_effort")
    tools = [json_object(tool.get("function")) for tool in json_objects(params.get("tools"))]
    return ToolSettings(
        str(params.get("model", "")),
        str(next(instructions, "")),
        stream=bool(params.get("stream")),
        choice=_read_choice(params.get("tool_choice")),
        parallel=params.get("parallel_tool_calls") is not False,
        strict=any(function.get("strict") for function in tools),
        reasoning_effort=effort if isinstance(effort, str) else None,
    )


def _read_choice(param: object) -> ToolChoice:
    """Read what `_choice_param` has written."""
    if param in ("none", "required"):
        return ToolChoice("none" if param == "none" else "required")
    choice = json_object(param)
    allowed = json_object(choice.get("allowed_tools"))
    functions = json_objects(allowed.get("tools")) if allowed else [choice]
    names = tuple(str(json_object(function.get("function")).get("name")) for function in functions)
    if allowed:
        return ToolChoice("allowed_tools", names, allowed.get("mode") == "required")
    return ToolChoice("named", names) if choice else ToolChoice()


def _choice_param(choice: ToolChoice) -> str | dict[str, Any]:
    functions = [{"type": "function", "function": {"name": name}} for name in choice.names]
    if choice.mode == "named":
        return functions[0]
    if choice.mode == "allowed_tools":
        mode = "required" if choice.allowed_required else "auto"
        return {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": functions}}
    return choice.mode


def _exchange_messages(exchange: Exchange) -> list[dict[str, Any]]:
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in exchange.turn.calls
    ]
    return [
        {"role": "assistant", "content": exchange.turn.text or None, "tool_calls": calls},
        *(
            {"role": "tool", "tool_call_id": call.id, "content": exchange.results[call.id]}
            for call in exchange.turn.calls
        ),
    ]
