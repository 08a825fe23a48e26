"""The statistics of variants in words, for people who do not read tables."""

from collections.abc import Callable, Sequence

from core.compare.statistics import Rate, VariantStatistics


def summarise(statistics: Sequence[VariantStatistics]) -> list[str]:
    """Return a sentence for each thing that is worth saying about *statistics*, the most important first."""
    compared = [variant for variant in statistics if variant.done]
    sentences = [
        *_quality(compared),
        *_lowest(
            compared,
            lambda variant: variant.total.median if variant.total else None,
            "is the fastest",
            seconds,
        ),
        *_lowest(
            compared,
            lambda variant: None if variant.cost_per_1000 is None else float(variant.cost_per_1000),
            "is the cheapest",
            lambda cost: f"{dollars(cost)} per 1,000 calls",
        ),
    ]
    failures = [
        f"{variant.title} in {variant.failures:,} of {variant.cells:,}"
        for variant in statistics
        if variant.failures
    ]
    agreements = [
        f"{variant.agreement:.0%} of the repetitions with {variant.title}"
        for variant in compared
        if variant.agreement is not None and variant.agreement < 1
    ]
    if failures:
        sentences.append(f"Calls failed: {', '.join(failures)}.")
    if agreements:
        sentences.append(f"Answers to the same case differ: the most frequent is {', '.join(agreements)}.")
    return sentences


def percent(rate: Rate) -> str:
    """Write a rate with its numbers and its 95% interval."""
    low, high = rate.interval
    return (
        f"{rate.share or 0:.0%} ({rate.successes:,} of {rate.total:,}, 95% interval {low:.0%} to {high:.0%})"
    )


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def dollars(value: float) -> str:
    """Write an amount with at least two significant digits."""
    return f"${value:,.2f}" if value >= 0.1 or not value else f"${value:.2g}"


def _quality(statistics: Sequence[VariantStatistics]) -> list[str]:
    ranked = sorted(
        (variant for variant in statistics if variant.checks.total),
        key=lambda variant: variant.checks.share or 0,
        reverse=True,
    )
    if len(ranked) < 2:
        return [f"{variant.title} passes {percent(variant.checks)} of its checks." for variant in ranked]
    first, second = ranked[:2]
    if first.checks.share == second.checks.share:
        return [f"{first.title} and {second.title} pass equally many checks: {percent(first.checks)}."]
    overlap = first.checks.interval[0] <= second.checks.interval[1]
    caution = " Their intervals overlap, so more cases may change the order." if overlap else ""
    return [
        f"{first.title} passes the most checks: {percent(first.checks)}, "
        f"before {second.title} with {second.checks.share or 0:.0%}.{caution}"
    ]


def _lowest(
    statistics: Sequence[VariantStatistics],
    value: Callable[[VariantStatistics], float | None],
    predicate: str,
    text: Callable[[float], str],
) -> list[str]:
    known = sorted(
        ((amount, variant.title) for variant in statistics if (amount := value(variant)) is not None),
        key=lambda pair: pair[0],
    )
    if len(known) < 2 or known[0][0] == known[1][0]:
        return []
    (lowest, title), (next_lowest, next_title) = known[:2]
    less = f", {1 - lowest / next_lowest:.0%} less than {next_title}" if next_lowest else ""
    return [f"{title} {predicate}: {text(lowest)}{less}."]
