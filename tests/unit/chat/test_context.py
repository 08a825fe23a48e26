"""A history is trimmed to the context window before it is sent, and its tokens are estimated."""

import pytest

from core.chat.context import context_usage, prepare_request
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.conversations.messages import Turn
from core.conversations.turn_service import turn_service
from core.runs.run import Run
from core.storage.store import Store
from core.tokens.context_window import TrimOptions

SETTINGS = ChatSettings(model="gpt-4o-mini")
WINDOW = 150


@pytest.fixture
def turn(store: Store) -> Turn:
    """The fifth turn of a conversation whose first four do not fit into `WINDOW` tokens with it."""
    turns = turn_service(store, "local")
    for number in range(4):
        turn = turns.send("0" * 32, f"Question {number}: " + "word " * 30, _run())
        turns.conversations.set_text(turn.reply.id, f"Answer {number}: " + "word " * 30)
    return turns.send("0" * 32, "And now?", _run())


def _run() -> Run:
    return Run("chat", ChatCompletionCall.endpoint, {"model": SETTINGS.model})


def test_never_drops_the_last_message(turn: Turn) -> None:
    prepared = prepare_request(SETTINGS, TrimOptions("keep_pinned", WINDOW), turn.history)

    assert prepared.trimmed.messages[-1]["content"] == "And now?"
    assert turn.history[-1] not in prepared.dropped


def test_estimates_an_empty_conversation_as_zero() -> None:
    assert context_usage(SETTINGS, TrimOptions(), []).tokens == 0


def test_estimates_an_image_by_its_size(turn: Turn) -> None:
    small, large = (
        context_usage(SETTINGS, TrimOptions(), turn.history, "", [size]).tokens
        for size in ((32, 32), (1024, 1024))
    )

    assert large > small


def test_includes_the_draft_in_the_estimate(turn: Turn) -> None:
    assert (
        context_usage(SETTINGS, TrimOptions(), turn.history, "more words").tokens
        > context_usage(SETTINGS, TrimOptions(), turn.history).tokens
    )
