"""From starting the process to a page that can be used, cold."""

import time
from dataclasses import dataclass

from bench.contenders import CONTENDERS, Contender, started
from bench.processes import listens, resident, wait_until
from bench.report import Outcome, Row, compared, middle, ratio
from bench.stage import Stage


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds from the start to the port and to the usable page, and MiB of memory then."""

    contender: str
    port: float
    page: float
    memory: float


def measure(stage: Stage, runs: int) -> Outcome:
    """Each time a new process and a new visitor."""
    starts = [_start(stage, contender) for _ in range(runs) for contender in CONTENDERS]
    pages = [middle(s.page for s in starts if s.contender == c.name) for c in CONTENDERS]
    memories = [middle(s.memory for s in starts if s.contender == c.name) for c in CONTENDERS]
    memory = Row(
        "RSS after it",
        "cold",
        ratio(memories[0], memories[1]),
        must=1.15,
        aim=1.0,
        playground=f"{memories[0]:.0f} MiB",
        tutorial=f"{memories[1]:.0f} MiB",
    )
    page = compared("process start to usable page", "cold", pages[0], pages[1], (1.0, 0.8))
    return Outcome([page, memory], starts)


def _start(stage: Stage, contender: Contender) -> Start:
    began = time.monotonic()
    with started(contender, stage.base_url) as app:
        wait_until(lambda: listens(app.port))
        port = time.monotonic() - began
        with stage.chromium.tab(app, settle=0):
            page = time.monotonic() - began
            time.sleep(2)
            return Start(contender.name, port * 1000, page * 1000, resident(app.process.pid))
