"""Everything that a measure needs: the upstream server, the browser, the apps, and one way to ask."""

import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench.browser import Chromium, ReplyTiming, Tab, chromium
from bench.contenders import (
    BENCHMARK_APPS,
    PLAYGROUND,
    ROOT,
    TUTORIAL,
    BenchmarkApp,
    RunningApp,
    start_ready_app,
)
from bench.load import Load
from bench.processes import (
    clean_environment,
    cpu_since,
    cpu_times,
    free_port,
    is_listening,
    run_process,
    wait_until,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One reply: what the page saw of it, and what it took. Times and CPU in ms; `lag` is how long after the
    server sent the last token the page had it."""

    contender: str
    timing: ReplyTiming
    lag: float | None
    app_cpu: float
    browser_cpu: float
    whole: bool


@dataclass(slots=True)
class Harness:
    """Where the contenders meet."""

    base_url: str
    chromium: Chromium
    apps: dict[str, RunningApp] = field(default_factory=dict)
    _marks: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def playground(self) -> RunningApp:
        return self.apps[PLAYGROUND.name]

    @property
    def tutorial(self) -> RunningApp:
        return self.apps[TUTORIAL.name]

    def set_load(self, load: Load) -> Load:
        """Make *load* what the server answers from now on; returned with a mark of its own."""
        marked = replace(load, mark=next(self._marks))
        wanted = {name: getattr(marked, name) for name in ("tokens", "first", "gap", "mark")}
        _call(f"{self._server}/load", wanted)
        return marked

    def last_token_sent_at(self) -> float:
        """When the server sent the last token of the newest reply, in ms since the epoch."""
        last: float = _call(f"{self._server}/sent")[-1]["last"]
        return last * 1000

    def ask(self, tab: Tab, load: Load, *, patience: float | None = None, frames: bool = False) -> Sample:
        """Ask for *load* in *tab*, and wait."""
        load = self.set_load(load)
        app, browser = tab.app.process.pid, self.chromium.pid
        before = cpu_times(app), cpu_times(browser)
        tab.send(load, frames=frames)
        seen = tab.result(patience or 60 + load.server_ms / 1000)
        used = cpu_since(app, before[0]), cpu_since(browser, before[1])
        lag = None if seen.last is None else seen.last - self.last_token_sent_at()
        return Sample(tab.app.definition.name, seen, lag, *used, tab.shows_reply(load))

    def visit(self, app: RunningApp, load: Load, path: str | None = None) -> Sample:
        """Ask for *load* as a new visitor."""
        with self.chromium.tab(app, path) as tab:
            return self.ask(tab, load)

    def sdk_baseline(self, load: Load) -> dict[str, float]:
        """What the bare SDK takes, in ms to the first and to the last token."""
        self.set_load(load)
        env = clean_environment(OPENAI_BASE_URL=self.base_url, OPENAI_API_KEY="sk-bench")
        command = [sys.executable, "-m", "bench.floor"]
        done = subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        times: dict[str, float] = json.loads(done.stdout)
        return times

    @property
    def _server(self) -> str:
        return self.base_url.removesuffix("/v1")


def _call(url: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data)) as response:
        return json.load(response)


@contextmanager
def upstream() -> Iterator[str]:
    """Run the upstream server; the value is its base URL."""
    port = free_port()
    with run_process([sys.executable, "-m", "bench.upstream", str(port)], clean_environment(), ROOT):
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def start_harness(contenders: tuple[BenchmarkApp, ...] = BENCHMARK_APPS) -> Iterator[Harness]:
    """Start everything, and let each app answer once."""
    with ExitStack() as stack:
        found = Harness(stack.enter_context(upstream()), stack.enter_context(chromium()))
        for contender in contenders:
            app = stack.enter_context(start_ready_app(contender, found.base_url))
            found.apps[contender.name] = app
            found.visit(app, Load(20))
        yield found
