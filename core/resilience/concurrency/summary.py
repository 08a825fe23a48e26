"""What the ways to send many requests have shown, in a few sentences."""

from decimal import Decimal

from core.resilience.concurrency.experiment import ConcurrencyExperiment, StrategyRun


def summary(experiment: ConcurrencyExperiment) -> str:
    """Compare the ways by the time until the last reply, and by the prompts that they lost."""
    if experiment.is_stopped:
        return "Stopped before all prompts were sent in each way."
    prompts = len(experiment.prompts)
    live = [run for run in experiment.runs if not run.batch]
    complete = sorted(
        (run for run in live if len(run.reply_times) == prompts), key=lambda run: run.reply_times[-1]
    )
    lost = [run for run in experiment.runs if len(run.reply_times) < prompts]
    sentences = [_fastest(complete, prompts) if live else "", *(_loss(run, prompts) for run in lost)]
    limit = next(filter(None, (run.limit for run in live if run.was_limited)), None)
    if limit:
        sentences.append(f"The server reports a limit of {limit.limit:,} requests in its headers.")
    sentences += [_batch(experiment, run) for run in experiment.runs if run.batch and run not in lost]
    return " ".join(filter(None, sentences))


def _fastest(complete: list[StrategyRun], prompts: int) -> str:
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


def _loss(run: StrategyRun, prompts: int) -> str:
    lost = prompts - len(run.reply_times)
    text = f"{run.strategy.label} lost {lost} of {prompts} prompts after {run.failures} failed requests"
    # Usually all of them have the same error.
    return f"{text}: {run.errors.most_common(1)[0][0].removesuffix('.')}." if run.errors else f"{text}."


def _batch(experiment: ConcurrencyExperiment, run: StrategyRun) -> str:
    text = f"The batch had all results after {run.seconds:.1f} s"
    others = [_amount(experiment, each) for each in experiment.runs if each is not run]
    amount, live_amount = _amount(experiment, run), next(filter(None, others), None)
    return f"{text}, and costs {1 - amount / live_amount:.0%} less." if amount and live_amount else f"{text}."


def _amount(experiment: ConcurrencyExperiment, run: StrategyRun) -> Decimal | None:
    """Return the price of a run with all replies; None if it has fewer, or its price is not known."""
    cost = experiment.cost(run)
    is_complete = len(run.reply_times) == len(experiment.prompts)
    return (cost.amount or cost.list_amount) if is_complete else None
