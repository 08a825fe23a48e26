"""What the ways to send many requests have shown, in a few sentences."""

from core.resilience.concurrency.experiment import ConcurrencyExperiment, StrategyRun


def summary(experiment: ConcurrencyExperiment) -> str:
    """Compare the ways by the time until the last reply, and by the prompts that they lost."""
    if experiment.is_stopped:
        return "Stopped before all prompts were sent in each way."
    prompts = len(experiment.prompts)
    complete = sorted(
        (run for run in experiment.runs if len(run.reply_times) == prompts),
        key=lambda run: run.reply_times[-1],
    )
    lost = [run for run in experiment.runs if len(run.reply_times) < prompts]
    return " ".join(filter(None, (_fastest(complete, prompts), *(_loss(run, prompts) for run in lost))))


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
    return f"{run.strategy.label} lost {lost} of {prompts} prompts after {run.refused} refused requests."
