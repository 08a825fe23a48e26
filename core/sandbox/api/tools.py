"""Parsing and validation of `tools`, `tool_choice` and `parallel_tool_calls`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.sandbox.api.errors import (
    invalid_request,
    invalid_type,
    missing_parameter,
    unsupported_in_sandbox,
)
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
from core.sandbox.json_schema.strict import InvalidSchema, Schema, check_schema, check_strict_schema

_MAX_TOOLS = 128
_NO_PARAMETERS: Schema = {"type": "object", "properties": {}}
_MODES = ("none", "auto", "required")
_TOOL = Object(
    {
        "type": skip_validation,
        "function": Object(
            {
                "name": validate_name,
                "description": String(),
                "parameters": validate_object,
                "strict": validate_boolean,
            }
        ),
    }
)
_ALLOWED_TOOLS = Object(
    {
        "type": skip_validation,
        "allowed_tools": Object({"mode": OneOf(("auto", "required")), "tools": validate_array}),
    }
)


@dataclass(frozen=True, slots=True)
class FunctionToolParam:
    """A function that the model may call. *strict* arguments always have all properties.

    *optional* are those that the client has declared optional, although strict mode requires them.
    """

    name: str
    description: str = ""
    parameters: Schema | None = None
    strict: bool = False
    optional: tuple[str, ...] = ()

    @property
    def schema(self) -> Schema:
        return self.parameters or _NO_PARAMETERS


@dataclass(frozen=True, slots=True)
class ToolOptions:
    """The tools of a request that may be called, and whether one must be.

    *is_named* is whether `tool_choice` names the function to call.
    """

    functions: tuple[FunctionToolParam, ...] = ()
    mode: Literal["none", "auto", "required"] = "none"
    is_named: bool = False
    parallel: bool = True
    all_functions: tuple[FunctionToolParam, ...] = ()


def parse_tools(params: Mapping[str, Any]) -> ToolOptions:
    """Parse the tools of a request. Raises ApiError."""
    if "tools" not in params:
        return ToolOptions()
    check_tool_count(params["tools"])
    functions = [_parse_tool(f"tools[{index}]", tool) for index, tool in enumerate(params["tools"])]
    check_names(functions, "tools[{}].function.name")
    parallel = params.get("parallel_tool_calls", True)
    return _apply_choice(params.get("tool_choice", "auto"), tuple(functions), parallel)


def check_tool_count(tools: Sequence[object]) -> None:
    if len(tools) > _MAX_TOOLS:
        message = (
            f"Invalid 'tools': array too long. Expected an array with maximum length {_MAX_TOOLS}, but got "
            f"an array with length {len(tools)} instead."
        )
        raise invalid_request(message, "tools", "array_above_max_length")


def check_names(functions: Sequence[FunctionToolParam], name_param: str) -> None:
    """Check that the names are unique. *name_param* has braces in place of the index of a tool."""
    names = [function.name for function in functions]
    for index, name in enumerate(names):
        if name in names[:index]:
            param = name_param.format(index)
            message = f"Invalid '{param}': function names must be unique, got '{name}' twice."
            raise invalid_request(message, param, "invalid_value")


def check_parameters(param: str, name: str, schema: Schema | None, strict: bool) -> None:
    """Check the JSON Schema *schema* of the parameters of the function *name*. Raises ApiError."""
    # An empty schema stands for a function without parameters.
    if schema is None or not (schema or strict):
        return
    try:
        (check_strict_schema if strict else check_schema)(schema)
    except InvalidSchema as error:
        message = f"Invalid schema for function '{name}': {error}"
        raise invalid_request(message, param, "invalid_function_parameters") from error


def _parse_tool(param: str, value: object) -> FunctionToolParam:
    tool = validate_object(param, value)
    _require(param, tool, "type")
    OneOf(("function", "custom"))(f"{param}.type", tool["type"])
    if tool["type"] == "custom":
        raise unsupported_in_sandbox(param, "custom tools")
    _TOOL(param, tool)
    _require(param, tool, "function")
    function = tool["function"]
    _require(f"{param}.function", function, "name")
    schema, strict = function.get("parameters"), bool(function.get("strict"))
    check_parameters(f"{param}.function.parameters", function["name"], schema, strict)
    return FunctionToolParam(function["name"], function.get("description") or "", schema, strict)


def _require(param: str, value: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if value.get(name) is None:
            raise missing_parameter(f"{param}.{name}")


def _apply_choice(choice: object, functions: tuple[FunctionToolParam, ...], parallel: bool) -> ToolOptions:
    param = "tool_choice"
    if isinstance(choice, str):
        OneOf(_MODES)(param, choice)
        return ToolOptions(
            () if choice == "none" else functions, choice_mode(choice), False, parallel, functions
        )
    if not isinstance(choice, dict):
        raise invalid_type(param, "a string or an object", choice)
    _require(param, choice, "type")
    OneOf(("function", "allowed_tools", "custom"))(f"{param}.type", choice["type"])
    if choice["type"] == "custom":
        raise unsupported_in_sandbox(param, "custom tools")
    if choice["type"] == "function":
        named = find_function(_function_name(param, choice), functions)
        return ToolOptions((named,), "required", True, parallel, functions)
    _ALLOWED_TOOLS(param, choice)
    _require(param, choice, "allowed_tools")
    allowed_tools = choice["allowed_tools"]
    _require(f"{param}.allowed_tools", allowed_tools, "mode", "tools")
    names = [
        _function_name(f"{param}.allowed_tools.tools[{index}]", tool)
        for index, tool in enumerate(allowed_tools["tools"])
    ]
    allowed = tuple(find_function(name, functions) for name in dict.fromkeys(names))
    return ToolOptions(allowed, choice_mode(allowed_tools["mode"]), False, parallel, functions)


def choice_mode(text: str) -> Literal["none", "auto", "required"]:
    return "none" if text == "none" else "required" if text == "required" else "auto"


def _function_name(param: str, value: object) -> str:
    tool = validate_object(param, value)
    _TOOL(param, tool)
    _require(param, tool, "function")
    _require(f"{param}.function", tool["function"], "name")
    return str(tool["function"]["name"])


def find_function(name: str, functions: Sequence[FunctionToolParam]) -> FunctionToolParam:
    for function in functions:
        if function.name == name:
            return function
    message = f"Tool choice 'function' not found in 'tools' parameter: '{name[:64]}'."
    raise invalid_request(message, "tool_choice")
