"""What is good and bad about how a policy met a failure, computed from its requests."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from core.resilience.failures.experiment import PolicyRun

# A wait can be shorter than asked by what the clocks of two programs differ.
_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Assessment:
    """One sentence of the verdict. *passed* is None for a fact that is neither good nor bad."""

    text: str
    passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The seconds between two requests, what the server asked for, and between what the policy chooses."""

    seconds: float
    retry_after: float | None
    backoff: tuple[float, float] | None

    @property
    def is_too_short(self) -> bool:
        return self.retry_after is not None and self.seconds < self.retry_after - _TOLERANCE

    @property
    def reason(self) -> str:
        if self.backoff is None:
            return f"Retry-After {self.retry_after:g} s"
        low, high = self.backoff
        asked = f", Retry-After {self.retry_after:g} s not read" if self.retry_after else ""
        return f"back-off: random between {low:g} and {high:g} s{asked}"


def waits(run: PolicyRun) -> list[Wait]:
    """Return the waits between the requests of *run*, in order."""
    result = []
    for number, (failed, following) in enumerate(pairwise(run.attempts), 1):
        reads = run.policy.reads_retry_after and failed.retry_after is not None
        backoff = None if reads or run.policy.backoff is None else run.policy.backoff.range(number)
        ended = failed.ended if failed.ended is not None else following.started
        result.append(Wait(following.started - ended, failed.retry_after, backoff))
    return result


def verdict(run: PolicyRun) -> list[Assessment]:
    """Judge a run that has ended."""
    return [*_outcome(run), *_retry_after(run), *_permanent_errors(run), *_cuts(run), _patience(run)]


def _outcome(run: PolicyRun) -> Iterator[Assessment]:
    requests = _count(len(run.attempts), "request")
    if run.reply is not None:
        yield Assessment(f"Returned a reply of {len(run.reply):,} characters after {requests}.")
    elif run.error is None:
        yield Assessment(f"Stopped after {requests}.")
    else:
        yield Assessment(f"Raised {run.error.name} after {requests}: {_reason_to_give_up(run)}.")


def _reason_to_give_up(run: PolicyRun) -> str:
    last = run.attempts[-1] if run.attempts else None
    retries = len(run.attempts) - 1
    if last and last.is_permanent and retries < run.policy.max_retries:
        return "a retry does not help"
    if not run.policy.max_retries:
        return "it never retries"
    if retries >= run.policy.max_retries:
        return f"its limit is {_count(run.policy.max_retries, 'retry')}"
    if last and last.status == 200:
        return "it does not retry after a response has begun"
    return "it does not retry this error"


def _retry_after(run: PolicyRun) -> Iterator[Assessment]:
    asked = [wait for wait in waits(run) if wait.retry_after is not None]
    short = next((wait for wait in asked if wait.is_too_short), None)
    if short:
        yield Assessment(
            f"Retry-After ignored: the server asked for {short.retry_after:.1f} s, "
            f"the next request came after {short.seconds:.1f} s.",
            passed=False,
        )
    elif asked and run.policy.reads_retry_after:
        yield Assessment("Retry-After obeyed.", passed=True)
    elif asked:
        yield Assessment("Retry-After not read: its own waits happened to be longer.", passed=False)


def _permanent_errors(run: PolicyRun) -> Iterator[Assessment]:
    permanent = [attempt for attempt in run.attempts if attempt.is_permanent]
    repeated = sum(attempt is not run.attempts[-1] for attempt in permanent)
    if repeated:
        yield Assessment(
            f"Sent {_count(repeated, 'useless retry')}: no retry solves this error.", passed=False
        )
    elif permanent and run.error:  # else it was stopped, perhaps before a retry
        yield Assessment("Left an error alone that no retry solves.", passed=True)


def _cuts(run: PolicyRun) -> Iterator[Assessment]:
    is_cut = any(attempt.is_cut for attempt in run.attempts)
    if run.reply is not None and run.attempts[-1].is_cut:
        yield Assessment(
            "The cut was not noticed: the beginning was taken for the whole reply.", passed=False
        )
    elif run.reply == "":
        yield Assessment("An empty reply was taken for a success.", passed=False)
    elif is_cut and run.reply is not None:
        yield Assessment("The cut was noticed, and the reply requested again.", passed=True)
    elif is_cut and run.error:
        yield Assessment("The cut was noticed.", passed=True)


def _patience(run: PolicyRun) -> Assessment:
    waited = sum(wait.seconds for wait in waits(run))
    between = f", {waited:.1f} s of it between requests" if waited >= 0.05 else ""
    return Assessment(f"The person waited {_seconds(run.seconds)}{between}.")


def summary(runs: Iterable[PolicyRun]) -> str:
    """Say in one sentence how the policies ended, the fastest reply first."""
    by_success = sorted(runs, key=lambda run: (run.reply is None, run.seconds))
    return f"{'; '.join(_ending(run) for run in by_success)}."


def _ending(run: PolicyRun) -> str:
    cost = f"after {_seconds(run.seconds)} and {_count(len(run.attempts), 'request')}"
    if run.reply is not None:
        is_whole = run.reply and not run.attempts[-1].is_cut
        return f"{run.policy.label} returned {'the reply' if is_whole else 'an incomplete reply'} {cost}"
    return f"{run.policy.label} {f'raised {run.error.name}' if run.error else 'was stopped'} {cost}"


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 0.1 else f"{value:.1f} s"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
