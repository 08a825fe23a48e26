"""The settings of the labs and their last experiments: a reload shows them again, also while they run."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from components.resilience.caching_session import caching_session
from components.resilience.concurrency_session import Settings, concurrency_session
from components.resilience.errors_session import errors_session
from components.resilience.restored import restore_experiments
from components.resilience.session import LAB_KEY
from components.session import session
from components.session.drafts import Drafts, OpenDraft
from core.resilience.caching.experiment import CacheExperiment, CacheVariant

if TYPE_CHECKING:
    from core.resilience.concurrency.experiment import ConcurrencyExperiment
    from core.resilience.failures.experiment import RetryExperiment

_QUERY_PARAMETER = "draft"
_EXPERIMENT_SIZE = 100_000  # bytes, of most experiments


@dataclass(frozen=True, slots=True)
class LabsDraft:
    """The open lab, and of each lab what is selected and its experiments, which may still be running."""

    lab: str
    scenario_id: str
    is_async: bool
    retries: "RetryExperiment | None"
    variant: CacheVariant
    caching: tuple[CacheExperiment, ...]
    caching_task: "Future[None] | None"
    settings: Settings
    concurrency: "ConcurrencyExperiment | None"
    concurrency_task: "Future[None] | None"

    @property
    def size(self) -> int:
        """About the memory of the experiments, which are larger than any text."""
        experiments = [self.retries, self.concurrency, *self.caching]
        return _EXPERIMENT_SIZE * sum(experiment is not None for experiment in experiments)


_drafts: Drafts[LabsDraft] = Drafts()


@dataclass(slots=True, eq=False)
class _OpenLabsDraft(OpenDraft[LabsDraft]):
    """The draft of this session."""

    drafts: Drafts[LabsDraft] = field(default_factory=lambda: _drafts)


def restore_draft() -> None:
    """Continue the draft in the URL in a new session. Call it before the widgets are drawn."""
    draft = session.session_object(_OpenLabsDraft)
    if draft.is_opened:
        return
    draft_id = str(st.query_params.get(_QUERY_PARAMETER, ""))
    saved = draft.open(draft_id)
    if saved is None:
        if draft_id:  # of a process that has ended
            restore_experiments()
        return
    session.set_widget_value(LAB_KEY, saved.lab)
    errors, caching, concurrency = errors_session(), caching_session(), concurrency_session()
    errors.scenario_id, errors.is_async, errors.experiment = saved.scenario_id, saved.is_async, saved.retries
    caching.variant, caching.task = saved.variant, saved.caching_task
    caching.experiments = {experiment.variant.id: experiment for experiment in saved.caching}
    concurrency.settings, concurrency.experiment = saved.settings, saved.concurrency
    concurrency.task = saved.concurrency_task


def save_draft() -> None:
    """Save what has changed in this session, and write its id into the URL."""
    draft = session.session_object(_OpenLabsDraft)
    present = _present()
    if draft.saved is None:
        draft.saved = present  # nothing has been done yet
    draft.save(present)
    # Each change is an entry in the browser's history.
    if draft.id and st.query_params.get(_QUERY_PARAMETER) != draft.id:
        st.query_params[_QUERY_PARAMETER] = draft.id


def _present() -> LabsDraft:
    errors, caching, concurrency = errors_session(), caching_session(), concurrency_session()
    return LabsDraft(
        str(session.widget_value(LAB_KEY)),
        errors.scenario_id,
        errors.is_async,
        errors.experiment,
        caching.variant,
        tuple(caching.experiments.values()),
        caching.task,
        concurrency.settings,
        concurrency.experiment,
        concurrency.task,
    )
