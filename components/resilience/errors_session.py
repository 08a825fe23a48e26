"""The state of the Errors lab between reruns."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.session import repositories, session
from core.resilience.failures.scenario import Scenario
from core.resilience.failures.scenarios import SCENARIOS, find_scenario

if TYPE_CHECKING:
    from core.resilience.failures.experiment import RetryExperiment
    from core.server_kind import ServerKind


@dataclass(slots=True, eq=False)
class ErrorsSession:
    """The selected failure, and the last experiment: perhaps one *restored* after a restart of the app."""

    scenario_id: str = SCENARIOS[0].id
    is_async: bool = False
    experiment: "RetryExperiment | None" = None
    restored: "RetryExperiment | None" = None

    @property
    def scenario(self) -> Scenario:
        return find_scenario(self.scenario_id)

    def select_available(self, kind: "ServerKind", base_url: str) -> None:
        """Select the first failure that the server can show, if it cannot show the selected one."""
        if self.scenario.unavailable_reason(kind, base_url):
            available = (each for each in SCENARIOS if not each.unavailable_reason(kind, base_url))
            self.scenario_id = next(available, self.scenario).id

    def run(self, scenario_id: str) -> None:
        """Select a failure and start an experiment with it; one that is running is stopped."""
        from core.resilience.failures.experiment import RetryExperiment
        from core.resilience.failures.record import RetryRecord
        from core.resilience.recorded_runs import save_runs

        self.stop()
        self.scenario_id = scenario_id
        calls, saved = session.live_session().calls, repositories.saved_experiments()
        self.experiment = experiment = RetryExperiment(
            self.scenario,
            session.profile(),
            session.model() or "",
            self.is_async,
            save=lambda run, events: save_runs(calls, [(run, events)]),
            on_change=lambda: saved.save("errors", RetryRecord.of(experiment)),
        )
        experiment.start()

    def stop(self) -> None:
        if self.experiment:
            self.experiment.stop()


def errors_session() -> ErrorsSession:
    """Return the state of this browser session."""
    return session.session_object(ErrorsSession)
