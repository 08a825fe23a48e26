"""A message in a long conversation."""

from bench.apps import RunningApp
from bench.harness import Harness, Sample
from bench.load import Load
from bench.report import MeasureResult, comparison_row, medians
from bench.seed_conversation import seed

_MESSAGES = 200
_LOAD = Load(300)


def measure(harness: Harness, runs: int) -> MeasureResult:
    """The time until the own message and the first token are displayed."""
    playground, tutorial = [], []
    for _ in range(runs):
        conversation = seed(harness.playground.data, harness.base_url, _MESSAGES)
        playground.append(_send(harness, harness.playground, f"/chat?c={conversation}"))
        tutorial.append(_send(harness, harness.tutorial, f"/?history={_MESSAGES}"))
    own_message = medians(playground, tutorial, lambda sample: sample.timing.own_message_ms)
    first_token = medians(playground, tutorial, lambda sample: sample.timing.first_token_ms)
    load = f"{_MESSAGES} messages before it"
    rows = [
        comparison_row("own message visible", load, *own_message, (0.15, 0.05)),
        comparison_row("first token", load, *first_token, (0.6, 0.3)),
    ]
    return MeasureResult(rows, [*playground, *tutorial])


def _send(harness: Harness, app: RunningApp, path: str) -> Sample:
    with harness.chromium.tab(app, path) as tab:
        tab.page.get_by_text(f"Message {_MESSAGES - 1}.").wait_for()
        tab.page.wait_for_timeout(1_000)
        return harness.ask(tab, _LOAD)
