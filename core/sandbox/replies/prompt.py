"""What a reply is made from."""

from dataclasses import dataclass

from core.sandbox.api.images import Image


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the conversation, instructions aside."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that a reply depends on; *basis* decides between wordings that say the same.

    *images* came with the last message, *earlier_images* with those before it.
    """

    instructions: str
    turns: tuple[Turn, ...]
    images: tuple[Image, ...] = ()
    earlier_images: tuple[Image, ...] = ()
    model: str = ""
    verbosity: str = "medium"
    as_json: bool = False
    basis: str = ""
    encoding: str = "o200k_base"

    @property
    def question(self) -> str:
        """The last thing the user said."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def first(self) -> bool:
        """Whether nothing has been answered yet."""
        return not any(turn.role == "assistant" for turn in self.turns)
