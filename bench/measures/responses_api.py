"""Chat by the Responses API beside Chat by Chat Completions: the same tokens at the same times."""

from bench.browser import Tab
from bench.harness import Harness, Sample
from bench.load import Load
from bench.report import MeasureResult, ResultRow, format_spread, median_or_inf, ratio

_TYPICAL = Load(300, first=200, gap=10)
_BURST = Load(2_000)
_APIS = {"Chat Completions": "/chat/completions", "Responses": "/responses"}
# Replies of each load in a session, after one that is not measured.
_SAMPLES = 2
_GOALS = (1.1, 1.0)


def measure(harness: Harness, runs: int) -> MeasureResult:
    """The first token of a typical reply and the last one of a long one by each API, in turn."""
    samples: dict[str, list[tuple[Sample, Sample]]] = {api: [] for api in _APIS}
    for _ in range(runs):
        for api in _APIS:
            with harness.chromium.tab(harness.playground) as tab:
                _choose(tab, api)
                harness.ask(tab, Load(20))
                assert harness.last_requested_path().endswith(_APIS[api])
                for _ in range(_SAMPLES):
                    samples[api].append((harness.ask(tab, _TYPICAL), harness.ask(tab, _BURST)))
    completions, responses = (samples[api] for api in _APIS)
    return MeasureResult(
        [
            _row(
                "first token by Responses, to Chat Completions'",
                _TYPICAL,
                [typical.timing.first_token_ms for typical, _ in responses],
                [typical.timing.first_token_ms for typical, _ in completions],
            ),
            _row(
                "send to last token by Responses, to Chat Completions'",
                _BURST,
                [burst.timing.last_token_ms for _, burst in responses],
                [burst.timing.last_token_ms for _, burst in completions],
            ),
        ],
        [samples],
    )


def _row(metric: str, load: Load, responses: list[float], completions: list[float]) -> ResultRow:
    return ResultRow(
        metric,
        str(load),
        ratio(median_or_inf(responses), median_or_inf(completions)),
        *_GOALS,
        playground=f"{format_spread(responses)}, by Chat Completions {format_spread(completions)}",
    )


def _choose(tab: Tab, api: str) -> None:
    """Choose *api* in the menu of the parameters, and close it."""
    menu = tab.page.locator(".st-key-chat-parameters button").first
    choice = tab.page.get_by_role("radio", name=api, exact=True)
    menu.click()
    choice.click()
    tab.page.wait_for_timeout(1_000)  # until the page has run again
    menu.click()
    choice.wait_for(state="hidden")
