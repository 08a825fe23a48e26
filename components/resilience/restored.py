"""The last experiment of each lab, from the database, after a restart of the app."""

from datetime import datetime

from components.resilience.caching_session import caching_session
from components.resilience.concurrency_session import Settings, concurrency_session
from components.resilience.errors_session import errors_session
from components.resilience.session import LAB_KEY
from components.session import repositories, session
from core.client.profile import Profile


def restore_experiments() -> None:
    """Show the last experiment of each lab, and open the lab that was used last."""
    times = {"Errors": _restore_errors(), "Async": _restore_async(), "Caching": _restore_caching()}
    known = {lab: at for lab, at in times.items() if at}
    if known:
        session.set_widget_value(LAB_KEY, max(known, key=lambda lab: known[lab]))


def _restore_errors() -> datetime | None:
    from core.resilience.failures.record import RetryRecord

    record = repositories.saved_experiments().load("errors", RetryRecord)
    if record is None or not record.policies:
        return None
    profile = session.sandbox_profile()  # which may have had another port before
    if record.server_kind != "sandbox":
        profile = Profile(id="", name=record.base_url, kind=record.server_kind, base_url=record.base_url)
    state = errors_session()
    state.scenario_id, state.is_async = record.scenario_id, record.is_async
    state.experiment = state.restored = record.experiment(profile)
    return record.started_at


def _restore_async() -> datetime | None:
    from core.resilience.concurrency.report import ConcurrencyReport

    report = repositories.saved_experiments().load("async", ConcurrencyReport)
    if report is None or not (report := report.interrupted()).results:
        return None
    state = concurrency_session()
    state.restored = report
    state.settings = Settings(report.prompts, report.at_once, report.requests_per_minute, report.strategies)
    return report.started_at


def _restore_caching() -> datetime | None:
    from core.resilience.caching.experiment import CacheRecord

    record = repositories.saved_experiments().load("caching", CacheRecord)
    runs = repositories.run_repository().summaries(record.run_ids) if record else {}
    experiment = record.experiment(session.sandbox_profile(), runs) if record else None
    if experiment is None:
        return None
    state = caching_session()
    state.variant, state.experiments = experiment.variant, {experiment.variant.id: experiment}
    state.restored = experiment
    return experiment.runs[0].started_at
