"""What every measure needs: the upstream server, the browser, the apps, and a way to send a message."""

import itertools
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bench.apps import (
    BENCHMARK_APPS,
    FLOOR_PAGE,
    PLAYGROUND,
    ROOT,
    TUTORIAL,
    UNTUNED_TUTORIAL,
    BenchmarkApp,
    RunningApp,
    start_ready_app,
)
from bench.browser import Chromium, ReplyTiming, Tab, chromium
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
    """One reply: when it was displayed, and the CPU time that it took. All times in milliseconds.

    `lag` is the time from the server sending the last token to the page displaying it.
    """

    app: str
    timing: ReplyTiming
    lag: float | None
    app_cpu: float
    browser_cpu: float
    complete: bool


@dataclass(slots=True)
class Harness:
    """The running apps, the browser that opens them, and the server that they send requests to."""

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

    @property
    def untuned_tutorial(self) -> RunningApp:
        return self.apps[UNTUNED_TUTORIAL.name]

    @property
    def floor_page(self) -> RunningApp:
        return self.apps[FLOOR_PAGE.name]

    def set_load(self, load: Load) -> Load:
        """Set the reply of the server from now on. Return *load* with a new mark."""
        marked_load = replace(load, mark=next(self._marks))
        values = {name: getattr(marked_load, name) for name in ("tokens", "first", "gap", "mark")}
        _call(f"{self._server}/load", values)
        return marked_load

    def last_token_sent_at(self) -> float:
        """The time at which the server sent the last token of the latest reply, in ms since the epoch."""
        last: float = self._last_sent()["last"]
        return last * 1000

    def last_requested_path(self) -> str:
        """The path of the latest request for a reply."""
        path: str = self._last_sent()["path"]
        return path

    def _last_sent(self) -> dict[str, Any]:
        sent: dict[str, Any] = _call(f"{self._server}/sent")[-1]
        return sent

    def ask(self, tab: Tab, load: Load, *, timeout: float | None = None, frames: bool = False) -> Sample:
        """Send a message in *tab* that is answered with *load*, and wait for the reply."""
        load = self.set_load(load)
        app_pid, browser_pid = tab.app.process.pid, self.chromium.pid
        app_before, browser_before = cpu_times(app_pid), cpu_times(browser_pid)
        tab.send(load, frames=frames)
        timing = tab.result(timeout or 60 + load.server_ms / 1000)
        app_cpu, browser_cpu = cpu_since(app_pid, app_before), cpu_since(browser_pid, browser_before)
        lag = None if timing.last is None else timing.last - self.last_token_sent_at()
        return Sample(tab.app.definition.name, timing, lag, app_cpu, browser_cpu, tab.shows_reply(load))

    def visit(self, app: RunningApp, load: Load, path: str | None = None) -> Sample:
        """Send a message in a new browser session, and wait for the reply."""
        with self.chromium.tab(app, path) as tab:
            return self.ask(tab, load)

    def sdk_baseline(self, load: Load) -> dict[str, float]:
        """Measure the SDK alone: milliseconds to the first and to the last token."""
        self.set_load(load)
        env = clean_environment(OPENAI_BASE_URL=self.base_url, OPENAI_API_KEY="sk-bench")
        command = [sys.executable, "-m", "bench.sdk_baseline"]
        process = subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        times: dict[str, float] = json.loads(process.stdout)
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
    """Run the upstream server, and yield its base URL."""
    port = free_port()
    with run_process([sys.executable, "-m", "bench.upstream", str(port)], clean_environment(), ROOT):
        wait_until(lambda: is_listening(port))
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def start_harness(apps: tuple[BenchmarkApp, ...] = BENCHMARK_APPS) -> Iterator[Harness]:
    """Start everything, and send one message in each app."""
    with ExitStack() as stack:
        harness = Harness(stack.enter_context(upstream()), stack.enter_context(chromium()))
        for app in apps:
            running_app = stack.enter_context(start_ready_app(app, harness.base_url))
            harness.apps[app.name] = running_app
            # The first reply of a process imports modules, so it is not measured.
            harness.visit(running_app, Load(20))
        yield harness
