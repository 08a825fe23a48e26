"""A typed Python function as a tool: its signature is the schema, its docstring the description."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic.json_schema import GenerateJsonSchema

from core.tools.definitions.definition import InvalidArguments, ToolDefinition

_MAX_PROBLEMS = 5


class _WithoutTitles(GenerateJsonSchema):
    """The title of a field repeats its name, which would only cost tokens."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature of pydantic
        return False


@dataclass(frozen=True, slots=True)
class FunctionTool:
    """A function that the model can call. Its parameters are annotated, with `Field(description=...)`."""

    function: Callable[..., object]
    definition: ToolDefinition
    arguments_model: type[BaseModel]

    @classmethod
    def of(cls, function: Callable[..., object], name: str = "", description: str = "") -> "FunctionTool":
        """Make a tool of *function*, called by its own name and described by its docstring by default."""
        name = name or function.__name__
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {
            parameter.name: (
                hints[parameter.name],
                ... if parameter.default is parameter.empty else parameter.default,
            )
            for parameter in inspect.signature(function).parameters.values()
        }
        model = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
        schema = model.model_json_schema(schema_generator=_WithoutTitles)
        schema.pop("title", None)
        description = description or inspect.cleandoc(function.__doc__ or "")
        return cls(function, ToolDefinition(name, description, schema), model)

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.arguments_model.model_fields
        # Strict schemas have no defaults: null stands for an argument that the model leaves out.
        given = {
            name: value
            for name, value in arguments.items()
            if value is not None or name not in fields or fields[name].is_required()
        }
        try:
            model = self.arguments_model.model_validate(given)
        except ValidationError as error:
            problems = [
                f"{'.'.join(map(str, problem['loc'])) or 'arguments'}: {problem['msg']}"
                for problem in error.errors(include_url=False)[:_MAX_PROBLEMS]
            ]
            raise InvalidArguments("; ".join(problems)) from None
        return {name: getattr(model, name) for name in fields}

    async def call(self, arguments: Mapping[str, Any]) -> object:
        if inspect.iscoroutinefunction(self.function):
            return await self.function(**arguments)
        return await _run_in_thread(lambda: self.function(**arguments))


async def _run_in_thread(function: Callable[[], object]) -> object:
    """Call *function* in a thread of its own.

    A function that never returns keeps its thread, so it must not be one of a pool that others wait for.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[object] = loop.create_future()

    def set_result(value: object, error: Exception | None) -> None:
        if result.done():  # cancelled: the time limit has passed
            return
        if error:
            result.set_exception(error)
        else:
            result.set_result(value)

    def run() -> None:
        value: object = None
        error: Exception | None = None
        try:
            value = function()
        except StopIteration:  # a future cannot hold it
            error = RuntimeError("StopIteration")
        except Exception as raised:  # noqa: BLE001 - the result of a tool that raises is its error
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(set_result, value, error)

    Thread(target=run, name="tool", daemon=True).start()
    return await result
