"""One reply in a new browser session: the times of its first and last token, and its CPU time."""

from bench.harness import Harness, Sample
from bench.load import Load
from bench.report import (
    MeasureResult,
    ResultRow,
    comparison_row,
    format_ms,
    format_spread,
    median_or_inf,
    medians,
    ratio,
)

_TYPICAL = Load(300, first=200, gap=10)
_PACED = Load(2_000, gap=5)
_BURST = Load(2_000)
# Replies that are measured in each session after its first one.
_SAMPLES = 2


def first_token(harness: Harness, runs: int) -> MeasureResult:
    """The first token of a typical reply, in addition to the time of the SDK alone."""
    baselines, playground, tutorial = _run_interleaved(harness, _TYPICAL, runs)
    floor = median_or_inf(times["first"] for times in baselines)
    playground_ms, tutorial_ms = medians(playground, tutorial, lambda sample: sample.timing.first_token_ms)
    row = ResultRow(
        "first token, over the bare SDK's",
        str(_TYPICAL),
        ratio(playground_ms - floor, tutorial_ms - floor),
        limit=0.25,
        target=0.1,
        playground=f"{format_ms(playground_ms)} (+{playground_ms - floor:.0f})",
        tutorial=f"{format_ms(tutorial_ms)} (+{tutorial_ms - floor:.0f})",
        floor=format_ms(floor),
    )
    return MeasureResult([row], [*baselines, *playground, *tutorial])


def second_reply(harness: Harness, runs: int) -> MeasureResult:
    """The first token of a session's second reply, when all that is loaded once is loaded."""
    apps = (harness.playground, harness.tutorial, harness.untuned_tutorial, harness.floor_page)
    baselines: list[float] = []
    times: list[list[float]] = [[] for _ in apps]
    for _ in range(runs):
        baselines.append(harness.sdk_baseline(_TYPICAL)["first"])
        for app, values in zip(apps, times, strict=True):
            with harness.chromium.tab(app) as tab:
                harness.ask(tab, Load(20))
                values += [harness.ask(tab, _TYPICAL).timing.first_token_ms for _ in range(_SAMPLES)]
    sdk = median_or_inf(baselines)
    metric = "first token of a second reply"
    rows = [
        _second_reply_row(f"{metric}, over the bare SDK's", times, sdk, 1, (0.45, 0.45)),
        # Over the server's own time, because the floor page may be as fast as the SDK.
        _second_reply_row(f"{metric}, to the floor page's", times, _TYPICAL.first, 3, (1.5, 1.2)),
    ]
    return MeasureResult(rows, [{"sdk": baselines, "apps": times}])


def _second_reply_row(
    metric: str, times: list[list[float]], start: float, reference: int, goals: tuple[float, float]
) -> ResultRow:
    """Compare the playground's time after *start* with that of the app with the number *reference*."""
    overheads = [[value - start for value in values] for values in times]
    playground, tutorial, untuned, floor = map(format_spread, overheads)
    figure = ratio(median_or_inf(overheads[0]), median_or_inf(overheads[reference]))
    return ResultRow(
        metric,
        str(_TYPICAL),
        figure,
        *goals,
        playground=playground,
        tutorial=tutorial,
        untuned=untuned,
        floor=floor,
    )


def paced(harness: Harness, runs: int) -> MeasureResult:
    """A long reply at a steady rate: the lag of its last token, and the CPU time."""
    playground, tutorial = [], []
    for _ in range(runs):
        playground.append(harness.visit(harness.playground, _PACED))
        tutorial.append(harness.visit(harness.tutorial, _PACED))
    load = str(_PACED)
    lag = medians(playground, tutorial, lambda sample: sample.lag)
    app_cpu = medians(playground, tutorial, lambda sample: sample.app_cpu)
    browser_cpu = medians(playground, tutorial, lambda sample: sample.browser_cpu)
    rows = [
        comparison_row("lag of the last token behind the server", load, *lag, (0.35, 0.2)),
        comparison_row("app CPU", load, *app_cpu, (0.75, 0.4)),
        comparison_row("browser CPU", load, *browser_cpu, (0.75, 0.6)),
    ]
    return MeasureResult(rows, [*playground, *tutorial])


def frames(harness: Harness, runs: int) -> MeasureResult:
    """The longest time between two animation frames while a reply streams, which a person sees as a jerk."""
    apps = (harness.playground, harness.tutorial, harness.floor_page)
    gaps: list[list[float]] = [[] for _ in apps]
    for _ in range(runs):
        for app, values in zip(apps, gaps, strict=True):
            with harness.chromium.tab(app) as tab:
                values.append(harness.ask(tab, _TYPICAL, frames=True).timing.gap)
    playground, tutorial, floor = map(format_spread, gaps)
    row = ResultRow(
        "longest frame gap",
        str(_TYPICAL),
        median_or_inf(gaps[0]),
        limit=100,  # longer is a stop that a reader sees
        target=50,
        unit="ms",
        playground=playground,
        tutorial=tutorial,
        floor=floor,
    )
    return MeasureResult([row], gaps)


def burst(harness: Harness, runs: int) -> MeasureResult:
    """A long reply without delay: the time from the message to the last token."""
    baselines, playground, tutorial = _run_interleaved(harness, _BURST, runs)
    floor = median_or_inf(times["last"] for times in baselines)
    playground_ms, tutorial_ms = medians(playground, tutorial, lambda sample: sample.timing.last_token_ms)
    load, metric = str(_BURST), "send to last token"
    rows = [
        comparison_row(metric, load, playground_ms, tutorial_ms, (0.65, 0.2)),
        ResultRow(
            f"{metric}, to the bare SDK",
            load,
            ratio(playground_ms, floor),
            1.2,
            1.2,
            playground=format_ms(playground_ms),
            floor=format_ms(floor),
        ),
    ]
    return MeasureResult(rows, [*baselines, *playground, *tutorial])


def _run_interleaved(
    harness: Harness, load: Load, runs: int
) -> tuple[list[dict[str, float]], list[Sample], list[Sample]]:
    baselines, playground, tutorial = [], [], []
    for _ in range(runs):
        baselines.append(harness.sdk_baseline(load))
        playground.append(harness.visit(harness.playground, load))
        tutorial.append(harness.visit(harness.tutorial, load))
    return baselines, playground, tutorial
