"""Connections to programs, good and bad ones."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors.types import PlaygroundError
from core.mcp.connection import ConnectionState, McpConnection
from core.mcp.servers import parse_stdio_server
from core.mcp.tools import MAX_TOOLS, ToolFailed
from tests.unit.mcp.programs import SCRIPT, connected, until


def is_running(process: int) -> bool:
    """Whether *process* exists and is not only waiting to be reaped."""
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{process}/status").read_bytes()
    except OSError:
        return False


async def test_lists_and_calls_the_tools_of_a_program() -> None:
    async with connected() as connection:
        assert connection.state is ConnectionState.CONNECTED
        tools = {tool.name: tool for tool in connection.listed.tools}
        assert tools["add"].description == "Add two integers."
        assert await connection.call_tool("add", {"a": 19, "b": 23}) == "42"
        assert await connection.call_tool("files.read/인사", {"name": "지우"}) == "안녕하세요, 지우"
        assert [await connection.call_tool("count_calls", {}) for _ in range(2)] == ["1", "2"]


async def test_reports_the_errors_of_a_tool() -> None:
    async with connected() as connection:
        with pytest.raises(ToolFailed, match="the disk is full"):
            await connection.call_tool("fail", {})


async def test_describes_an_image() -> None:
    async with connected() as connection:
        assert str(await connection.call_tool("picture", {})).startswith("[image: image/png, 7")


async def test_gives_a_program_only_the_variables_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_TOKEN", "1234")
    monkeypatch.setenv("OTHER_TOKEN", "5678")
    server = parse_stdio_server(shlex.join([sys.executable, SCRIPT, "tools"]), "SAMPLE_TOKEN")
    connection = McpConnection(server)
    try:
        assert await connection.call_tool("variable", {"name": "SAMPLE_TOKEN"}) == "1234"
        assert await connection.call_tool("variable", {"name": "OTHER_TOKEN"}) == "(not set)"
    finally:
        await connection.close()


async def test_ends_a_program_that_sends_too_much_and_starts_it_again() -> None:
    async with connected() as connection:
        with pytest.raises(PlaygroundError, match="too large a message"):
            await connection.call_tool("repeat", {"characters": 10_000_000})
        assert connection.state is ConnectionState.FAILED

        assert await connection.call_tool("add", {"a": 1, "b": 2}) == "3"


async def test_shows_the_last_output_of_a_program_that_crashes_in_a_call() -> None:
    async with connected() as connection:
        with pytest.raises(PlaygroundError, match="The program has ended"):
            await connection.call_tool("crash", {})

        await until(lambda: "[exited with code 3]" in connection.log_text)
        assert "fatal: out of memory" in connection.log_text


async def test_notices_that_a_program_has_ended_without_a_call() -> None:
    async with connected() as connection:
        pid, _ = (await connection.call_tool("start_child", {})).split()
        os.kill(int(pid), 9)

        await until(lambda: connection.state is ConnectionState.FAILED)
        assert connection.problem
        assert connection.problem.title == "The program has ended"


async def test_survives_a_tool_that_hangs() -> None:
    async with connected() as connection:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.call_tool("hang", {}), 0.2)
        reconnecting = asyncio.create_task(connection.connect())
        await asyncio.sleep(0)
        assert connection.state is ConnectionState.CONNECTING

        assert await connection.call_tool("add", {"a": 1, "b": 2}) == "3"
        await reconnecting
        assert connection.problem is None


async def test_ends_a_program_with_its_children() -> None:
    async with connected() as connection:
        processes = [int(pid) for pid in (await connection.call_tool("start_child", {})).split()]
    await until(lambda: not any(map(is_running, processes)))


async def test_leaves_no_process_when_the_app_is_killed() -> None:
    source = f"""
import asyncio
from core.mcp.connection import McpConnection
from core.mcp.servers import StdioServer

async def main():
    connection = McpConnection(StdioServer("sample", {sys.executable!r}, ({SCRIPT!r}, "tools")))
    print(await connection.call_tool("start_child", {{}}), flush=True)
    await connection.call_tool("hang", {{}})

asyncio.run(main())
"""
    app = subprocess.Popen(
        [sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=Path(SCRIPT).parents[1]
    )
    assert app.stdout
    processes = [int(pid) for pid in (await asyncio.to_thread(app.stdout.readline)).split()]
    app.kill()
    app.stdout.close()
    app.wait()

    assert len(processes) == 2
    await until(lambda: not any(map(is_running, processes)))


async def test_lists_the_tools_again_when_they_change() -> None:
    async with connected() as connection:
        await connection.call_tool("learn", {})

        await until(lambda: "learned" in [tool.name for tool in connection.listed.tools])
        assert await connection.call_tool("learned", {}) == "new"


async def test_lists_a_bounded_number_of_tools() -> None:
    async with connected("many") as connection:
        assert len(connection.listed.tools) == MAX_TOOLS
        assert connection.listed.notes == (
            "The server has more than 500 tools: only the first 500 are listed.",
        )


async def test_explains_a_program_that_does_not_start() -> None:
    async with connected("crash") as connection:
        assert connection.state is ConnectionState.FAILED
        assert connection.problem
        assert connection.problem.title == "The program has ended"
        assert "set SAMPLE_TOKEN" in connection.log_text


async def test_explains_a_program_that_does_not_respond() -> None:
    async with connected("silent", timeout=0.5) as connection:
        assert connection.problem
        assert connection.problem.title == "The server does not respond"


async def test_explains_a_program_that_does_not_exist() -> None:
    connection = McpConnection(parse_stdio_server("no-such-program-anywhere --stdio"))
    await connection.connect()

    assert connection.problem
    assert connection.problem.title == "The program no-such-program-anywhere was not found"
    await connection.close()
    with pytest.raises(PlaygroundError):
        await connection.call_tool("add", {})


async def test_accepts_an_odd_program() -> None:
    async with connected("odd") as connection:
        assert [tool.name for tool in connection.listed.tools] == ["odd"]
        assert connection.listed.notes == (
            "no_object is left out: Its schema has more than 50,000 characters.",
        )
        # Its result does not match the schema, and would take forever to check.
        assert await connection.call_tool("odd", {}) == {"code": "a" * 40 + "!"}
