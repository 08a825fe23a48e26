"""Questions without an answer, which the app shows again after a restart."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from core.storage.owner_settings import RECORD_RUNS, read_setting, write_setting
from core.storage.store import Store

_MAX_QUESTIONS = 10
_QUESTIONS = "tools.unfinished"


@dataclass(frozen=True, slots=True)
class UnfinishedQuestion:
    """A question whose loops have not ended. *draft_id* is that of its tools; empty for the default ones."""

    id: str
    question: str
    model: str
    draft_id: str = ""


_questions = TypeAdapter(list[UnfinishedQuestion])


@dataclass(frozen=True, slots=True)
class SavedState:
    """The unfinished questions of *owner*. Nothing is saved while it records nothing."""

    store: Store
    owner: str = "local"

    def save_question(self, question: UnfinishedQuestion) -> None:
        """Save a question until it is deleted; the oldest ones are dropped."""

        def save(connection: Connection) -> None:
            # The question is content, of which nothing is saved while recording is off.
            if read_setting(connection, self.owner, RECORD_RUNS) != "no":
                others = [other for other in self._read(connection) if other.id != question.id]
                self._write(connection, [question, *others][:_MAX_QUESTIONS])

        self.store.write(save)

    def questions(self) -> list[UnfinishedQuestion]:
        """Return the unfinished questions, newest first."""
        return self.store.read(self._read)

    def delete_question(self, question_id: str) -> None:
        def delete_question(connection: Connection) -> None:
            questions = self._read(connection)
            others = [other for other in questions if other.id != question_id]
            if others != questions:
                self._write(connection, others)

        self.store.write(delete_question)

    def _read(self, connection: Connection) -> list[UnfinishedQuestion]:
        try:
            return _questions.validate_json(read_setting(connection, self.owner, _QUESTIONS) or "[]")
        except ValidationError:  # of another version of the app
            return []

    def _write(self, connection: Connection, questions: Sequence[UnfinishedQuestion]) -> None:
        write_setting(connection, self.owner, _QUESTIONS, _questions.dump_json([*questions]).decode())
