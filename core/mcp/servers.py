"""An MCP server as a person enters it, and whether the operator allows it."""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.client.profile import InvalidProfile, parse_api_key, parse_base_url
from core.errors.types import PlaygroundError

SWITCH = "PLAYGROUND_MCP"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What starts a server rather than being one, and the commands of these programs.
_LAUNCHERS = frozenset({"python", "python3", "node", "npx", "uvx", "uv", "pipx", "bunx", "deno", "docker"})
_LAUNCHER_COMMANDS = frozenset({"run", "exec", "tool"})
_MAX_NAME = 24


class McpAccess(StrEnum):
    """Which servers the operator allows. A stdio server is a program with the rights of the app."""

    OFF = "off"
    HTTP = "http"
    ALL = "all"


class InvalidServer(PlaygroundError):
    """What was entered is no server; the message says why."""


@dataclass(frozen=True, slots=True)
class StdioServer:
    """A program of this computer, started without a shell.

    It gets the variables of the app's environment that are named in *environment*, besides the basic ones.
    """

    name: str
    command: str
    arguments: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        return shlex.join((self.command, *self.arguments))


@dataclass(frozen=True, slots=True)
class HttpServer:
    """A server that is reached by streamable HTTP. *token* is sent to *url* and nowhere else."""

    name: str
    url: str
    token: SecretStr | None = None

    @property
    def address(self) -> str:
        return self.url


McpServer = StdioServer | HttpServer


def mcp_access(environ: Mapping[str, str] = os.environ) -> McpAccess:
    """Return what the operator has set: nothing is allowed by default, and `http` allows no programs."""
    value = environ.get(SWITCH, "").strip().lower()
    if value in ("1", "on", "true", "yes", "all"):
        return McpAccess.ALL
    return McpAccess.HTTP if value == "http" else McpAccess.OFF


def parse_stdio_server(
    command_line: str, variables: str = "", environ: Mapping[str, str] = os.environ
) -> StdioServer:
    """Parse a command line, with quotes as in a shell, and names of environment variables.

    Raises InvalidServer, also if a variable is not set.
    """
    try:
        command, *arguments = shlex.split(command_line, posix=os.name == "posix") or [""]
    except ValueError as error:
        raise InvalidServer(f"The command cannot be read: {error}", "Check its quotes.") from None
    if not command or "\0" in command_line:
        raise InvalidServer("The command is empty", "Enter one like uvx mcp-server-time.")
    names = tuple(dict.fromkeys(variables.replace(",", " ").split()))
    for name in names:
        if not _VARIABLE.fullmatch(name):
            raise InvalidServer(
                "An environment variable has an invalid name", "Enter names only, without = and values."
            )
        if name not in environ:
            raise InvalidServer(
                f"The environment variable {name} is not set", "Set it, then start the app again."
            )
    return StdioServer(_program_name(command, arguments), command, tuple(arguments), names)


def parse_http_server(url: str, token: str = "") -> HttpServer:
    """Parse the URL by the rules of base URLs, and a bearer token. Raises InvalidServer."""
    try:
        parsed = parse_base_url(url)
        key = parse_api_key(token)
    except InvalidProfile as error:
        raise InvalidServer(str(error).replace("base URL", "URL"), error.hint) from None
    # Unlike a base URL, nothing is added to it: a server that listens on /mcp/ need not have the path /mcp.
    if url.strip().endswith("/"):
        parsed += "/"
    host = urlsplit(parsed).netloc
    return HttpServer(host[:_MAX_NAME], parsed, key)


def _program_name(command: str, arguments: list[str]) -> str:
    """Return what the program is called: the package or script, if a launcher runs it."""
    name = PurePath(command).stem
    if name.lower() in _LAUNCHERS:
        words = (word for word in arguments if not word.startswith("-") and word not in _LAUNCHER_COMMANDS)
        name = PurePath(next(words, command)).name
    return name.removesuffix(".py").removesuffix(".js")[:_MAX_NAME] or "server"
