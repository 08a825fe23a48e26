"""What the app shows again after a restart: tools with their modes, and questions without an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, delete

from core.storage.history_schema import settings
from core.storage.owner_settings import RECORD_RUNS, read_setting, write_setting
from core.storage.store import Store

_MAX_DRAFTS = 20
_MAX_QUESTIONS = 10
_DRAFTS, _QUESTIONS = "tools.drafts", "tools.unfinished"


@dataclass(frozen=True, slots=True)
class UnfinishedQuestion:
    """A question whose loops have not ended. *draft_id* is that of its tools; empty for the default ones."""

    id: str
    question: str
    model: str
    draft_id: str = ""


_questions = TypeAdapter(list[UnfinishedQuestion])
_ids = TypeAdapter(list[str])


@dataclass(frozen=True, slots=True)
class SavedState:
    """The drafts and the unfinished questions of *owner*. Nothing is saved while it records nothing."""

    store: Store
    owner: str = "local"

    def save_draft(self, draft_id: str, text: str) -> None:
        """Save a draft, which replaces the one with its id. The oldest ones are deleted."""

        def save(connection: Connection) -> None:
            if not self._is_recording(connection):
                return
            write_setting(connection, self.owner, _draft_name(draft_id), text)
            saved = _ids.validate_json(read_setting(connection, self.owner, _DRAFTS) or "[]")
            ids = [*(other for other in saved if other != draft_id), draft_id]
            names = [_draft_name(dropped) for dropped in ids[:-_MAX_DRAFTS]]
            is_dropped = settings.c.owner == self.owner, settings.c.name.in_(names)
            connection.execute(delete(settings).where(*is_dropped))
            write_setting(connection, self.owner, _DRAFTS, _ids.dump_json(ids[-_MAX_DRAFTS:]).decode())

        self.store.write(save)

    def load_draft(self, draft_id: str) -> str | None:
        return self.store.read(lambda c: read_setting(c, self.owner, _draft_name(draft_id)))

    def save_question(self, question: UnfinishedQuestion) -> None:
        """Save a question until it is deleted; the oldest ones are dropped."""

        def save(connection: Connection) -> None:
            if self._is_recording(connection):
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

    def _is_recording(self, connection: Connection) -> bool:
        return read_setting(connection, self.owner, RECORD_RUNS) != "no"

    def _read(self, connection: Connection) -> list[UnfinishedQuestion]:
        try:
            return _questions.validate_json(read_setting(connection, self.owner, _QUESTIONS) or "[]")
        except ValidationError:  # of another version of the app
            return []

    def _write(self, connection: Connection, questions: Sequence[UnfinishedQuestion]) -> None:
        write_setting(connection, self.owner, _QUESTIONS, _questions.dump_json([*questions]).decode())


def _draft_name(draft_id: str) -> str:
    return f"draft.{draft_id}"
