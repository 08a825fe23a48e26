"""The input of a reply."""

from dataclasses import dataclass, replace
from typing import Literal

from core.sandbox.api.images import MessageImage

ModelSize = Literal["smallest", "small", "medium", "large"]


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """A message of the conversation other than the instructions."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatPrompt:
    """Everything that a reply depends on; *random_seed* selects one of several equivalent replies.

    *wording_seed* selects a wording of it, the same for a reply and its continuation; none if it is empty.
    Models with another *model_variant* have other wordings. *images* are those of the last message,
    *earlier_images* those of the messages before it.
    """

    instructions: str
    messages: tuple[ConversationMessage, ...]
    images: tuple[MessageImage, ...] = ()
    earlier_images: tuple[MessageImage, ...] = ()
    model: str = ""
    size: ModelSize = "small"
    model_variant: int = 0
    verbosity: str = "medium"
    as_json: bool = False
    random_seed: str = ""
    wording_seed: str = ""
    temperature: float = 1.0
    encoding: str = "o200k_base"

    @property
    def question(self) -> str:
        """The text of the last user message."""
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")

    def shortened(self, length: int) -> "ChatPrompt":
        """Return the prompt with at most *length* characters of each text: its start and some of its end."""
        end = min(1_000, length // 4)

        def shorten(text: str) -> str:
            return text if len(text) <= length else f"{text[: length - end]}\n\n{text[-end:]}"

        messages = tuple(replace(message, text=shorten(message.text)) for message in self.messages)
        return replace(self, instructions=shorten(self.instructions), messages=messages)

    @property
    def replies(self) -> list[str]:
        """The texts of the replies in the conversation."""
        return [message.text for message in self.messages if message.role == "assistant"]

    @property
    def is_first_reply(self) -> bool:
        """Whether the conversation has no reply yet."""
        return not self.replies

    def has_replied(self, text: str) -> bool:
        """Return whether a reply in the conversation begins with *text*, or is its beginning."""
        return any(reply and (reply.startswith(text) or text.startswith(reply)) for reply in self.replies)
