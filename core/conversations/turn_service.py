"""Turns of a conversation: a question and its reply are stored before the request is sent."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from core.conversations.messages import Content, Conversation, Message, Turn, new_message
from core.conversations.queries import ConversationQueries
from core.conversations.repository import ConversationRepository
from core.errors.types import PlaygroundError
from core.runs.run import Run
from core.storage.run_repository import RunRepository, insert_run
from core.storage.store import Store

CONTINUE_PROMPT = "Continue exactly where your last message stopped. Do not repeat any of it."


class TurnService:
    """Starts turns in the conversations of an owner, each in one transaction. Not for the event loop.

    *on_turn* receives the turn once it is known and before it is stored, so that its request need not wait
    for the database. It is called again if the transaction is repeated.
    """

    # A transaction may be replayed (see `Store.write`), so ids and times are created outside of it.

    def __init__(
        self,
        conversations: ConversationRepository,
        runs: RunRepository,
        on_turn: Callable[[Turn], object] | None = None,
    ) -> None:
        self.conversations = conversations
        self.runs = runs
        self._on_turn = on_turn

    def send(self, conversation_id: str, content: Content, run: Run) -> Turn:
        """Add a question to the selected branch. Raises NotFound if the conversation is another owner's."""
        question, reply = new_message("user", content), _empty_reply(run)

        def add_turn(queries: ConversationQueries) -> Turn:
            conversation = queries.get_or_create(conversation_id, question.created_at)
            return self._add_question(
                queries, conversation, replace(question, parent_id=conversation.leaf_id), reply, run
            )

        return self.conversations.run_transaction(add_turn)

    def edit(self, message_id: str, text: str, run: Run) -> Turn:
        """Ask the question *message_id* with another text, on a new branch; its images stay."""
        question, reply = new_message("user", text), _empty_reply(run)

        def add_turn(queries: ConversationQueries) -> Turn:
            original = queries.message(message_id)
            content: Content = text
            if not isinstance(original.content, str):
                images = [part for part in original.content if part.get("type") != "text"]
                content = [{"type": "text", "text": text}, *images]
            edited = replace(question, parent_id=original.parent_id, content=content)
            conversation = queries.conversation(original.conversation_id)
            return self._add_question(queries, conversation, edited, reply, run)

        return self.conversations.run_transaction(add_turn)

    def regenerate(self, message_id: str, run: Run) -> Turn:
        """Answer the question *message_id*, or that of a reply, again; the old reply stays as a branch."""
        reply = _empty_reply(run)

        def add_turn(queries: ConversationQueries) -> Turn:
            question = queries.message(message_id)
            if question.role != "user":
                if question.parent_id is None:
                    raise PlaygroundError("There is no question to answer", "Ask one below.")
                question = queries.message(question.parent_id)
            history = queries.branch(question.conversation_id, question.id)
            return self._add_reply(queries, history, replace(reply, parent_id=question.id), run)

        return self.conversations.run_transaction(add_turn)

    def continue_reply(self, message_id: str, run: Run) -> Turn:
        """Continue the reply *message_id* on a new branch that starts with its text."""
        reply = _empty_reply(run)

        def add_turn(queries: ConversationQueries) -> Turn:
            partial = queries.message(message_id)
            history = [*queries.branch(partial.conversation_id, partial.parent_id), partial]
            continued = replace(reply, parent_id=partial.parent_id, content=partial.text)
            # The prompt is sent but not stored, so that the conversation shows one uninterrupted reply.
            prompt = {"role": "user", "content": CONTINUE_PROMPT}
            return self._add_reply(queries, history, continued, run, prompt)

        return self.conversations.run_transaction(add_turn)

    def _add_question(
        self,
        queries: ConversationQueries,
        conversation: Conversation,
        question: Message,
        reply: Message,
        run: Run,
    ) -> Turn:
        question = replace(question, conversation_id=conversation.id)
        reply = replace(reply, conversation_id=conversation.id, parent_id=question.id)
        history = (*queries.branch(conversation.id, question.parent_id), question)
        turn = Turn(conversation.id, question, reply, history)
        return self._insert(queries, conversation, turn, run)

    def _add_reply(
        self,
        queries: ConversationQueries,
        history: Sequence[Message],
        reply: Message,
        run: Run,
        *extra_messages: dict[str, Any],
    ) -> Turn:
        conversation = queries.conversation(history[-1].conversation_id)
        reply = replace(reply, conversation_id=conversation.id)
        turn = Turn(conversation.id, None, reply, tuple(history), extra_messages)
        return self._insert(queries, conversation, turn, run)

    def _insert(self, queries: ConversationQueries, conversation: Conversation, turn: Turn, run: Run) -> Turn:
        if self._on_turn:
            self._on_turn(turn)
        queries.append(conversation, *filter(None, (turn.question, turn.reply)))
        insert_run(queries.connection, queries.owner, run)
        return turn


def turn_service(store: Store, owner: str, on_turn: Callable[[Turn], object] | None = None) -> TurnService:
    """Return the service for the conversations and runs of *owner*."""
    return TurnService(ConversationRepository(store, owner), RunRepository(store, owner), on_turn)


def _empty_reply(run: Run) -> Message:
    return new_message("assistant", "", run_id=run.id)
