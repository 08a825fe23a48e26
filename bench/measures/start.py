"""From starting the process to a page that can be used, cold."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.contenders import BENCHMARK_APPS, BenchmarkApp, start_app
from bench.load import Load
from bench.processes import is_listening, memory_mib, wait_until
from bench.report import MeasureResult, ResultRow, comparison_row, median_or_inf, ratio
from bench.stage import Harness


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start to the port and to the page one can type in; MiB of memory then, and after
    the first reply."""

    contender: str
    path: str
    port: float
    page: float
    memory: float
    later: float


def measure(stage: Harness, runs: int) -> MeasureResult:
    """Each time a new process and a new visitor, at the first page and at the chat."""
    starts = [
        _start(stage, contender, path, box)
        for _ in range(runs)
        for contender in BENCHMARK_APPS
        for path, box in (("/", contender.entry), (contender.page, contender.composer))
    ]
    first = [start for start in starts if start.path == "/"]
    chat = [start for start in starts if start.path == PAGES[start.contender]]
    return MeasureResult(
        [
            _row("process start to usable page", "cold, first page", first, (1.0, 0.8)),
            _row("process start to usable chat", "cold, by its address", chat, (1.0, 0.8)),
            _memory("RSS after it", first, lambda start: start.memory),
            _memory("RSS after a reply", chat, lambda start: start.later),
        ],
        starts,
    )


PAGES = {contender.name: contender.page for contender in BENCHMARK_APPS}


def _row(what: str, load: str, starts: list[Start], goals: tuple[float, float]) -> ResultRow:
    pages = [median_or_inf(s.page for s in starts if s.contender == c.name) for c in BENCHMARK_APPS]
    return comparison_row(what, load, pages[0], pages[1], goals)


def _memory(what: str, starts: list[Start], of: Callable[[Start], float]) -> ResultRow:
    found = [median_or_inf(of(s) for s in starts if s.contender == c.name) for c in BENCHMARK_APPS]
    return ResultRow(
        what,
        "cold",
        ratio(found[0], found[1]),
        must=1.15,
        aim=1.0,
        playground=f"{found[0]:.0f} MiB",
        tutorial=f"{found[1]:.0f} MiB",
    )


def _start(stage: Harness, contender: BenchmarkApp, path: str, box: str) -> Start:
    began = time.time() * 1000
    with start_app(contender, stage.base_url) as app:
        wait_until(lambda: is_listening(app.port))
        port = time.time() * 1000
        with stage.chromium.tab(app, path, settle=0, box=box) as tab:
            time.sleep(3)  # what is loaded in the background counts
            memory = memory_mib(app.process.pid)
            if box == contender.composer:
                stage.ask(tab, Load(20))
            later = memory_mib(app.process.pid)
            return Start(contender.name, path, port - began, tab.usable_at - began, memory, later)
