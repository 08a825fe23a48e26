"""What the ways to send many requests have shown, in a few sentences."""

from decimal import Decimal

from core.resilience.concurrency.report import ConcurrencyReport, StrategyResult


def summary(report: ConcurrencyReport) -> str:
    """Compare the ways by the time until the last reply, and by the prompts that they lost."""
    prompts = report.prompts
    results = [result for result in report.results if result.has_ended]
    live = [result for result in results if not result.strategy.is_batch]
    complete = [result for result in live if len(result.reply_times) == prompts]
    complete.sort(key=lambda result: result.reply_times[-1])
    if report.is_stopped:
        text = "Stopped before all prompts were sent in each way."
        return f"{text} {_fastest(complete, prompts)}" if complete else text
    lost = [result for result in results if len(result.reply_times) < prompts]
    sentences = [_fastest(complete, prompts) if live else "", *(_loss(result, prompts) for result in lost)]
    limit = next(filter(None, (result.limit for result in live if result.was_limited)), None)
    if limit:
        sentences.append(f"The server reports a limit of {limit.limit:,} requests in its headers.")
    batches = [result for result in results if result.strategy.is_batch and result not in lost]
    sentences += [_batch(report, result) for result in batches]
    return " ".join(filter(None, sentences))


def _fastest(complete: list[StrategyResult], prompts: int) -> str:
    if not complete:
        return "No way got all replies."
    first, last = complete[0], complete[-1]
    text = (
        f"{first.strategy.label} was the fastest to get all {prompts} replies: {first.reply_times[-1]:.1f} s"
    )
    if first is last:
        return f"{text}."
    factor = last.reply_times[-1] / first.reply_times[-1]
    return f"{text}, {factor:.1f} times as fast as {last.strategy.label} ({last.reply_times[-1]:.1f} s)."


def _loss(result: StrategyResult, prompts: int) -> str:
    lost = prompts - len(result.reply_times)
    text = f"{result.strategy.label} lost {lost} of {prompts} prompts after {result.failures} failed requests"
    # Usually all of them have the same error.
    error = max(result.errors, key=lambda each: result.errors[each], default="").removesuffix(".")
    return f"{text}: {error}." if error else f"{text}."


def _batch(report: ConcurrencyReport, result: StrategyResult) -> str:
    text = f"The batch had all results after {result.seconds:.1f} s"
    others = [_amount(report, each) for each in report.results if each is not result]
    amount, live_amount = _amount(report, result), next(filter(None, others), None)
    return f"{text}, and costs {1 - amount / live_amount:.0%} less." if amount and live_amount else f"{text}."


def _amount(report: ConcurrencyReport, result: StrategyResult) -> Decimal | None:
    """Return the price of a result with all replies; None if it has fewer, or its price is not known."""
    cost = report.cost(result)
    is_complete = len(result.reply_times) == report.prompts
    return (cost.amount or cost.list_amount) if is_complete else None
