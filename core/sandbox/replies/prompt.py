"""What a reply is made from."""

from dataclasses import dataclass

from core.sandbox.api.images import MessageImage


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """One message of the conversation, instructions aside."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """Everything that a reply depends on; *basis* decides between wordings that say the same.

    *images* came with the last message, *earlier_images* with those before it.
    """

    instructions: str
    messages: tuple[ConversationMessage, ...]
    images: tuple[MessageImage, ...] = ()
    earlier_images: tuple[MessageImage, ...] = ()
    model: str = ""
    verbosity: str = "medium"
    as_json: bool = False
    random_seed: str = ""
    encoding: str = "o200k_base"

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return next((turn.text for turn in reversed(self.messages) if turn.role == "user"), "")

    @property
    def is_first_reply(self) -> bool:
        """Whether nothing has been answered yet."""
        return not any(turn.role == "assistant" for turn in self.messages)
