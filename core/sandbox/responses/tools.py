"""Parsing and validation of `tools`, `tool_choice` and `parallel_tool_calls`, where a function is flat."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.api.errors import invalid_type, missing_parameter, unsupported_in_sandbox
from core.sandbox.api.parameters import (
    Object,
    OneOf,
    String,
    skip_validation,
    validate_array,
    validate_boolean,
    validate_object,
)
from core.sandbox.api.response_format import validate_name
from core.sandbox.api.tools import (
    FunctionToolParam,
    ToolOptions,
    check_names,
    check_parameters,
    check_tool_count,
    choice_mode,
    find_function,
)
from core.sandbox.json_schema.strict import InvalidSchema, Schema, check_schema, check_strict_schema

_HOSTED_TOOLS = (
    "web_search",
    "web_search_preview",
    "file_search",
    "computer",
    "computer_use_preview",
    "code_interpreter",
    "image_generation",
    "mcp",
    "local_shell",
    "shell",
    "apply_patch",
    "tool_search",
    "namespace",
    "custom",
)
_MODES = ("none", "auto", "required")
_FUNCTION = Object(
    {
        "type": skip_validation,
        "name": validate_name,
        "description": String(),
        "parameters": validate_object,
        "strict": validate_boolean,
        "output_schema": validate_object,
        "defer_loading": validate_boolean,
    }
)
_ALLOWED_TOOLS = Object(
    {"type": skip_validation, "mode": OneOf(("auto", "required")), "tools": validate_array}
)
_NAMED = Object({"type": skip_validation, "name": String()})


@dataclass(frozen=True, slots=True)
class ResponseTools:
    """The tools of a request, and the values of `tools` and `tool_choice` in the response."""

    options: ToolOptions
    tools: tuple[Mapping[str, Any], ...]
    choice: Any


def parse_tools(params: Mapping[str, Any]) -> ResponseTools:
    """Parse the tools of a request. Raises ApiError."""
    values = params.get("tools", [])
    check_tool_count(values)
    functions = tuple(_parse_tool(f"tools[{index}]", tool) for index, tool in enumerate(values))
    check_names(functions, "tools[{}].name")
    choice = params.get("tool_choice", "auto")
    options = replace(_apply_choice(choice, functions), parallel=params.get("parallel_tool_calls", True))
    tools = tuple(
        {
            "type": "function",
            "description": function.description or None,
            "name": function.name,
            "output_schema": value.get("output_schema"),
            "parameters": function.parameters,
            "strict": function.strict,
        }
        for function, value in zip(functions, values, strict=True)
    )
    return ResponseTools(options, tools, choice)


def _parse_tool(param: str, value: object) -> FunctionToolParam:
    tool = validate_object(param, value)
    if tool.get("type") is None:
        raise missing_parameter(f"{param}.type")
    OneOf(("function", *_HOSTED_TOOLS))(f"{param}.type", tool["type"])
    if tool["type"] != "function":
        raise unsupported_in_sandbox(f"{param}.type", f"'{tool['type']}' tools")
    if tool.get("name") is None:
        raise missing_parameter(f"{param}.name")
    _FUNCTION(param, tool)
    parameters, strict = tool.get("parameters"), tool.get("strict")
    if strict is None:
        parameters, strict = _make_strict(parameters)
    check_parameters(f"{param}.parameters", tool["name"], parameters, strict)
    optional = _optional_names(tool.get("parameters")) if strict else ()
    return FunctionToolParam(tool["name"], tool.get("description") or "", parameters, strict, optional)


def _make_strict(schema: Schema | None) -> tuple[Schema | None, bool]:
    """Return the strict form of *schema* and true, else *schema* as it is and false."""
    try:
        schema = schema or {"type": "object", "properties": {}}
        check_schema(schema)
        strict_schema = _require_all(schema)
        check_strict_schema(strict_schema)
    except (InvalidSchema, RecursionError):
        return schema, False
    return strict_schema, True


def _optional_names(schema: Schema | None) -> tuple[str, ...]:
    properties, required = (schema or {}).get("properties", {}), (schema or {}).get("required", ())
    return tuple(name for name in properties if name not in required)


def _require_all(value: Any) -> Any:
    """Return the schema *value* with all properties required, and without additional ones."""
    if isinstance(value, list):
        return [_require_all(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    result = {
        key: {name: _require_all(schema) for name, schema in entry.items()}
        if key in ("properties", "$defs", "definitions") and isinstance(entry, dict)
        else _require_all(entry)
        if key in ("items", "anyOf")
        else entry
        for key, entry in value.items()
    }
    if isinstance(value.get("properties"), dict):
        result |= {"additionalProperties": False, "required": list(value["properties"])}
    return result


def _apply_choice(choice: object, functions: tuple[FunctionToolParam, ...]) -> ToolOptions:
    param = "tool_choice"
    if isinstance(choice, str):
        OneOf(_MODES)(param, choice)
        allowed = () if choice == "none" else functions
        return ToolOptions(allowed, choice_mode(choice), all_functions=functions)
    if not isinstance(choice, dict):
        raise invalid_type(param, "one of a string or object", choice)
    if choice.get("type") is None:
        raise missing_parameter(f"{param}.type")
    OneOf(("function", "allowed_tools", *_HOSTED_TOOLS))(f"{param}.type", choice["type"])
    if choice["type"] == "function":
        named = find_function(_name(param, choice), functions)
        return ToolOptions((named,), "required", is_named=True, all_functions=functions)
    if choice["type"] != "allowed_tools":
        raise unsupported_in_sandbox(f"{param}.type", f"'{choice['type']}' tools")
    for name in ("mode", "tools"):
        if choice.get(name) is None:
            raise missing_parameter(f"{param}.{name}")
    _ALLOWED_TOOLS(param, choice)
    names = [_name(f"{param}.tools[{index}]", tool) for index, tool in enumerate(choice["tools"])]
    allowed = tuple(find_function(name, functions) for name in dict.fromkeys(names))
    return ToolOptions(allowed, choice_mode(choice["mode"]), all_functions=functions)


def _name(param: str, value: object) -> str:
    choice = validate_object(param, value)
    if choice.get("name") is None:
        raise missing_parameter(f"{param}.name")
    _NAMED(param, choice)
    return str(choice["name"])
