"""Questions and answers of a conversation: what is kept, and what is asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.conversations.messages import Content, Conversation, Message, Turn, new_message
from core.conversations.queries import Rows
from core.conversations.repository import Conversations
from core.errors.types import PlaygroundError
from core.pricing.prices import Cost
from core.runs.run import Run, RunState
from core.storage.run_repository import Runs, add_run
from core.storage.run_saver import RunSaver

CONTINUE = "Continue exactly where your last message stopped. Do not repeat any of it."


class Turns:
    """Begins turns in one owner's conversations, each in one transaction: call these off the loop.

    A transaction may be repeated (see `Store.write`), so the ids and times of what it writes are made before.
    """

    def __init__(self, conversations: Conversations, runs: Runs) -> None:
        self.conversations = conversations
        self.runs = runs

    def send(self, conversation_id: str, content: Content, run: Run) -> Turn:
        """Ask *content* after what is shown. Raises NotFound if the conversation is somebody else's."""
        question, reply = new_message("user", content), _empty_reply(run)

        def work(rows: Rows) -> Turn:
            found = rows.find_or_begin(conversation_id, question.created_at)
            return _ask(rows, found, replace(question, parent_id=found.leaf_id), reply, run)

        return self.conversations.change(work)

    def edit(self, message_id: str, text: str, run: Run) -> Turn:
        """Ask the question *message_id* again in other words, on a branch of its own; its images stay."""
        question, reply = new_message("user", text), _empty_reply(run)

        def work(rows: Rows) -> Turn:
            old = rows.message(message_id)
            other = replace(question, parent_id=old.parent_id, content=_reworded(old.content, text))
            return _ask(rows, rows.conversation(old.conversation_id), other, reply, run)

        return self.conversations.change(work)

    def regenerate(self, message_id: str, run: Run) -> Turn:
        """Answer again what *message_id* answered; the old reply stays as a branch."""
        reply = _empty_reply(run)

        def work(rows: Rows) -> Turn:
            question = _question_of(rows, message_id)
            history = rows.path(question.conversation_id, question.id)
            return _answer(rows, history, replace(reply, parent_id=question.id), run)

        return self.conversations.change(work)

    def proceed(self, message_id: str, run: Run) -> Turn:
        """Let the reply *message_id* go on where it ended, on a branch that begins with its text."""
        reply = _empty_reply(run)

        def work(rows: Rows) -> Turn:
            begun = rows.message(message_id)
            history = [*rows.path(begun.conversation_id, begun.parent_id), begun]
            branch = replace(reply, parent_id=begun.parent_id, content=begun.text)
            asked = {"role": "user", "content": CONTINUE}
            return replace(_answer(rows, history, branch, run), appended=(asked,))

        return self.conversations.change(work)


def _empty_reply(run: Run) -> Message:
    return new_message("assistant", "", run_id=run.id)


def _ask(rows: Rows, conversation: Conversation, question: Message, reply: Message, run: Run) -> Turn:
    question = replace(question, conversation_id=conversation.id)
    reply = replace(reply, conversation_id=conversation.id, parent_id=question.id)
    history = (*rows.path(conversation.id, question.parent_id), question)
    rows.append(conversation, question, reply)
    add_run(rows.connection, rows.owner, run)
    return Turn(conversation.id, question, reply, history)


def _answer(rows: Rows, history: Sequence[Message], reply: Message, run: Run) -> Turn:
    conversation = rows.conversation(history[-1].conversation_id)
    reply = replace(reply, conversation_id=conversation.id)
    rows.append(conversation, reply)
    add_run(rows.connection, rows.owner, run)
    return Turn(conversation.id, None, reply, tuple(history))


def _question_of(rows: Rows, message_id: str) -> Message:
    """The question itself, or the one that a reply answers."""
    found = rows.message(message_id)
    if found.role == "user":
        return found
    if found.parent_id is None:
        raise PlaygroundError("There is no question to answer again", "Ask one below.")
    return rows.message(found.parent_id)


class ReplySaver(RunSaver):
    """Saves a growing reply: its text in the conversation beside its run. Give it to `Jobs.start`."""

    def __init__(
        self,
        turns: Turns,
        reply: Message,
        price: Callable[[Run], Cost],
        tell: Callable[[Run], None] | None = None,
    ) -> None:
        super().__init__(turns.runs, price, tell)
        self._turns = turns
        self._reply = reply

    def _keep(self, run: Run) -> None:
        self._turns.conversations.set_text(self._reply.id, self._reply.text + run.text)
        super()._keep(run)
        if run.state is not RunState.RUNNING:
            self._keep_other_choices(run)

    def _keep_other_choices(self, run: Run) -> None:
        """With `n` above one the other answers become branches beside the first."""
        others = (run.response or {}).get("choices", [])[1:]
        for choice in others:
            text = choice["message"]["content"] or ""
            parent = self._reply.parent_id
            self._turns.conversations.append(self._reply.conversation_id, parent, "assistant", text, run.id)
        if others:
            self._turns.conversations.select(self._reply.id)


def _reworded(content: Content, text: str) -> Content:
    if isinstance(content, str):
        return text
    return [{"type": "text", "text": text}, *(part for part in content if part.get("type") != "text")]
