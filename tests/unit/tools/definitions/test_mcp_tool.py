"""Names and schemas of the tools of MCP servers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.mcp.connection import McpConnection
from core.mcp.servers import parse_stdio_server
from core.mcp.tools import ServerTool, ToolList
from core.tools.definitions.definition import InvalidArguments
from core.tools.definitions.mcp_tool import mcp_tool, unique_names, usable_tools

_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{1,64}")


@given(st.text(max_size=80), st.lists(st.text(max_size=80), unique=True), st.sets(st.text(max_size=5)))
def test_gives_each_tool_a_name_that_the_api_accepts(server: str, names: list[str], taken: set[str]) -> None:
    result = unique_names(server, names, taken)

    assert [*result] == names
    assert all(_ACCEPTED.fullmatch(name) for name in result.values())
    assert len({*result.values()} | taken) == len(names) + len(taken)


def test_changes_a_name_only_if_it_must() -> None:
    names = ["read", "calculate", "files.read", "files/read", "인사"]
    assert unique_names("time server", names, {"calculate"}) == {
        "read": "read",
        "calculate": "time_server_calculate",
        "files.read": "time_server_files_read",
        "files/read": "time_server_files_read_2",
        "인사": "time_server___",
    }


def tool(schema: str) -> ServerTool:
    return ServerTool("read", "Read a file.", schema)


CONNECTION = McpConnection(parse_stdio_server("files"))


def test_validates_arguments_by_the_schema_of_the_server() -> None:
    read = mcp_tool(
        CONNECTION,
        tool('{"type": "object", "properties": {"path": {"type": "string"}, "lines": {"type": "integer"}}, '
             '"required": ["path"]}'),
        "files_read",
    )  # fmt: skip
    assert (read.definition.name, read.server_name) == ("files_read", "read")
    assert read.validate({"path": "a", "lines": None}) == {"path": "a"}
    with pytest.raises(InvalidArguments, match="path"):
        read.validate({"lines": 1})


@pytest.mark.parametrize(
    "schema", ['{"type": "object", "properties": 7}', '{"type": "object", "required": "x"}']
)
def test_says_which_tool_has_an_invalid_schema(schema: str) -> None:
    valid = ServerTool("list", "", '{"type": "object"}')

    usable = usable_tools(ToolList((tool(schema), valid), ("One is too long.",)))

    assert usable.tools == (valid,)
    first, second = usable.notes
    assert first == "One is too long."
    assert second.startswith("read is left out: This is not a JSON Schema: ")
