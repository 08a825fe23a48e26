"""Put a question: fit the history into the model's window, then make the call."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.chat import ChatSettings, answer
from core.conversations import Message
from core.recording import RunLog
from core.resilience import RetryPolicy
from core.turns import Turn

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@dataclass(frozen=True, slots=True)
class Question:
    """How to ask: the settings, what to do when it will not fit, and how often to try."""

    settings: ChatSettings
    strategy: str
    policy: RetryPolicy


async def ask(client: "AsyncOpenAI", question: Question, turn: Turn, log: RunLog) -> None:
    """Bring *log* to its end with the model's answer to *turn*."""
    params = question.settings.params(turn.wire())
    log.sent(params)
    await answer(client, params, log, question.policy)


def would_drop(branch: Sequence[Message], settings: ChatSettings | None, strategy: str) -> set[str]:
    """The ids of the messages that the next request would leave out."""
    return set()


def gauge(branch: Sequence[Message], draft: str, images: int, settings: ChatSettings, strategy: str) -> Any:
    return None
