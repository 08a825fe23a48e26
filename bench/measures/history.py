"""A question in a conversation that is long already."""

from bench.contenders import RunningApp
from bench.load import Load
from bench.report import MeasureResult, comparison_row, median_or_inf
from bench.seeding import seed
from bench.stage import Harness, Sample

_MESSAGES = 200
_LOAD = Load(300)


def measure(stage: Harness, runs: int) -> MeasureResult:
    """How soon one's own message and the first token stand there."""
    ours, theirs = [], []
    for _ in range(runs):
        conversation = seed(stage.playground.data, stage.base_url, _MESSAGES)
        ours.append(_ask(stage, stage.playground, f"/chat?c={conversation}"))
        theirs.append(_ask(stage, stage.tutorial, f"/?history={_MESSAGES}"))
    owns = [median_or_inf(s.timing.own_message_ms for s in samples) for samples in (ours, theirs)]
    firsts = [median_or_inf(s.timing.first_token_ms for s in samples) for samples in (ours, theirs)]
    load = f"{_MESSAGES} messages before it"
    rows = [
        comparison_row("own message visible", load, owns[0], owns[1], (0.15, 0.05)),
        comparison_row("first token", load, firsts[0], firsts[1], (0.6, 0.3)),
    ]
    return MeasureResult(rows, [*ours, *theirs])


def _ask(stage: Harness, app: RunningApp, path: str) -> Sample:
    with stage.chromium.tab(app, path) as tab:
        tab.page.get_by_text(f"Message {_MESSAGES - 1}.").wait_for()
        tab.page.wait_for_timeout(1_000)
        return stage.ask(tab, _LOAD)
