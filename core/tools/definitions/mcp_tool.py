"""Tools of MCP servers, as the loop and the API need them."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from core.mcp.tools import ServerTool, ToolList, omission_note
from core.tools.definitions.declared_tool import DeclaredTool, ToolDeclaration
from core.tools.definitions.definition import Schema, ToolDefinition

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


def usable_tools(listed: ToolList) -> ToolList:
    """Return the tools whose schema is one, with a note for each of the others."""
    tools, notes = [], [*listed.notes]
    for tool in listed.tools:
        try:
            _parse_schema(tool.schema)
            tools.append(tool)
        except ValidationError as error:
            reason = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
            notes.append(omission_note(tool.name, reason))
    return ToolList(tuple(tools), tuple(notes))


def mcp_tool(connection: "McpConnection", tool: ServerTool, name: str) -> McpTool:
    """Return *tool*, which is usable, under *name*."""
    return McpTool(connection, tool.name, ToolDefinition(name, tool.description, _parse_schema(tool.schema)))


@lru_cache(maxsize=1_024)
def _parse_schema(text: str) -> Schema:
    return ToolDeclaration(name="tool", parameters=json.loads(text)).parameters


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
