"""The tools of a server and the results of their calls, as values of ours."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.json_values import storable_text

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult, ContentBlock, Tool

MAX_TOOLS = 500
MAX_SCHEMA_CHARACTERS = 50_000
_MAX_DESCRIPTION = 1_024
_MAX_NAME = 256
_MAX_SHOWN_NAME = 80
_MAX_PAGES = 50
_NOT_SENT = "not sent, because tool messages of Chat Completions contain text only"


class ToolFailed(ValueError):
    """The server reports that a call has failed; the message is its text for the model."""


@dataclass(frozen=True, slots=True)
class ServerTool:
    """A tool as its server describes it, all of it untrusted. *schema* is JSON text."""

    name: str
    description: str
    schema: str


@dataclass(frozen=True, slots=True)
class ToolList:
    """The tools of a server; *notes* say what was left out."""

    tools: tuple[ServerTool, ...] = ()
    notes: tuple[str, ...] = ()


async def list_tools(client: "Client") -> ToolList:
    """Return the tools of the server, up to `MAX_TOOLS`."""
    tools: list[Tool] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        tools += page.tools
        cursor = page.next_cursor
        if cursor is None or len(tools) > MAX_TOOLS:
            break
    notes = []
    if cursor is not None or len(tools) > MAX_TOOLS:
        notes.append(f"The server has more than {MAX_TOOLS} tools: only the first {MAX_TOOLS} are listed.")
    usable = []
    for tool in tools[:MAX_TOOLS]:
        try:
            usable.append(_server_tool(tool))
        except ValueError as error:
            notes.append(omission_note(tool.name, str(error)))
    return ToolList(tuple(usable), tuple(notes))


def omission_note(name: str, reason: str) -> str:
    """Say that the tool *name* is left out, and why."""
    return f"{storable_text(name[:_MAX_SHOWN_NAME])} is left out: {reason}"


def _server_tool(tool: "Tool") -> ServerTool:
    """Return *tool* as a value of ours. Raises ValueError with the reason why it cannot be called."""
    schema = {key: value for key, value in tool.input_schema.items() if key != "$schema"}
    try:
        text = json.dumps(schema)
    except (ValueError, RecursionError):
        raise ValueError("Its schema cannot be written as JSON.") from None
    if len(tool.name) > _MAX_NAME:
        raise ValueError(f"Its name has more than {_MAX_NAME} characters.")
    if len(text) > MAX_SCHEMA_CHARACTERS:
        raise ValueError(f"Its schema has more than {MAX_SCHEMA_CHARACTERS:,} characters.")
    if schema.get("type") != "object":
        raise ValueError("Its parameters are not an object.")
    description = storable_text((tool.description or tool.title or "")[:_MAX_DESCRIPTION])
    return ServerTool(storable_text(tool.name), description, text)


def result_value(result: "CallToolResult") -> Any:
    """Return what the model receives: the text, else the structured content; other content is described.

    Raises ToolFailed if the result is an error.
    """
    text = "\n\n".join(_content_text(block) for block in result.content)
    if result.is_error:
        raise ToolFailed(text or "The tool reports an error without a message.")
    return text or result.structured_content or ""


def _content_text(block: "ContentBlock") -> str:
    match block.type:
        case "text":
            return block.text
        case "image" | "audio":
            return f"[{block.type}: {block.mime_type}, {_size(block.data)}; {_NOT_SENT}]"
        case "resource_link":
            return f"[link: {block.name}, {block.uri}]"
        case "resource":
            resource = block.resource
            text = getattr(resource, "text", None)
            if isinstance(text, str):
                return text
            return f"[file: {resource.uri}, {_size(getattr(resource, 'blob', ''))}; {_NOT_SENT}]"


def _size(base64_text: str) -> str:
    return f"{len(base64_text) * 3 // 4:,} bytes"
