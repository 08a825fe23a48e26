"""A connection to an MCP server: it starts, lists tools, calls them, and ends with all its processes."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any
from uuid import uuid4

import anyio
from mcp import Client, MCPError
from mcp.client.session import IncomingMessage
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
from mcp.types import CONNECTION_CLOSED, Implementation, ToolListChangedNotification

from core.errors.types import Explanation, PlaygroundError
from core.mcp import supervisor
from core.mcp.failures import ServerEnded, explain_failure
from core.mcp.servers import HttpServer, McpServer
from core.mcp.tools import ToolList, list_tools, result_value
from core.mcp.transport import READ_TIMEOUT, McpHttpClient, ServerLog, open_program, open_url

# A package that `npx` or `uvx` downloads first takes a while.
_CONNECT_TIMEOUT = 60.0
_LIST_TIMEOUT = 30.0
_LISTEN_TIMEOUT = 5.0
# Seconds between two lists of a server that reports changes all the time.
_REFRESH_INTERVAL = 1.0
_SESSION_LOST = (401, 403, 404)


class ConnectionState(StrEnum):
    """The state of a connection. A failed one connects again with the next call; a closed one does not."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    FAILED = "failed"
    CLOSED = "closed"


class McpConnection:
    """Attributes may be read from any thread; methods run on the event loop. *problem* explains a failure."""

    def __init__(self, server: McpServer, connect_timeout: float = _CONNECT_TIMEOUT) -> None:
        self.id = uuid4().hex
        self.server = server
        self.state = ConnectionState.CONNECTING
        self.listed = ToolList()
        self.problem: Explanation | None = None
        self._connect_timeout = connect_timeout
        self._log = ServerLog()
        self._client: Client | None = None
        self._http: McpHttpClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._scope: anyio.CancelScope | None = None
        self._program_ended = False
        self._changed = asyncio.Event()
        self._connected = asyncio.Event()

    @property
    def log_text(self) -> str:
        """The last lines that the program has written to standard error."""
        return self._log.text

    def start(self) -> None:
        """Connect in the background, unless that is under way."""
        if self.state is ConnectionState.CLOSED or (self._task and not self._task.done()):
            return
        self.state, self.problem = ConnectionState.CONNECTING, None
        self._connected.clear()
        self._scope = anyio.CancelScope()
        self._task = asyncio.create_task(self._run(self._scope), name=f"mcp-{self.id}")

    async def connect(self) -> None:
        """Connect, ending the previous connection first. A failure is a state with a *problem*."""
        if self.state is not ConnectionState.CLOSED:
            self.state, self.problem = ConnectionState.CONNECTING, None
        await self._end()
        self.start()
        await self._connected.wait()

    async def close(self) -> None:
        """End the connection, and the program with its child processes, for good."""
        self.state = ConnectionState.CLOSED
        await self._end()

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Return the result for the model. Raises ToolFailed, and PlaygroundError if the server fails."""
        client = await self._connected_client()
        scope, task = self._scope, self._task
        try:
            result = await client.call_tool(name, dict(arguments), read_timeout_seconds=READ_TIMEOUT)
        except MCPError as error:
            is_lost = error.code == CONNECTION_CLOSED or (self._http and self._http.status in _SESSION_LOST)
            if is_lost and scope and task:
                scope.cancel()
                await asyncio.wait([task])  # and for the last output of the program
            problem = self._explain(error)
            if is_lost and task is self._task:
                self._fail(problem)
            raise PlaygroundError(f"{problem.title}: {problem.detail}".removesuffix(": ")) from error
        return result_value(result)

    async def _connected_client(self) -> Client:
        if self._client is None and self._task and self._connected.is_set():
            await asyncio.wait([self._task])  # a lost connection that is about to end
        self.start()
        await self._connected.wait()
        if self._client is None:
            title = self.problem.title if self.problem else "The connection to the MCP server is closed"
            raise PlaygroundError(title, self.problem.hint if self.problem else "Add the server again.")
        return self._client

    async def _end(self) -> None:
        scope, self._scope, self._client = self._scope, None, None
        if scope:
            scope.cancel()
        if self._task:
            await asyncio.wait([self._task])

    def _explain(self, error: Exception) -> Explanation:
        return explain_failure(
            error, self.server, self._http, is_too_long=supervisor.TOO_LONG in self._log.text
        )

    def _fail(self, problem: Explanation) -> None:
        if self.state is not ConnectionState.CLOSED:
            self.state, self.problem = ConnectionState.FAILED, problem

    async def _run(self, scope: anyio.CancelScope) -> None:
        """Hold the connection until it is closed or lost: it must be left by the task that entered it."""
        error: Exception = TimeoutError()
        self._program_ended = False
        try:
            with scope:
                scope.deadline = anyio.current_time() + self._connect_timeout
                async with self._new_client(scope) as client:
                    await self._follow(client, scope)
        except Exception as raised:  # noqa: BLE001 - nobody awaits this; `explain` logs bugs, and the page shows it
            error = raised
        finally:
            self._client = None
            await asyncio.to_thread(self._log.wait)
            if self._program_ended and not isinstance(error, PlaygroundError):
                error = ServerEnded()
            if scope is self._scope:  # ended by itself
                self._fail(self._explain(error))
            self._connected.set()

    async def _follow(self, client: Client, scope: anyio.CancelScope) -> None:
        """List the tools, and again whenever they change, until *scope* is cancelled."""
        # The patterns of an output schema, which is untrusted, can take exponential time.
        setattr(client.session, "validate_tool_result", _accept_result)  # noqa: B010 - a method
        async with anyio.create_task_group() as group:
            listening = asyncio.Event()
            group.start_soon(self._listen, client, listening)
            await listening.wait()
            self.listed = await list_tools(client)
            scope.deadline = math.inf
            self._client, self.state = client, ConnectionState.CONNECTED
            self._connected.set()
            while True:
                await self._changed.wait()
                self._changed.clear()
                with suppress(MCPError):  # the next call will fail too, and show its error
                    self.listed = await list_tools(client)
                await asyncio.sleep(_REFRESH_INTERVAL)

    def _new_client(self, scope: anyio.CancelScope) -> Client:
        loop = asyncio.get_running_loop()

        def on_program_end() -> None:
            self._program_ended = not scope.cancel_called
            if not loop.is_closed():
                loop.call_soon_threadsafe(scope.cancel)

        if isinstance(self.server, HttpServer):
            self._http = McpHttpClient(self.server)
            transport = open_url(self.server, self._http)
        else:
            transport = open_program(self.server, self._log, on_program_end)
        return Client(
            transport,
            read_timeout_seconds=_LIST_TIMEOUT,
            message_handler=self._on_message,
            client_info=Implementation(name="openai-sdk-playground", version="1"),
            cache=None,
        )

    async def _on_message(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self._changed.set()

    async def _listen(self, client: Client, listening: asyncio.Event) -> None:
        """Listen for changes of the tools: servers of the newest protocol version report them only then."""
        # Older servers report them without being asked; others never do.
        with suppress(ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError):
            with anyio.fail_after(_LISTEN_TIMEOUT) as timeout:
                async with client.listen(tools_list_changed=True) as changes:
                    timeout.deadline = math.inf
                    listening.set()
                    async for _ in changes:
                        self._changed.set()
        listening.set()


async def _accept_result(name: str, result: object) -> None:
    del name, result
