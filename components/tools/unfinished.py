"""The questions whose loops have not ended, because the app was restarted or the page was closed."""

from dataclasses import dataclass, field

from components.session import session
from components.tools.draft import open_draft
from components.tools.session import is_running_elsewhere, open_experiment, saved_state, tools_session
from components.ui.formatting import format_count
from components.ui.jobs.unfinished_jobs import RowButton, unfinished_row
from core.tools.loop.saved_state import UnfinishedQuestion

_KEY = "tools.unfinished"
_MAX_SHOWN = 3
_MAX_QUESTION = 100  # characters


@dataclass(slots=True, eq=False)
class _QuestionSummaries:
    """What is known of the questions, by id: reading their rounds takes a while."""

    by_id: dict[str, str] = field(default_factory=dict)


def unfinished_questions() -> None:
    """Draw a line for each of the newest ones, as long as no question is open."""
    if tools_session().experiment:
        return
    summaries = session.session_object(_QuestionSummaries).by_id
    questions = [each for each in saved_state().questions() if not is_running_elsewhere(each.id)]
    for question in questions[:_MAX_SHOWN]:
        if question.id not in summaries:
            summaries[question.id] = _summary(question)
        shown = question.question[:_MAX_QUESTION] + "…" * (len(question.question) > _MAX_QUESTION)
        unfinished_row(
            f"{shown} · {question.model}{summaries[question.id]}",
            f"{_KEY}.{question.id}",
            RowButton("Open", ":material/open_in_browser:", f"{_KEY}.open.{question.id}", _open, (question,)),
            RowButton(
                "Discard",
                ":material/delete:",
                f"{_KEY}.discard.{question.id}",
                saved_state().delete_question,
                (question.id,),
                "The requests stay in the history.",
            ),
        )


def _summary(question: UnfinishedQuestion) -> str:
    experiment = open_experiment(question.id)
    # The question is saved before its first request.
    if experiment is None:
        return " · no request was saved"
    loops = experiment.loops.values()
    rounds = sum(len(loop.rounds) for loop in loops)
    calls = sum(len(round_.calls) for loop in loops for round_ in loop.rounds)
    is_waiting = any(loop.waiting_calls for loop in loops)
    return (
        f" · {format_count(rounds, 'round')}, {format_count(calls, 'call')}" + " · waits for you" * is_waiting
    )


def _open(question: UnfinishedQuestion) -> None:
    tools_session().open(question.id)
    open_draft(question.draft_id)
