"""The apps that are compared, each started like a new installation."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.processes import clean_environment, free_port, is_listening, run_process, wait_until

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class BenchmarkApp:
    """An app, the path of its chat page, and the CSS selectors of its composer and messages.

    *entry* is the selector of the text input on the first page, *launcher* what Python runs the script with.
    """

    name: str
    script: Path
    page: str
    composer: str
    messages: str
    entry: str
    options: Sequence[str] = ()
    launcher: Sequence[str] = ("-m", "streamlit", "run")


PLAYGROUND = BenchmarkApp(
    "playground",
    ROOT / "app.py",
    "/chat",
    ".composer textarea",
    ".message[data-role=assistant] .body",
    "input[aria-label=Question]",
)
_CHAT_INPUT = "[data-testid=stChatInputTextArea]"
_CHAT_MESSAGE = "[data-testid=stChatMessage]"
_TUTORIAL_OPTIONS = (
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--browser.gatherUsageStats=false",
)

# As fast as Streamlit can be: with uvloop and httptools, which it uses if installed, and no file watcher.
TUTORIAL = BenchmarkApp(
    "tutorial",
    ROOT / "bench" / "tutorial" / "app.py",
    "/",
    _CHAT_INPUT,
    _CHAT_MESSAGE,
    _CHAT_INPUT,
    (*_TUTORIAL_OPTIONS, "--server.fileWatcherType=none"),
)
# As `pip install streamlit openai` and `streamlit run` start it.
UNTUNED_TUTORIAL = replace(
    TUTORIAL,
    name="untuned tutorial",
    options=_TUTORIAL_OPTIONS,
    launcher=(str(ROOT / "bench" / "tutorial" / "untuned.py"), "run"),
)
# The least that a chat in a browser can be.
FLOOR_PAGE = BenchmarkApp(
    "floor page", ROOT / "bench" / "floor" / "app.py", "/", "textarea", ".message", "textarea", launcher=()
)
BENCHMARK_APPS = (PLAYGROUND, TUTORIAL, UNTUNED_TUTORIAL, FLOOR_PAGE)


@dataclass(frozen=True, slots=True)
class RunningApp:
    """A running app, with its port and its data directory."""

    definition: BenchmarkApp
    process: "subprocess.Popen[bytes]"
    port: int
    data: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def start_app(app: BenchmarkApp, upstream: str) -> Iterator[RunningApp]:
    """Start the app with *upstream* as its OpenAI server and an empty data directory."""
    port = free_port()
    command = [sys.executable, *app.launcher, app.script.name, f"--server.port={port}"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        env = clean_environment(OPENAI_BASE_URL=upstream, OPENAI_API_KEY="sk-bench", PLAYGROUND_DATA_DIR=data)
        with run_process([*command, *app.options], env, app.script.parent) as process:
            yield RunningApp(app, process, port, Path(data))


@contextmanager
def start_ready_app(app: BenchmarkApp, upstream: str) -> Iterator[RunningApp]:
    """Start the app, and wait until it accepts connections."""
    with start_app(app, upstream) as running_app:
        wait_until(lambda: is_listening(running_app.port))
        yield running_app
