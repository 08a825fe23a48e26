"""A failure of the Errors lab, and what is changed to provoke it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from core.server_kind import ServerKind

DEFAULT_TIMEOUT = 20.0

_ONLY_SANDBOX = "Only the sandbox fails on request."
_ONLY_HTTP = "This server uses HTTPS correctly. Choose one with http://, such as the sandbox."


def with_https(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"https://{parts.netloc}{parts.path}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A failure, and what is changed to provoke it: the client, the request, or the reply of the sandbox.

    *preview* says what will be seen. *fault* is a header of the sandbox. *timeout* is the client's, in
    seconds. Another server than the sandbox can show it if it *works_everywhere*, that of OpenAI also if it
    *works_on_openai*.
    """

    id: str
    group: str
    label: str
    preview: str
    fault: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    api_key: str = ""
    base_url: Callable[[str], str] = lambda url: url
    timeout: float = DEFAULT_TIMEOUT
    prompt_repeats: int = 1
    works_everywhere: bool = False
    works_on_openai: bool = False

    def unavailable_reason(self, kind: ServerKind, base_url: str) -> str:
        """Return why the server at *base_url* cannot show this failure; empty if it can."""
        if kind == "sandbox":
            return ""
        if self.base_url is with_https and not base_url.startswith("http://"):
            return _ONLY_HTTP
        works = self.works_everywhere or (self.works_on_openai and kind == "openai")
        return "" if works else _ONLY_SANDBOX
