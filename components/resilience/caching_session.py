"""The state of the Caching lab between reruns."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from components.session import repositories, session
from core.models.catalog import get_model
from core.resilience.caching.experiment import VARIANTS, CacheExperiment, CacheVariant
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile


@dataclass(slots=True, eq=False)
class CachingSession:
    """The selected variant, and the last experiment with each variant, by its id.

    *restored* is one of them that ran before the app was restarted.
    """

    variant: CacheVariant = VARIANTS[0]
    experiments: dict[str, CacheExperiment] = field(default_factory=dict)
    restored: CacheExperiment | None = None
    task: "Future[None] | None" = None

    @property
    def experiment(self) -> CacheExperiment | None:
        return self.experiments.get(self.variant.id)

    def run(self, variant: CacheVariant) -> None:
        """Select a variant and send its calls; those of another one that are under way are stopped."""
        self.stop()
        profile, model = session.profile(), session.model() or ""
        save = partial(repositories.saved_experiments().save, "caching")
        experiment = CacheExperiment(variant, profile, model, other_model(profile, model), on_change=save)
        self.variant, self.experiments[variant.id] = variant, experiment
        self.task = event_loop.submit(experiment.run(session.live_session().calls))

    def stop(self) -> None:
        if self.task:
            self.task.cancel()


def other_model(profile: "Profile", model: str) -> str:
    """Return another chat model of the server that caches prompts, of the same size if there is one."""
    models = session.connection().models if profile == session.profile() else {}
    others = [
        name
        for name in models
        if name != model and get_model(name).kind == "chat" and get_model(name).cache_minimum
    ]
    return min(others, key=lambda name: get_model(name).tier != get_model(model).tier, default=model)


def caching_session() -> CachingSession:
    """Return the state of this browser session."""
    return session.session_object(CachingSession)
