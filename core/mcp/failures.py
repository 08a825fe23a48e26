"""Explain why a server could not be connected, or a call not be made."""

from http import HTTPStatus

import httpx2
from mcp import MCPError
from mcp.types import CONNECTION_CLOSED
from pydantic import ValidationError

from core.errors.explain import explain
from core.errors.types import Explanation, PlaygroundError
from core.mcp.servers import HttpServer, McpServer
from core.mcp.supervisor import MAX_LINE
from core.mcp.transport import McpHttpClient

_NOT_MCP = "The server's reply is not that of an MCP server"
_CHECK_URL = "Check the URL: that of most servers ends in /mcp."
_MAX_DETAIL = 1_000
# What the client says of a response without a message.
_STAND_INS = frozenset({"Server returned an error response", "Not Found"})


class ServerEnded(Exception):
    """The program has ended by itself."""


def explain_failure(
    error: BaseException, server: McpServer, client: McpHttpClient | None, *, is_too_long: bool = False
) -> Explanation:
    """Explain *error*, after the last HTTP response to *client*, or a message that *is_too_long*."""
    while isinstance(error, BaseExceptionGroup):  # of the tasks of the client
        error = error.exceptions[0]
    if isinstance(server, HttpServer) and isinstance(error, httpx2.HTTPError):
        return explain(error, base_url=server.url)
    if is_too_long:
        limit = f"The limit is {MAX_LINE // 10**6} MB. Request a smaller result."
        return explain(PlaygroundError("The program sent too large a message and was stopped", limit))
    return explain(_with_hint(error, server, client))


def _with_hint(error: BaseException, server: McpServer, client: McpHttpClient | None) -> BaseException:
    """Return an error that says what to do; one that this module does not know is returned unchanged."""
    if isinstance(error, ServerEnded) or (isinstance(error, MCPError) and error.code == CONNECTION_CLOSED):
        if isinstance(server, HttpServer):
            return PlaygroundError("The server closed the connection", "Reconnect.")
        return PlaygroundError(
            "The program has ended", "Its last output is below. Correct the cause, then reconnect."
        )
    if isinstance(error, TimeoutError):
        return PlaygroundError(
            "The server does not respond", "Check that it is an MCP server, then reconnect."
        )
    detail = str(error)[:_MAX_DETAIL]
    if isinstance(error, MCPError):
        title, hint = _protocol_error(server, client)
        return PlaygroundError(title, hint, detail="" if detail in _STAND_INS else detail)
    if isinstance(error, ValidationError):
        return PlaygroundError(_NOT_MCP, "Check the command or the URL.", detail=detail)
    if isinstance(error, OSError):
        return PlaygroundError("The program could not be started", "The detail says why.", detail=detail)
    return error


def _protocol_error(server: McpServer, client: McpHttpClient | None) -> tuple[str, str]:
    status = client.status if client else None
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        has_token = isinstance(server, HttpServer) and server.token
        if has_token:
            return (
                f"The server rejected the token ({status:d})",
                "Check the token, then add the server again.",
            )
        if client and client.names_oauth_server:
            return (
                f"The server requires a sign-in with OAuth ({status:d})",
                "This app cannot sign in. If the server also accepts a personal access token, add it again "
                "with that as its bearer token.",
            )
        return f"The server requires a token ({status:d})", "Add the server again with a bearer token."
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return f"There is no MCP server at this URL ({status:d})", _CHECK_URL
    if status and 300 <= status < 400:
        return (
            "The server redirects to another URL",
            "Redirects are not followed: add the server with that URL.",
        )
    if status and status >= 400:
        return f"The server reported an error ({status})", _CHECK_URL
    return "The server reported an error", "The detail is the server's message."
