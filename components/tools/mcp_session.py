"""The MCP servers of a browser session, which end with it."""

import secrets
from concurrent.futures import wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from components.runtime import resources
from components.session import session
from components.tools.session import tools_session
from core.client.cloud_metadata import is_metadata_service
from core.errors.explain import explain
from core.errors.types import Explanation, PlaygroundError
from core.mcp.servers import McpServer, StdioServer
from core.mcp.tools import ServerTool
from core.runs import event_loop
from core.tools.definitions.mcp_tool import McpTool, mcp_tool, unique_names, usable_tools

if TYPE_CHECKING:
    from core.mcp.connection import McpConnection
    from core.mcp.repository import McpServerRepository

_RECONNECT_WAIT = 0.3


@dataclass(slots=True, eq=False)
class McpSession:
    """The connections of this session, by its *owner*, and what the user has confirmed.

    *version* is part of the keys of the form, so that it is empty after each server.
    """

    owner: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    version: int = 0
    confirmed: set[str] = field(default_factory=set)
    unconfirmed: McpServer | None = None
    problem: Explanation | None = None
    _removed: set[str] = field(default_factory=set)
    _listed: dict[str, ServerTool] = field(default_factory=dict)

    def connections(self) -> "list[McpConnection]":
        """Return the connections, with those of the loops that the page has opened again after a reload."""
        if not resources.has_mcp_connections():
            return []
        connections = resources.mcp_connections()
        for tool in _tools_of_loops():
            if tool.connection.id not in self._removed:
                connections.share(tool.connection, self.owner)
        return connections.of(self.owner)

    def tools(self, connection: "McpConnection", names: list[str], taken: set[str]) -> list[McpTool]:
        """Return the usable tools *names* of a server, under names that are not *taken*.

        A tool that was always allowed needs approval again once its server describes it differently.
        """
        listed = {tool.name: tool for tool in usable_tools(connection.listed).tools}
        api_names = unique_names(connection.server.name, [*listed], taken)
        for name, tool in listed.items():
            if self._listed.setdefault(api_names[name], tool) != tool:
                self._listed[api_names[name]] = tool
                tools_session().always_allowed.discard(api_names[name])
        # The server may have changed its list since the names were chosen.
        return [mcp_tool(connection, listed[name], api_names[name]) for name in names if name in listed]

    def add(self, server: McpServer) -> None:
        """Connect to *server*, once the user has confirmed what only a person can judge."""
        self.problem = self.unconfirmed = None
        from core.mcp.repository import SavedServer

        is_risky = isinstance(server, StdioServer) or is_metadata_service(server.url)
        if is_risky and server.address not in self.confirmed:
            self.unconfirmed = server
            return
        connections = resources.mcp_connections()

        async def add_server() -> None:
            connections.add(server, self.owner)

        try:
            event_loop.run_until_complete(add_server())
            if saved := SavedServer.of(server):
                self.repository().save(saved)
            self.version += 1
        except PlaygroundError as error:
            self.problem = explain(error)

    def repository(self) -> "McpServerRepository":
        """Return the repository of saved servers."""
        from core.mcp.repository import McpServerRepository

        return McpServerRepository(resources.store(), session.OWNER)

    def confirm(self) -> None:
        """Connect to the server that waits for it."""
        assert self.unconfirmed
        self.confirmed.add(self.unconfirmed.address)
        self.add(self.unconfirmed)

    def discard(self) -> None:
        """Do not connect to the server that waits for it."""
        self.unconfirmed = None

    def reconnect(self, connection: "McpConnection") -> None:
        """End the connection, and connect again."""
        # A moment, after which the page shows that it is connecting.
        wait([event_loop.submit(connection.connect())], _RECONNECT_WAIT)

    def remove(self, connection: "McpConnection") -> None:
        """End the connection. Another server may get the names of its tools, so they need approval again."""
        self._removed.add(connection.id)
        for name in [name for name, tool in self._listed.items() if tool in connection.listed.tools]:
            del self._listed[name]
            tools_session().always_allowed.discard(name)
        event_loop.submit(resources.mcp_connections().remove(connection, self.owner))

    def release(self) -> None:
        """End all connections that a reload of the page does not take over."""
        if resources.has_mcp_connections():
            event_loop.submit(resources.mcp_connections().session_closed(self.owner))


def used_tools(connection: "McpConnection") -> list[str]:
    """Return the tools of *connection* that the open loops use, by the names that the server gives them."""
    return [tool.server_name for tool in _tools_of_loops() if tool.connection is connection]


def _tools_of_loops() -> list[McpTool]:
    setups = [setup for loop in tools_session().loops for setup in loop.tools]
    return [setup.tool for setup in setups if isinstance(setup.tool, McpTool)]


@st.cache_resource(
    scope="session", max_entries=1, show_spinner=False, on_release=lambda state: state.release()
)
def mcp_session() -> McpSession:
    """Return the servers of this browser session. They are released when the tab is closed."""
    return McpSession()
