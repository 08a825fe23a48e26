"""Questions and answers of a conversation: what is kept, and what is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.conversations import Content, Conversation, Conversations, Message, NotFound
from core.errors import PlaygroundError
from core.history import Runs
from core.pricing import Cost
from core.runs import Run, RunState
from core.saving import RunSaver

CONTINUE = "Continue exactly where your last message stopped. Do not repeat any of it."


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with the place of its answer, and the messages that lead up to it.

    `question` is None where no new one was asked. `history` holds what the conversation shows; `appended` is
    what is sent after it without being part of the conversation.
    """

    conversation_id: str
    question: Message | None
    reply: Message
    history: tuple[Message, ...]
    appended: tuple[dict[str, Any], ...] = ()

    def wire(self) -> list[dict[str, Any]]:
        """The messages as the API takes them; replies that never got a word are left out."""
        return [*wire_messages(self.history), *self.appended]


def wire_messages(history: Sequence[Message]) -> list[dict[str, Any]]:
    """Turn kept messages into the API's."""
    return [{"role": message.role, "content": message.content} for message in spoken(history)]


def spoken(history: Sequence[Message]) -> list[Message]:
    """Leave out replies that never got a word."""
    return [message for message in history if message.content or message.role != "assistant"]


class Turns:
    """Begins turns in one owner's conversations. These write to the store: call them off the loop."""

    def __init__(self, conversations: Conversations, runs: Runs) -> None:
        self.conversations = conversations
        self.runs = runs

    def ensure(self, conversation_id: str) -> Conversation:
        """Return the conversation, made now if this is its first use. Raises NotFound for another's id."""
        try:
            return self.conversations.get(conversation_id)
        except NotFound:
            made = Conversation(conversation_id, "", datetime.now(UTC))
            self.conversations.add(made, [])
            return made

    def send(self, conversation_id: str, content: Content, run: Run) -> Turn:
        """Ask *content* after what is shown."""
        found = self.ensure(conversation_id)
        question = self.conversations.append(conversation_id, found.leaf_id, "user", content)
        return self._reply_to(question, run, question)

    def edit(self, message_id: str, text: str, run: Run) -> Turn:
        """Ask the question *message_id* again in other words, on a branch of its own; its images stay."""
        old = self.conversations.message(message_id)
        content = _reworded(old.content, text)
        question = self.conversations.append(old.conversation_id, old.parent_id, "user", content)
        return self._reply_to(question, run, question)

    def regenerate(self, message_id: str, run: Run) -> Turn:
        """Answer again what *message_id* answered; the old reply stays as a branch."""
        old = self.conversations.message(message_id)
        if old.role == "user":
            return self._reply_to(old, run, None)
        if old.parent_id is None:
            raise PlaygroundError("There is no question to answer again", "Ask one below.")
        return self._reply_to(self.conversations.message(old.parent_id), run, None)

    def proceed(self, message_id: str, run: Run) -> Turn:
        """Let the reply *message_id* go on where it ended, on a branch that begins with its text."""
        begun = self.conversations.message(message_id)
        history = (*self.conversations.branch(begun.conversation_id, begun.parent_id), begun)
        reply = self._begin_reply(begun.conversation_id, begun.parent_id, begun.text, run)
        asked = {"role": "user", "content": CONTINUE}
        return Turn(begun.conversation_id, None, reply, history, (asked,))

    def _reply_to(self, parent: Message, run: Run, question: Message | None) -> Turn:
        history = tuple(self.conversations.branch(parent.conversation_id, parent.id))
        reply = self._begin_reply(parent.conversation_id, parent.id, "", run)
        return Turn(parent.conversation_id, question, reply, history)

    def _begin_reply(self, conversation_id: str, parent_id: str | None, text: str, run: Run) -> Message:
        reply = self.conversations.append(conversation_id, parent_id, "assistant", text, run.id)
        self.runs.start(run)
        return reply


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
