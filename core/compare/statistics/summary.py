"""The statistics of variants in words, for people who do not read tables."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise, product

from core.compare.statistics.variant_statistics import Rate, VariantStatistics

_Titled = Sequence[tuple[str, Rate]]


def summarise(statistics: Sequence[VariantStatistics], wins: Mapping[str, Rate] = {}) -> list[str]:
    """Return a sentence for each thing that is worth saying about *statistics*, the most important first.

    *wins* are the comparisons that variants have won, such as by the verdicts of a judge.
    """
    compared = [variant for variant in statistics if variant.done]
    won = [(variant.title, wins[variant.variant_id]) for variant in compared if variant.variant_id in wins]
    sentences = [
        *_ranked(won, "comparisons", "wins", "win"),
        *_ranked([(variant.title, variant.checks) for variant in compared], "checks", "passes", "pass"),
        *_lowest(
            [(variant.title, variant.total.median if variant.total else None) for variant in compared],
            ("fastest", "equally fast"),
            seconds,
        ),
        *_lowest(
            [(variant.title, _float(variant.cost_per_1000)) for variant in compared],
            ("cheapest", "equally cheap"),
            dollars,
            " per 1,000 calls",
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


def _ranked(rates: _Titled, things: str, does: str, do: str) -> list[str]:
    """Name all titles in the order of their shares of *things*, such as "checks", of which one "passes" some.

    Several of them *do* what one *does*.
    """
    by_share: dict[float, list[tuple[str, Rate]]] = {}
    for title, rate in rates:
        if rate.share is not None:
            by_share.setdefault(rate.share, []).append((title, rate))
    groups = [by_share[share] for share in sorted(by_share, reverse=True)]
    if not groups:
        return []
    first, *others = groups
    names, verb = _names(first), does if len(first) == 1 else do
    if not others and len(first) == 1:
        return [f"{names} {verb} {percent(first[0][1])} of its {things}."]
    if not others:
        return [f"{names} {verb} the same share of {things}: {_figures(first)}."]
    overlap = any(
        rate.interval[0] <= lower.interval[1]
        for group, next_group in pairwise(groups)
        for (_, rate), (_, lower) in product(group, next_group)
    )
    caution = " Intervals overlap, so more cases may change the order." if overlap else ""
    after = ", then ".join(f"{_names(group)} with {_counts(group)}" for group in others)
    return [f"{names} {verb} the largest share of {things}: {_figures(first)}, before {after}.{caution}"]


def _names(titled: Sequence[tuple[str, object]]) -> str:
    *others, last = (title for title, _ in titled)
    return f"{', '.join(others)} and {last}" if others else last


def _figures(rates: _Titled) -> str:
    """Write equal shares with their interval, if they are of equally many things."""
    return percent(rates[0][1]) if len({rate for _, rate in rates}) == 1 else _counts(rates)


def _counts(rates: _Titled) -> str:
    counts = dict.fromkeys(f"{rate.successes:,} of {rate.total:,}" for _, rate in rates)
    return f"{rates[0][1].share or 0:.0%} ({', '.join(counts)})"


def _lowest(
    values: Sequence[tuple[str, float | None]],
    words: tuple[str, str],
    text: Callable[[float], str],
    unit: str = "",
) -> list[str]:
    """Name all titles in the order of their *values*, and those without one.

    Of the *words*, the first is what the lowest is, such as "fastest", the second what all are if none is.
    """
    known = [(title, value) for title, value in values if value is not None]
    unknown = [(title, value) for title, value in values if value is None]
    if len(known) < 2:
        return []
    by_text: dict[str, list[tuple[str, float]]] = {}
    for title, value in sorted(known, key=lambda pair: pair[1]):
        # What is written the same is a tie, whatever its other digits are.
        by_text.setdefault(text(value), []).append((title, value))
    (shown, first), *others = by_text.items()
    not_known = f" Not known for {_names(unknown)}." if unknown else ""
    if not others:
        return [f"{_names(first)} are {words[1]}: {shown}{unit}.{not_known}"]
    verb = "is" if len(first) == 1 else "are"
    next_lowest = others[0][1][0][1]
    less = f"{1 - first[0][1] / next_lowest:.0%} less than "
    after = ", then ".join(f"{_names(group)} with {figure}" for figure, group in others)
    return [f"{_names(first)} {verb} the {words[0]}: {shown}{unit}, {less}{after}.{not_known}"]


def _float(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
