"""The state of the Async lab between reruns."""

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import repositories, session
from core.resilience.concurrency.strategy import STRATEGIES, Strategy
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.resilience.concurrency.experiment import ConcurrencyExperiment
    from core.resilience.concurrency.report import ConcurrencyReport


# Of the sandbox, at which a batch takes about three seconds.
_BATCH_SPEED = "3"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is sent, and how. The limit is that of the sandbox; None is no limit."""

    prompts: int = 20
    at_once: int = 5
    requests_per_minute: int | None = None
    strategies: tuple[Strategy, ...] = STRATEGIES


@dataclass(slots=True, eq=False)
class ConcurrencySession:
    """The last experiment of this browser session, and the settings of the next one.

    *restored* is the report of one that ran before the app was restarted.
    """

    experiment: "ConcurrencyExperiment | None" = None
    restored: "ConcurrencyReport | None" = None
    settings: Settings = Settings()
    task: "Future[None] | None" = None

    @property
    def is_running(self) -> bool:
        return self.experiment is not None and self.experiment.is_running

    @property
    def report(self) -> "ConcurrencyReport | None":
        return self.experiment.report() if self.experiment else self.restored

    def start(self, settings: Settings) -> None:
        """Stop the last experiment, and start another."""
        from core.resilience.concurrency.experiment import ConcurrencyExperiment
        from core.resilience.concurrency.snippets import example_prompts

        self.stop()
        profile = session.profile()

        def profile_of() -> "Profile":
            is_sandbox = profile.kind == "sandbox"
            return _with_new_limits(settings.requests_per_minute) if is_sandbox else profile

        self.experiment = ConcurrencyExperiment(
            example_prompts(settings.prompts),
            session.model() or "",
            settings.at_once,
            settings.strategies,
            profile_of,
            session.live_session().calls,
            resources.runners(),
            settings.requests_per_minute if profile.kind == "sandbox" else None,
            partial(repositories.saved_experiments().save, "async"),
        )
        self.task = event_loop.submit(self.experiment.run())

    def stop(self) -> None:
        if self.task:
            self.task.cancel()


def _with_new_limits(requests_per_minute: int | None) -> "Profile":
    """Return a profile of the sandbox with a key of its own, whose limit is not used up yet."""
    from core.servers.sandbox_admin import update_sandbox

    profile = resources.sandbox_profile(resources.sandbox().create_client_key(session.OWNER))
    settings = {"requests_per_minute": requests_per_minute, "batch_speed": _BATCH_SPEED}
    event_loop.run_until_complete(update_sandbox(profile, **settings))
    return profile


def concurrency_session() -> ConcurrencySession:
    """Return the state of this browser session."""
    return session.session_object(ConcurrencySession)
