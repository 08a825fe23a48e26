"""An experiment with a failure as values, which are saved and shown again after a restart of the app."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.client.profile import Profile
from core.errors.types import Explanation
from core.resilience.attempts import AttemptRecorder, HttpAttempt
from core.resilience.failures.experiment import PolicyRun, RetryExperiment
from core.resilience.failures.policy import POLICIES
from core.resilience.failures.scenarios import find_scenario
from core.resilience.failures.sdk_error import SdkError
from core.server_kind import ServerKind


@dataclass(frozen=True, slots=True)
class PolicyRecord:
    """How a policy met the failure."""

    module: str
    ended: float
    reply: str | None
    error: SdkError | None
    explanation: Explanation | None
    attempts: tuple[HttpAttempt, ...]


@dataclass(frozen=True, slots=True)
class RetryRecord:
    """The policies of an experiment that have ended."""

    scenario_id: str
    server_kind: ServerKind
    base_url: str
    model: str
    is_async: bool
    started_at: datetime
    policies: tuple[PolicyRecord, ...]

    @classmethod
    def of(cls, experiment: RetryExperiment) -> "RetryRecord":
        """Return what is shown of *experiment*, without the requests and bodies, which its runs contain."""
        policies = [
            PolicyRecord(
                run.policy.module,
                run.ended,
                run.reply,
                run.error,
                run.explanation,
                tuple(map(_without_texts, run.attempts)),
            )
            for run in experiment.runs
            if run.ended is not None
        ]
        return cls(
            experiment.scenario.id,
            experiment.profile.kind,
            experiment.profile.base_url,
            experiment.model,
            experiment.is_async,
            experiment.started_at,
            tuple(policies),
        )

    def experiment(self, profile: Profile) -> RetryExperiment:
        """Return the experiment again, as one that has ended. *profile* is its server as it is now."""
        by_module = {policy.module: policy for policy in POLICIES}
        known = [record for record in self.policies if record.module in by_module]
        experiment = RetryExperiment(
            find_scenario(self.scenario_id),
            profile,
            self.model,
            self.is_async,
            tuple(by_module[record.module] for record in known),
            started_at=self.started_at,
        )
        for policy, record in zip(experiment.policies, known, strict=True):
            recorder = AttemptRecorder(lambda: 0.0)
            recorder.attempts = list(record.attempts)
            run = PolicyRun(policy, {}, recorder, lambda: 0.0, record.ended, record.reply)
            run.error, run.explanation, run.is_saved = record.error, record.explanation, True
            experiment.runs.append(run)
        return experiment


def _without_texts(attempt: HttpAttempt) -> HttpAttempt:
    """Return what the timeline and the verdict need of *attempt*: a server may have sent anything else."""
    problem = attempt.problem
    if problem:
        headers = {
            name: value
            for name, value in problem.headers.items()
            if name.lower().startswith(("retry-after", "x-should-retry"))
        }
        problem = replace(problem, message="", param=None, headers=headers)
    return replace(attempt, problem=problem, request=b"null", pieces=[], tail=b"")
