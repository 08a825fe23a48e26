"""What came out of an extraction: a valid object, or one of the different reasons why not."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.extractor.request import StructuredReply, read_reply
from core.json_schema.schema import JsonSchema
from core.json_schema.validation import Problem, validate
from core.runs.run import Run, RunState


class OutcomeKind(StrEnum):
    """How an extraction ended."""

    RUNNING = "running"
    VALID = "valid"
    MISMATCH = "schema mismatch"
    INVALID_JSON = "invalid JSON"
    REFUSAL = "refusal"
    TRUNCATED = "truncated"
    FILTERED = "content filter"
    STOPPED = "stopped"
    FAILED = "failed"


# What happened, and what to do.
EXPLANATIONS: dict[OutcomeKind, tuple[str, str]] = {
    OutcomeKind.VALID: ("Valid", "The reply matches the schema."),
    OutcomeKind.MISMATCH: (
        "Schema mismatch",
        "The reply is JSON but does not match the schema. Not every server enforces a schema: ask again with "
        "the problems, or use a strict schema.",
    ),
    OutcomeKind.INVALID_JSON: (
        "Invalid JSON",
        "The reply is not JSON, so the server does not enforce the format. Ask again with the problem, or "
        "choose another model.",
    ),
    OutcomeKind.REFUSAL: (
        "Refusal",
        "The model declined to answer, which is not an error: the message has a refusal instead of content. "
        "Change the text or the instructions.",
    ),
    OutcomeKind.TRUNCATED: (
        "Truncated",
        "The reply reached the token limit, so its JSON is incomplete. Raise the limit in Options or extract "
        "fewer fields.",
    ),
    OutcomeKind.FILTERED: (
        "Content filter",
        "The server's content filter ended the reply. Change the text, or choose another model.",
    ),
    OutcomeKind.STOPPED: ("Stopped", "The values so far are incomplete."),
    OutcomeKind.FAILED: ("Failed", "The request failed before the reply was complete."),
}
_RETRYABLE = {OutcomeKind.MISMATCH, OutcomeKind.INVALID_JSON}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an extraction; *value* is partial unless it is valid or a mismatch.

    *error* says why the request failed.
    """

    kind: OutcomeKind
    value: Any = None
    problems: tuple[Problem, ...] = ()
    refusal: str = ""
    error: str = ""

    @property
    def can_ask_again(self) -> bool:
        """Whether the model may correct its reply when it sees the problems."""
        return self.kind in _RETRYABLE

    def problem_texts(self) -> list[str]:
        """Return why there is no valid value, as texts that begin with the field, if one is concerned."""
        problems = [f"{problem.field}: {problem.message}" for problem in self.problems]
        return [*problems, *filter(None, [self.refusal, self.error])]

    def problem_list(self) -> str:
        """Return the problems as lines of text, for the model."""
        return "\n".join(f"- {problem.field}: {problem.message}" for problem in self.problems)


def outcome_of(run: Run, schema: JsonSchema) -> Outcome:
    """Return the outcome of *run*, also while it is running, when the value fills in."""
    reply = read_reply(run)
    kind = _state_kind(run, reply)
    if kind is not None:
        error = run.error.title if run.error else ""
        return Outcome(kind, partial_value(reply.text), refusal=reply.refusal, error=error)
    try:
        value = json.loads(reply.text)
    except (ValueError, RecursionError) as error:
        message = str(error) if reply.text else "The reply is empty."
        return Outcome(OutcomeKind.INVALID_JSON, partial_value(reply.text), (Problem((), message),))
    problems = validate(value, schema)
    return Outcome(OutcomeKind.MISMATCH if problems else OutcomeKind.VALID, value, tuple(problems))


def _state_kind(run: Run, reply: StructuredReply) -> OutcomeKind | None:
    """Return what is known from the state of the run; None if the text decides."""
    if run.state is RunState.RUNNING:
        return OutcomeKind.RUNNING
    if reply.refusal:
        return OutcomeKind.REFUSAL
    if run.state is RunState.STOPPED:
        return OutcomeKind.STOPPED
    if run.state is not RunState.DONE:
        return OutcomeKind.FAILED
    ends = {"token limit": OutcomeKind.TRUNCATED, "content filter": OutcomeKind.FILTERED}
    return ends.get(reply.end)


def partial_value(text: str) -> Any:
    """Return the value of a JSON text that has only partly arrived; None if nothing of it is readable."""
    import jiter

    try:
        return jiter.from_json(text.encode(errors="replace"), partial_mode="trailing-strings")
    except ValueError:
        return None
