"""The connections of several browser sessions."""

import pytest

from core.errors.types import PlaygroundError
from core.mcp.connection import ConnectionState
from core.mcp.connections import MAX_CONNECTIONS, McpConnections
from tests.unit.mcp.programs import program, until


async def test_closes_a_connection_with_its_last_owner() -> None:
    connections = McpConnections()
    connection = connections.add(program("tools"), "first")
    connections.share(connection, "second")
    await connection.connect()

    await connections.release("first")
    assert connection.state is ConnectionState.CONNECTED
    await connections.release("second")
    await until(lambda: connection.state is ConnectionState.CLOSED)
    assert not connections.of("second")


async def test_closes_the_connections_of_a_session_some_time_after_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.mcp.connections._RELOAD_GRACE", 0.0)
    connections = McpConnections()
    shared, closed = (connections.add(program("tools"), "first") for _ in range(2))
    connections.share(shared, "second")

    await connections.session_closed("first")

    await until(lambda: closed.state is ConnectionState.CLOSED)
    assert connections.of("second") == [shared]
    await connections.close_all()
    assert shared.state is ConnectionState.CLOSED


async def test_limits_the_connections_of_a_session() -> None:
    connections = McpConnections()
    for _ in range(MAX_CONNECTIONS):
        connections.add(program("tools"), "owner")
    with pytest.raises(PlaygroundError):
        connections.add(program("tools"), "owner")
    await connections.close_all()
