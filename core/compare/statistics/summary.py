"""The statistics of variants in words, for people who do not read tables."""

from collections.abc import Callable, Mapping, Sequence

from core.compare.statistics.variant_statistics import Rate, VariantStatistics


def summarise(statistics: Sequence[VariantStatistics], wins: Mapping[str, Rate] = {}) -> list[str]:
    """Return a sentence for each thing that is worth saying about *statistics*, the most important first.

    *wins* are the comparisons that variants have won, such as by the verdicts of a judge.
    """
    compared = [variant for variant in statistics if variant.done]
    won = [(variant.title, wins[variant.variant_id]) for variant in compared if variant.variant_id in wins]
    sentences = [
        *_best(won, "comparisons", "wins", "win"),
        *_best([(variant.title, variant.checks) for variant in compared], "checks", "passes", "pass"),
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


def _best(rates: Sequence[tuple[str, Rate]], things: str, does: str, do: str) -> list[str]:
    """Say which title *does* the most *things*, such as "passes" and "checks"; two equal ones *do*."""
    ranked = sorted((each for each in rates if each[1].total), key=lambda each: -(each[1].share or 0))
    if len(ranked) < 2:
        return [f"{title} {does} {percent(rate)} of its {things}." for title, rate in ranked]
    (title, first), (next_title, second) = ranked[:2]
    if first.share == second.share:
        return [f"{title} and {next_title} {do} equally many {things}: {percent(first)}."]
    overlap = first.interval[0] <= second.interval[1]
    caution = " Their intervals overlap, so more cases may change the order." if overlap else ""
    before = f"before {next_title} with {second.share or 0:.0%}"
    return [f"{title} {does} the most {things}: {percent(first)}, {before}.{caution}"]


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
