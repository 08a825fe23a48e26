"""What a request of the loop contains and what a reply says, whatever the API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.generation.api_name import ApiName
from core.json_values import JsonObject
from core.tools.definitions.definition import ToolDefinition

ToolChoiceMode = Literal["auto", "none", "required", "named", "allowed_tools"]


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether and which tools the model must call. *names* are those of "named" (one) and "allowed_tools"."""

    mode: ToolChoiceMode = "auto"
    names: tuple[str, ...] = ()
    allowed_required: bool = False

    @property
    def problem(self) -> str:
        """Why no request with this choice can be sent; nothing if one can."""
        is_empty = self.mode == "allowed_tools" and not self.names
        return "Select at least one allowed tool in Settings, or another tool_choice." if is_empty else ""


@dataclass(frozen=True, slots=True)
class ToolSettings:
    """The settings of every request of a loop. None and "" are not sent."""

    model: str
    instructions: str = ""
    stream: bool = True
    choice: ToolChoice = field(default_factory=ToolChoice)
    parallel: bool = True
    strict: bool = True
    reasoning_effort: str | None = None
    api: ApiName = "chat.completions"


@dataclass(frozen=True, slots=True)
class RequestedCall:
    """A call that the model requests. *arguments* are what it wrote, which need not be JSON."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ModelTurn:
    """A reply of the model: its text and the calls that it requests, in order.

    *output* is what the next request contains of it in the Responses API, the reasoning among it.
    """

    text: str = ""
    calls: tuple[RequestedCall, ...] = ()
    output: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """A round that is over: the reply of the model, and the result of each of its calls by id."""

    turn: ModelTurn
    results: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LoopRequest:
    """What a request contains: its settings, the question, its tools, and the rounds before it."""

    settings: ToolSettings
    question: str
    tools: tuple[ToolDefinition, ...]
    history: tuple[Exchange, ...]


def read_calls(calls: Iterable[tuple[object, JsonObject]], round_number: int) -> tuple[RequestedCall, ...]:
    """Read calls from their ids and functions. One without an id of its own gets one."""
    read: list[RequestedCall] = []
    for number, (given_id, function) in enumerate(calls, 1):
        call_id = str(given_id or "")
        if not call_id or any(other.id == call_id for other in read):
            call_id = f"call_{round_number}_{number}"
        name, arguments = function.get("name"), function.get("arguments")
        read.append(RequestedCall(call_id, str(name or ""), arguments if isinstance(arguments, str) else ""))
    return tuple(read)
