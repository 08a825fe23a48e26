"""The extracted object as it fills in, and how each extraction ended."""

import streamlit as st

from components.extractor.consistency import consistency_progress
from components.extractor.object_table import object_table
from components.extractor.repositories import extraction_repository
from components.extractor.session import ExtractionAttempt, ExtractorSession, extractor_session, stop
from components.session import repositories
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.inspector import run_inspector
from components.ui.markdown_escape import escape_markdown
from core.extractor.documents import TextDocument, document_name
from core.extractor.results.outcome import EXPLANATIONS, Outcome, OutcomeKind
from core.runs.run import Run

_REFRESH_INTERVAL = 0.25
_MAX_COLUMNS = 4  # of values side by side
_MAX_PROBLEMS = 10
_BADGES = {
    OutcomeKind.VALID: ":green-badge[:material/check: Valid]",
    OutcomeKind.RUNNING: ":gray-badge[:material/hourglass_empty: Receiving]",
    OutcomeKind.REFUSAL: ":orange-badge[:material/front_hand: Refusal]",
    OutcomeKind.STOPPED: ":gray-badge[:material/stop_circle: Stopped]",
}


def results(hint: str) -> None:
    """Draw the extraction that was started last, if it is a single one; before the first one, *hint*."""
    state = extractor_session()
    if not state.attempts and not state.jobs:
        if hint:
            st.info(hint, icon=":material/arrow_upward:")
    elif not _is_comparison(state):
        _draw_attempts(state)


def comparison() -> None:
    """Draw the extractions that were started last side by side, if there are several."""
    state = extractor_session()
    if _is_comparison(state):
        _draw_attempts(state)


def _is_comparison(state: ExtractorSession) -> bool:
    return bool(state.jobs) or len(state.attempts) > 1


def _draw_attempts(state: ExtractorSession) -> None:
    if state.is_running():
        _running_attempts()
    else:
        _attempts(state)


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _running_attempts() -> None:
    state = extractor_session()
    if not state.is_running():
        st.rerun()
    consistency_progress(state)
    _attempts(state)


def _attempts(state: ExtractorSession) -> None:
    if state.jobs:
        state.refresh_repetitions()
    runs = state.runs()
    outcomes = [state.outcome(attempt, runs.get(attempt.run_id)) for attempt in state.attempts]
    if len(outcomes) > _MAX_COLUMNS:
        _run_table(state.attempts, outcomes, runs)
    elif outcomes:
        is_over = not any(outcome.kind is OutcomeKind.RUNNING for outcome in outcomes)
        saved = extraction_repository().saved_runs(
            [attempt.run_id for attempt in state.attempts] if is_over else []
        )
        with st.grid(len(outcomes), gap="small"):
            for attempt, outcome in zip(state.attempts, outcomes, strict=True):
                with st.container(gap="xsmall"):
                    _status(attempt, runs.get(attempt.run_id), outcome)
                    _buttons(state, attempt, outcome, is_saved=attempt.run_id in saved)
    object_table(state.attempts, outcomes, are_repetitions=bool(state.jobs))


def _run_table(attempts: list[ExtractionAttempt], outcomes: list[Outcome], runs: dict[str, Run]) -> None:
    """Draw a row for each attempt; the selected one can be inspected."""
    rows = []
    for attempt, outcome in zip(attempts, outcomes, strict=True):
        run = runs.get(attempt.run_id)
        usage, cost = (run.usage, run.cost) if run else (None, None)
        rows.append(
            {
                "run": attempt.label,
                "outcome": outcome.kind.value,
                "seconds": run.total if run else None,
                "input tokens": usage.input_tokens if usage else None,
                "output tokens": usage.output_tokens if usage else None,
                "cost in $": float(cost.amount) if cost and cost.amount is not None else None,
                "problems": "; ".join(outcome.problem_texts()),
            }
        )
    selection = st.dataframe(
        rows,
        hide_index=True,
        height=240,
        on_select="rerun",
        selection_mode="single-row",
        key=f"extractor.runs.table.{attempts[0].run_id}",
        column_config={"seconds": st.column_config.NumberColumn(format="%.2f")},
        alt="The requests",
    )
    chosen = selection["selection"]["rows"]
    if chosen and st.button("Request details", icon=":material/code:", key="extractor.runs.inspect"):
        run_inspector.show(attempts[chosen[0]].run_id)


def _status(attempt: ExtractionAttempt, run: Run | None, outcome: Outcome) -> None:
    title, hint = EXPLANATIONS.get(outcome.kind, ("", ""))
    badge = _BADGES.get(outcome.kind, f":red-badge[:material/error: {title}]")
    again = f" · correction {attempt.corrected}" if attempt.corrected else ""
    st.markdown(f"`{attempt.label}` {badge}{again}")
    if outcome.kind not in (OutcomeKind.RUNNING, OutcomeKind.VALID):
        st.caption(hint)
    if outcome.refusal:
        st.markdown(f"> {escape_markdown(outcome.refusal)}")
    if run and run.error:
        error_card(run.error)
    for problem in outcome.problems[:_MAX_PROBLEMS]:
        st.markdown(f"- `{problem.field.replace('`', '')}` {escape_markdown(problem.message)}")
    if run:
        st.caption(escape_markdown(_metrics(run)))


def _buttons(
    state: ExtractorSession, attempt: ExtractionAttempt, outcome: Outcome, *, is_saved: bool
) -> None:
    run_id = attempt.run_id
    if outcome.kind is OutcomeKind.RUNNING:
        if state.jobs:  # which are stopped together
            return
        icon = ":material/stop_circle:"
        st.button("Stop", icon=icon, key=f"extractor.stop.{run_id}", on_click=stop, args=(run_id,))
        return
    with st.container(horizontal=True, gap="xsmall"):
        key = f"extractor.inspect.{run_id}"
        if st.button("Request details", icon=":material/code:", type="tertiary", key=key):
            run_inspector.show(run_id)
        if outcome.value is not None:
            st.button(
                "Saved" if is_saved else "Save row",
                icon=":material/check:" if is_saved else ":material/save:",
                type="tertiary",
                key=f"extractor.save_row.{run_id}",
                disabled=is_saved,
                help="Adds the values to the rows of this schema, to search, edit and download them.",
                on_click=_save_row,
                args=(attempt, outcome),
            )
        if (
            outcome.can_ask_again
            and not state.jobs
            and st.button(
                "Ask again",
                icon=":material/replay:",
                key=f"extractor.again.{run_id}",
                help="Sends the reply back with the problems, and asks for a corrected one.",
            )
        ):
            state.ask_again(attempt, repositories.run_repository().get(run_id), outcome)
            st.rerun()


def _save_row(attempt: ExtractionAttempt, outcome: Outcome) -> None:
    text = attempt.extraction.text
    document = TextDocument(document_name(text), text)
    digest = attempt.extraction.document.digest
    extraction_repository().save_row((attempt.run_id, ""), digest, document, (outcome, attempt.run_id))


def _metrics(run: Run) -> str:
    usage = run.usage
    cost = run.cost.amount if run.cost else None
    parts = [
        run.model or str(run.params.get("model", "")),
        format_seconds(run.total) if run.total is not None else "",
        f"{usage.input_tokens:,} input, {usage.output_tokens:,} output tokens" if usage else "",
        format_dollars(cost) if cost is not None else "",
    ]
    return " · ".join(filter(None, parts))
