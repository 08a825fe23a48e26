"""The end of a reply needs only that reply, as the transcript shows it."""

from dataclasses import replace

import pytest

from core.calls import CallService
from core.chat.transcript import TranscriptMessage, load_reply, load_transcript
from core.client.profile import Profile
from core.completions.request import ChatSettings, ConversationState
from core.conversations.messages import Turn
from core.conversations.turn_service import TurnService, turn_service
from core.responses.call import ResponseCall
from core.runs.run import Run, RunState
from core.storage.store import Store
from core.tokens.context_window import TrimOptions

CONVERSATION = "0" * 32


def new_run() -> Run:
    return Run("chat", "chat.completions.create", {"model": "gpt-4o-mini"})


@pytest.fixture
def turns(store: Store) -> TurnService:
    return turn_service(store, "local")


@pytest.fixture
def turn(turns: TurnService) -> Turn:
    """The second of two turns."""
    turns.send(CONVERSATION, "First?", new_run())
    return turns.send(CONVERSATION, "Second?", new_run())


def last_entry(calls: CallService) -> TranscriptMessage:
    return load_transcript(calls, CONVERSATION, None, TrimOptions()).messages[-1]


async def test_loads_a_reply_as_the_transcript_shows_it(calls: CallService, turn: Turn) -> None:
    reply = load_reply(calls, CONVERSATION, turn.reply.id)

    assert reply
    assert list(reply.messages) == [last_entry(calls)]
    assert len(reply.runs) == 2


async def test_loads_a_regenerated_reply_with_its_siblings(
    calls: CallService, turns: TurnService, turn: Turn
) -> None:
    again = turns.regenerate(turn.reply.id, new_run())

    reply = load_reply(calls, CONVERSATION, again.reply.id)

    assert reply
    assert list(reply.messages) == [last_entry(calls)]
    assert list(reply.messages[0].siblings) == [turn.reply.id, again.reply.id]


async def test_loads_no_reply_that_is_not_the_last_of_the_selected_branch(
    calls: CallService, turns: TurnService, turn: Turn
) -> None:
    turns.regenerate(turn.reply.id, new_run())

    assert load_reply(calls, CONVERSATION, turn.reply.id) is None
    assert load_reply(calls, "1" * 32, turn.reply.id) is None


@pytest.mark.parametrize(
    ("state", "run_state", "is_dropped"),
    [
        ("messages", RunState.DONE, True),
        ("previous_response_id", RunState.DONE, False),
        ("previous_response_id", RunState.RUNNING, False),
        ("previous_response_id", RunState.STOPPED, True),
    ],
)
async def test_drops_nothing_if_the_next_request_continues_a_stored_response(
    calls: CallService, turns: TurnService, state: ConversationState, run_state: RunState, is_dropped: bool
) -> None:
    profile = Profile(id="a", name="A", kind="custom", base_url="http://127.0.0.1:1/v1")
    params = {"model": "gpt-4o-mini"}
    run = Run("chat", ResponseCall.endpoint, params, base_url=profile.base_url, text="Yes.")
    run = replace(run, response={"id": "resp_1"})
    turns.send(CONVERSATION, "word " * 200, new_run())
    turn = turns.send(CONVERSATION, "Second?", run)
    turns.conversations.set_text(turn.reply.id, "Yes.")
    turns.runs.save(replace(run, state=run_state))

    settings = ChatSettings(model="gpt-4o-mini", api="responses", state=state)
    transcript = load_transcript(calls, CONVERSATION, settings, TrimOptions(simulated_window=100), profile)

    assert transcript.messages[0].is_dropped is is_dropped
