"""Questions and answers of a conversation: what is kept, and what is asked."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.conversations.messages import Content, Conversation, Message, Turn, new_message
from core.conversations.queries import ConversationQueries
from core.conversations.repository import ConversationRepository
from core.errors.types import PlaygroundError
from core.pricing.prices import Cost
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository, insert_run
from core.storage.run_saver import RunSaver

CONTINUE_PROMPT = "Continue exactly where your last message stopped. Do not repeat any of it."


class TurnService:
    """Begins turns in one owner's conversations, each in one transaction: call these off the loop.

    A transaction may be repeated (see `Store.write`), so the ids and times of what it writes are made before.
    """

    def __init__(self, conversations: ConversationRepository, runs: RunRepository) -> None:
        self.conversations = conversations
        self.runs = runs

    def send(self, conversation_id: str, content: Content, run: Run) -> Turn:
        """Ask *content* after what is shown. Raises NotFound if the conversation is somebody else's."""
        question, reply = new_message("user", content), _empty_reply(run)

        def work(rows: ConversationQueries) -> Turn:
            found = rows.get_or_create(conversation_id, question.created_at)
            return _ask(rows, found, replace(question, parent_id=found.leaf_id), reply, run)

        return self.conversations.run_transaction(work)

    def edit(self, message_id: str, text: str, run: Run) -> Turn:
        """Ask the question *message_id* again in other words, on a branch of its own; its images stay."""
        question, reply = new_message("user", text), _empty_reply(run)

        def work(rows: ConversationQueries) -> Turn:
            old = rows.message(message_id)
            other = replace(question, parent_id=old.parent_id, content=_replace_text(old.content, text))
            return _ask(rows, rows.conversation(old.conversation_id), other, reply, run)

        return self.conversations.run_transaction(work)

    def regenerate(self, message_id: str, run: Run) -> Turn:
        """Answer again what *message_id* answered; the old reply stays as a branch."""
        reply = _empty_reply(run)

        def work(rows: ConversationQueries) -> Turn:
            question = _find_question(rows, message_id)
            history = rows.branch(question.conversation_id, question.id)
            return _answer(rows, history, replace(reply, parent_id=question.id), run)

        return self.conversations.run_transaction(work)

    def continue_reply(self, message_id: str, run: Run) -> Turn:
        """Let the reply *message_id* go on where it ended, on a branch that begins with its text."""
        reply = _empty_reply(run)

        def work(rows: ConversationQueries) -> Turn:
            begun = rows.message(message_id)
            history = [*rows.branch(begun.conversation_id, begun.parent_id), begun]
            branch = replace(reply, parent_id=begun.parent_id, content=begun.text)
            asked = {"role": "user", "content": CONTINUE_PROMPT}
            return replace(_answer(rows, history, branch, run), extra_messages=(asked,))

        return self.conversations.run_transaction(work)


def _empty_reply(run: Run) -> Message:
    return new_message("assistant", "", run_id=run.id)


def _ask(
    rows: ConversationQueries, conversation: Conversation, question: Message, reply: Message, run: Run
) -> Turn:
    question = replace(question, conversation_id=conversation.id)
    reply = replace(reply, conversation_id=conversation.id, parent_id=question.id)
    history = (*rows.branch(conversation.id, question.parent_id), question)
    rows.append(conversation, question, reply)
    insert_run(rows.connection, rows.owner, run)
    return Turn(conversation.id, question, reply, history)


def _answer(rows: ConversationQueries, history: Sequence[Message], reply: Message, run: Run) -> Turn:
    conversation = rows.conversation(history[-1].conversation_id)
    reply = replace(reply, conversation_id=conversation.id)
    rows.append(conversation, reply)
    insert_run(rows.connection, rows.owner, run)
    return Turn(conversation.id, None, reply, tuple(history))


def _find_question(rows: ConversationQueries, message_id: str) -> Message:
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
        turns: TurnService,
        reply: Message,
        price: Callable[[Run], Cost],
        on_end: Callable[[Run], None] | None = None,
    ) -> None:
        super().__init__(turns.runs, price, on_end)
        self._turns = turns
        self._reply = reply

    def _keep(self, run: Run) -> None:
        self._turns.conversations.set_text(self._reply.id, self._reply.text + run.text)
        super()._save_run(run)
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
            self._turns.conversations.select_branch(self._reply.id)


def _replace_text(content: Content, text: str) -> Content:
    if isinstance(content, str):
        return text
    return [{"type": "text", "text": text}, *(part for part in content if part.get("type") != "text")]
