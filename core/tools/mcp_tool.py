"""Tools of MCP servers, as the loop and the API need them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from core.mcp.tools import ServerTool
from core.tools.declared_tool import DeclaredTool, ToolDeclaration
from core.tools.definition import Schema, ToolDefinition

if TYPE_CHECKING:
    from core.mcp.connection import McpConnection

_MAX_NAME = 64
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool of a server, which knows it as *server_name*: the name of *definition* can be another one."""

    connection: "McpConnection"
    server_name: str
    definition: ToolDefinition

    @property
    def key(self) -> str:
        """The same only for a tool of the same connection that its server describes in the same way."""
        described = f"{self.connection.id} {self.server_name} {self.definition}"
        return hashlib.sha256(described.encode("utf-8", "replace")).hexdigest()[:16]

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        return DeclaredTool(self.definition).validate(arguments)

    async def call(self, arguments: Mapping[str, Any]) -> object:
        return await self.connection.call_tool(self.server_name, arguments)


def mcp_tool(connection: "McpConnection", tool: ServerTool, name: str) -> McpTool | None:
    """Return *tool* under *name*; None if its schema is not one."""
    parameters = _parse_schema(tool.schema)
    if parameters is None:
        return None
    return McpTool(connection, tool.name, ToolDefinition(name, tool.description, parameters))


@lru_cache(maxsize=1_024)
def _parse_schema(text: str) -> Schema | None:
    try:
        return ToolDeclaration(name="tool", parameters=json.loads(text)).parameters
    except ValidationError:
        return None


def unique_names(server: str, names: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """Return a name for each tool that the API accepts and that no other has.

    A name that has to be changed begins with that of its server.
    """
    used = set(taken)
    result: dict[str, str] = {}
    for name in names:
        candidate = name if _sanitise(name) == name and name not in used else _sanitise(f"{server}_{name}")
        stem, number = candidate[: _MAX_NAME - 5], 2
        while candidate in used:
            candidate, number = f"{stem}_{number}", number + 1
        used.add(candidate)
        result[name] = candidate
    return result


def _sanitise(name: str) -> str:
    letters = (letter if letter in _NAME_CHARACTERS else "_" for letter in name)
    return "".join(letters)[:_MAX_NAME] or "tool"
