"""Save a reply while it grows: its text in the conversation beside its run."""

from collections.abc import Callable

from core.conversations.messages import Message
from core.conversations.turn_service import TurnService
from core.pricing.prices import Cost
from core.runs.run import Run, RunState
from core.storage.run_saver import RunSaver


class ReplySaver(RunSaver):
    """Saves the text of a reply in the conversation, and its run. Pass it to `Jobs.start`."""

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

    def _save_run(self, run: Run) -> None:
        conversations, reply = self._turns.conversations, self._reply
        conversations.set_text(reply.id, reply.text + run.text)
        super()._save_run(run)
        if run.state is RunState.RUNNING:
            return
        # With `n` above 1, the other choices become siblings of the reply.
        other_choices = (run.response or {}).get("choices", [])[1:]
        for choice in other_choices:
            text = choice["message"]["content"] or ""
            conversations.append(reply.conversation_id, reply.parent_id, "assistant", text, run.id)
        if other_choices:
            conversations.select_branch(reply.id)
