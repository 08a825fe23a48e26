"""The apps that are compared, each started as a newcomer would start it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import environment, free_port, listens, running, wait_until

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Contender:
    """An app, and where its page has the chat: CSS selectors of the box to type in and of the messages.

    The *entry* is the box to type in on its first page, at the root.
    """

    name: str
    script: Path
    page: str
    composer: str
    messages: str
    entry: str
    options: Sequence[str] = ()


PLAYGROUND = Contender(
    "playground",
    ROOT / "app.py",
    "/chat",
    ".composer textarea",
    ".message[data-role=assistant] .body",
    "input[aria-label=Question]",
)
TUTORIAL = Contender(
    "tutorial",
    ROOT / "bench" / "tutorial" / "app.py",
    "/",
    "[data-testid=stChatInputTextArea]",
    "[data-testid=stChatMessage]",
    "[data-testid=stChatInputTextArea]",
    ("--server.headless=true", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"),
)
CONTENDERS = (PLAYGROUND, TUTORIAL)


@dataclass(frozen=True, slots=True)
class App:
    """A contender that runs."""

    contender: Contender
    process: "subprocess.Popen[bytes]"
    port: int
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def started(contender: Contender, upstream: str) -> Iterator[App]:
    """Start the app with the upstream server in its environment and an empty data directory."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", contender.script.name, f"--server.port={port}"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        env = environment(OPENAI_BASE_URL=upstream, OPENAI_API_KEY="sk-bench", PLAYGROUND_DATA_DIR=data)
        with running([*command, *contender.options], env, contender.script.parent) as process:
            yield App(contender, process, port, Path(data))


@contextmanager
def ready(contender: Contender, upstream: str) -> Iterator[App]:
    """As `started`, and wait until it accepts connections."""
    with started(contender, upstream) as app:
        wait_until(lambda: listens(app.port))
        yield app
