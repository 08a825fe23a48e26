"""The Async lab: the same prompts, sent one after the other, all at once, and in between."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.resilience.concurrency_session import Settings, concurrency_session
from components.resilience.follow import follow, restored_caption
from components.resilience.gantt import gantt
from components.resilience.server_limit import server_limit
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.resilience.concurrency.strategy import MAX_PROMPTS, STRATEGIES, Strategy

if TYPE_CHECKING:
    from core.resilience.concurrency.limits import RequestLimit
    from core.resilience.concurrency.report import ConcurrencyReport, StrategyResult

_KEY = "resilience.async"


def async_lab() -> None:
    """Draw the settings, what will be seen, and the requests of each strategy as they run."""
    settings = _settings()
    _run_row(settings)
    state = concurrency_session()
    if state.is_running:
        follow(lambda: state.is_running, lambda: _progress(state.report))
    elif report := state.report:
        _result(report)


def _settings() -> Settings:
    saved = concurrency_session().settings
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = session.with_default(f"{_KEY}.prompts", saved.prompts)
        prompts = st.slider("Prompts", 2, MAX_PROMPTS, key=key, width=260)
        at_once = st.number_input(
            "At once",
            1,
            MAX_PROMPTS,
            key=session.with_default(f"{_KEY}.at_once", saved.at_once),
            width=130,
            help="How many requests the semaphore and the pool of threads allow at the same time.",
        )
        limit = _limit_input(saved) if session.profile().kind == "sandbox" else None
    settings = Settings(prompts, at_once, limit, _ways(saved))
    concurrency_session().settings = settings
    return settings


def _limit_input(saved: Settings) -> int | None:
    key = f"{_KEY}.limit"
    if key not in session.widget_values(key):  # None is a value: no limit
        session.set_widget_value(key, saved.requests_per_minute)
    return st.number_input(
        "Requests per minute",
        1,
        value=None,
        key=key,
        width=190,
        placeholder="No limit",
        help="The rate limit of the sandbox. Below the number of prompts, some requests are refused.",
    )


def _ways(saved: Settings) -> tuple[Strategy, ...]:
    """Draw the choice of the ways. A batch is one of them by default where it takes seconds, not hours."""
    is_sandbox = session.profile().kind == "sandbox"
    default = [each.label for each in saved.strategies if is_sandbox or not each.is_batch]
    chosen = st.pills(
        "Ways",
        [strategy.label for strategy in STRATEGIES],
        selection_mode="multi",
        key=session.with_default(f"{_KEY}.ways" if is_sandbox else f"{_KEY}.ways.server", default),
    )
    strategies = tuple(strategy for strategy in STRATEGIES if strategy.label in chosen)
    has_batch = any(strategy.is_batch for strategy in strategies)
    if is_sandbox and has_batch:
        st.caption("The sandbox shortens the hours that a batch may take to seconds.")
    elif not is_sandbox:
        st.caption(
            "The results of the batch may take up to 24 hours. Stop cancels it."
            if has_batch
            else "The batch is not selected, because its results may take up to 24 hours."
        )
    return strategies


def _run_row(settings: Settings) -> None:
    from core.resilience.concurrency.limits import RequestLimit

    state = concurrency_session()
    is_sandbox = session.profile().kind == "sandbox"
    per_minute = settings.requests_per_minute
    if is_sandbox:
        limit = RequestLimit.per_minute(per_minute) if per_minute else None
    else:
        limit = server_limit(disabled=state.is_running)
    with st.container(border=True):
        st.markdown(escape_markdown(_preview(settings, limit)))
        if is_sandbox and (hint := _sandbox_hint(settings)):
            st.caption(escape_markdown(hint))
        with st.container(horizontal=True, vertical_alignment="center"):
            requests = settings.prompts * len(settings.strategies)
            st.button(
                f"Send {requests:,} requests",
                icon=":material/play_arrow:",
                type="primary",
                key=f"{_KEY}.start",
                disabled=state.is_running or not settings.strategies or not session.model(),
                on_click=state.start,
                args=(settings,),
            )
            profile = session.profile()
            if profile.kind not in ("sandbox", "local"):
                st.caption(f"{escape_markdown(profile.name)} may charge for each of them.", width="content")
            if state.is_running:
                st.button("Stop", icon=":material/stop:", key=f"{_KEY}.stop", on_click=state.stop)


def _sandbox_hint(settings: Settings) -> str:
    """Say which ways send more requests at the same time than the sandbox accepts of all clients."""
    from core.sandbox.simulation.rate_limits import MAX_CONCURRENT_REQUESTS

    at_once = settings.at_once
    crowded = [
        strategy.label
        for strategy in settings.strategies
        if strategy.is_unlimited or (strategy.has_limit and at_once > MAX_CONCURRENT_REQUESTS)
    ]
    if settings.prompts <= MAX_CONCURRENT_REQUESTS or not crowded:
        return ""
    return (
        f"The sandbox accepts {MAX_CONCURRENT_REQUESTS} requests at the same time. More of them, as by "
        f"{' and '.join(crowded)}, are refused with status 503, and the SDK sends them again after a second."
    )


def _preview(settings: Settings, limit: "RequestLimit | None") -> str:
    """Say what will be seen of the selected ways. On a real server, all of them share one limit."""
    ways = {
        "sequential": "Sent one by one, the times of all replies add up.",
        "gather": "Sent all at once, they take little longer than the slowest reply.",
        "semaphore": f"With {settings.at_once} at once, it is in between.",
        "threads": "Threads do the same with the sync client.",
        "adaptive": "The runner finds out how many the server accepts.",
        "batch": "A batch costs half, and ends when the server has time for it.",
    }
    selected = [ways[strategy.id] for strategy in settings.strategies]
    text = " ".join([f"The same {settings.prompts} prompts in each of the ways.", *selected, ""])
    is_sandbox = session.profile().kind == "sandbox"
    if limit is None:
        return (
            f"{text}Set a limit below the number of prompts to see which way loses some."
            if is_sandbox
            else text
        )
    live = sum(not strategy.is_batch for strategy in settings.strategies)
    if settings.prompts * (1 if is_sandbox else live) <= limit.at_once:
        return f"{text}The limit of {limit.limit:,} requests is not reached."
    return (
        f"{text}The server accepts {limit.at_once:,} requests and then one every "
        f"{format_seconds(limit.interval)}: requests that were refused wait for the same moment, and most "
        "are refused again until the SDK gives up, while the runner waits before it sends."
    )


def _result(report: "ConcurrencyReport") -> None:
    from core.resilience.concurrency.summary import summary

    st.markdown(f"**Result.** {escape_markdown(summary(report))}")
    if concurrency_session().experiment is None:
        restored_caption(report.started_at)
    _progress(report)
    table, code = st.tabs(["Comparison", "Code"], on_change="rerun", key=f"{_KEY}.tabs")
    with table:
        rows = [_row(report, result) for result in report.results]
        downloadable_table(rows, "concurrency", "The ways compared", pinned=("way",))
    if code.open:
        with code:
            _code(report)


def _progress(report: "ConcurrencyReport | None") -> None:
    """Draw the requests so far, and the errors that have ended a way."""
    if report is None:
        return
    gantt(report.results, report.prompts)
    for result in report.results:
        if result.error:
            error_card(result.error, prefix=f"{escape_markdown(result.strategy.label)}:")


def _row(report: "ConcurrencyReport", result: "StrategyResult") -> dict[str, Any]:
    times, cost = result.reply_times, report.cost(result)
    amount = cost.amount or cost.list_amount
    errors = sorted(result.errors.items(), key=lambda item: -item[1])
    return {
        "way": result.strategy.label,
        "replies": len(times),
        "prompts lost": report.prompts - len(times),
        "requests failed": result.failures,
        "first reply (s)": times[0] if times else None,
        "last reply (s)": times[-1] if times else None,
        "replies per second": result.throughput,
        "errors": "; ".join(f"{count} × {error}" for error, count in errors),
        "most at once": result.most_at_once,
        "tokens": result.usage.total_tokens,
        "cost": f"{format_dollars(amount)}{'' if cost.amount else ' at list price'}" if amount else "",
    }


def _code(report: "ConcurrencyReport") -> None:
    from core.resilience.concurrency.snippets import strategy_snippet

    options = snippet_options(session.profile().base_url)
    snippets = [
        strategy_snippet(strategy, report.model, report.prompts, report.at_once, options)
        for strategy in report.strategies
    ]
    st.caption(
        "The functions are those that have just run, except for the adaptive runner: the app's own saves "
        "and resumes as well, and the script has its rules."
    )
    snippet_tabs(snippets, options, f"{_KEY}.code")
