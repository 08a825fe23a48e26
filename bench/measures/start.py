"""A cold start: the time from starting the process to a usable page, and its memory."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.apps import PLAYGROUND, TUTORIAL, UNTUNED_TUTORIAL, BenchmarkApp, start_app
from bench.harness import Harness
from bench.load import Load
from bench.processes import is_listening, memory_mib, wait_until
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf, ratio

_APPS = (PLAYGROUND, TUTORIAL, UNTUNED_TUTORIAL)
_CHAT_PATHS = {app.name: app.page for app in _APPS}


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds until the port is open and the page is usable; memory in MiB then and after a reply."""

    app: str
    path: str
    port: float
    page: float
    memory: float
    memory_after_reply: float


def measure(harness: Harness, runs: int) -> MeasureResult:
    """Start a new process with a new browser session each time, on the first page and on the chat page."""
    starts = [
        _measure_start(harness, app, path, selector)
        for _ in range(runs)
        for app in _APPS
        for path, selector in (("/", app.entry), (app.page, app.composer))
    ]
    first = [start for start in starts if start.path == "/"]
    chat = [start for start in starts if start.path == _CHAT_PATHS[start.app]]
    return MeasureResult(
        [
            _time_row("process start to usable page", "cold, first page", first, (1.0, 0.85)),
            _time_row("process start to usable chat", "cold, by its address", chat, (1.0, 0.85)),
            _memory_row("RSS after it", first, lambda start: start.memory),
            _memory_row("RSS after a reply", chat, lambda start: start.memory_after_reply),
        ],
        starts,
    )


def _measure_start(harness: Harness, app: BenchmarkApp, path: str, selector: str) -> Start:
    started = time.time() * 1000
    with start_app(app, harness.base_url) as running_app:
        wait_until(lambda: is_listening(running_app.port))
        port = time.time() * 1000
        with harness.chromium.tab(running_app, path, settle=0, selector=selector) as tab:
            # Time for metric is loaded in the background, which counts too.
            time.sleep(3)
            memory = memory_mib(running_app.process.pid)
            if selector == app.composer:
                harness.ask(tab, Load(20))
            after_reply = memory_mib(running_app.process.pid)
            return Start(app.name, path, port - started, tab.usable_at - started, memory, after_reply)


def _time_row(metric: str, load: str, starts: list[Start], goals: tuple[float, float]) -> ResultRow:
    playground, tutorial, untuned = (
        [start.page for start in starts if start.app == app.name] for app in _APPS
    )
    return ResultRow(
        metric,
        load,
        ratio(median_or_inf(playground), median_or_inf(tutorial)),
        *goals,
        playground=format_spread(playground),
        tutorial=format_spread(tutorial),
        untuned=format_spread(untuned),
    )


def _memory_row(metric: str, starts: list[Start], get_memory: Callable[[Start], float]) -> ResultRow:
    playground, tutorial, untuned = (
        median_or_inf(get_memory(start) for start in starts if start.app == app.name) for app in _APPS
    )
    return ResultRow(
        metric,
        "cold",
        ratio(playground, tutorial),
        limit=1.15,
        target=1.0,
        playground=f"{playground:.0f} MiB",
        tutorial=f"{tutorial:.0f} MiB",
        untuned=f"{untuned:.0f} MiB",
    )
