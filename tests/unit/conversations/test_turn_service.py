"""A question is kept before it is asked, and every answer has its place in the tree."""

import pytest

from core.conversations.messages import NotFound, Turn
from core.conversations.repository import ConversationRepository, Message
from core.conversations.turn_service import CONTINUE_PROMPT, ReplySaver, TurnService
from core.errors.types import PlaygroundError
from core.pricing.prices import Cost
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store

TALK = "0" * 32


@pytest.fixture
def turns(store: Store) -> TurnService:
    return turns_of(store, "me")


def turns_of(store: Store, owner: str) -> TurnService:
    return TurnService(ConversationRepository(store, owner), RunRepository(store, owner))


def new_run() -> Run:
    return Run("chat", "chat.completions.create", {"model": "m"})


def answered(turns: TurnService, turn: Turn, text: str) -> Message:
    turns.conversations.set_text(turn.reply.id, text)
    return turns.conversations.message(turn.reply.id)


def said(turns: TurnService) -> list[str]:
    return [message.text for message in turns.conversations.branch(TALK)]


def test_begins_the_conversation_with_its_first_question(turns: TurnService) -> None:
    run = new_run()

    turn = turns.send(TALK, "Hello", run)

    assert turns.conversations.get(TALK).title == "Hello"
    assert turn.api_messages() == [{"role": "user", "content": "Hello"}]
    assert turn.reply.run_id == run.id
    assert turns.runs.get(run.id).state is RunState.RUNNING


def test_sends_what_was_said_before(turns: TurnService) -> None:
    answered(turns, turns.send(TALK, "Hello", new_run()), "Hi")

    turn = turns.send(TALK, "How are you?", new_run())

    assert [message["content"] for message in turn.api_messages()] == ["Hello", "Hi", "How are you?"]


def test_leaves_out_a_reply_that_never_got_a_word(turns: TurnService) -> None:
    turns.send(TALK, "Hello", new_run())

    turn = turns.send(TALK, "Are you there?", new_run())

    assert [message["content"] for message in turn.api_messages()] == ["Hello", "Are you there?"]


def test_edits_on_a_branch_of_its_own(turns: TurnService) -> None:
    first = turns.send(TALK, "Hello", new_run())
    answered(turns, first, "Hi")
    assert first.question

    turn = turns.edit(first.question.id, "Goodbye", new_run())

    assert turn.api_messages() == [{"role": "user", "content": "Goodbye"}]
    assert said(turns) == ["Goodbye", ""]
    assert len(turns.conversations.all_siblings(TALK)[first.question.id]) == 2


def test_keeps_the_images_of_an_edited_question(turns: TurnService) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    first = turns.send(TALK, [{"type": "text", "text": "What is this?"}, image], new_run())
    assert first.question

    turn = turns.edit(first.question.id, "And this?", new_run())

    assert turn.api_messages()[0]["content"] == [{"type": "text", "text": "And this?"}, image]


@pytest.mark.parametrize("which", ["the reply", "the question"])
def test_regenerates_beside_the_old_reply(turns: TurnService, which: str) -> None:
    first = turns.send(TALK, "Hello", new_run())
    answered(turns, first, "Hi")
    assert first.question

    turn = turns.regenerate(first.reply.id if which == "the reply" else first.question.id, new_run())

    assert turn.question is None
    assert turn.api_messages() == [{"role": "user", "content": "Hello"}]
    assert turns.conversations.all_siblings(TALK)[turn.reply.id] == [first.reply.id, turn.reply.id]


def test_continues_from_the_text_there_is(turns: TurnService) -> None:
    first = turns.send(TALK, "Count", new_run())
    reply = answered(turns, first, "One, two")

    turn = turns.continue_reply(reply.id, new_run())

    assert turn.reply.text == "One, two"
    assert [message["content"] for message in turn.api_messages()] == ["Count", "One, two", CONTINUE_PROMPT]
    assert said(turns) == ["Count", "One, two"]


def test_refuses_the_conversation_of_somebody_else(turns: TurnService, store: Store) -> None:
    turn = turns.send(TALK, "Mine", new_run())
    theirs = turns_of(store, "them")

    with pytest.raises((NotFound, PlaygroundError)):
        theirs.send(TALK, "Let me in", new_run())
    with pytest.raises(NotFound):
        theirs.regenerate(turn.reply.id, new_run())
    assert said(turns) == ["Mine", ""]


async def test_saves_the_text_as_it_grows(turns: TurnService) -> None:
    turn, run = begin(turns)
    log = RunLog(run)
    save = ReplySaver(turns, turn.reply, free)
    log.write("Hel")
    await save(log)
    assert said(turns) == ["Hello?", "Hel"]

    log.write("lo")
    log.end(RunState.DONE, finish_reason="stop")
    await save(log)

    assert said(turns) == ["Hello?", "Hello"]
    assert turns.runs.get(run.id).state is RunState.DONE
    assert turns.runs.get(run.id).cost == free(run)


async def test_saves_each_event_once(turns: TurnService) -> None:
    turn, run = begin(turns)
    log = RunLog(run)
    save = ReplySaver(turns, turn.reply, free)
    for data in "abc":
        log.record("chunk", data)
        await save(log)

    assert [event.data for event in turns.runs.events(run.id)] == ["a", "b", "c"]


async def test_keeps_the_other_answers_as_branches(turns: TurnService) -> None:
    turn, run = begin(turns)
    log = RunLog(run)
    log.write("first")
    texts = ["first", "second", None]
    choices = [{"index": index, "message": {"content": text}} for index, text in enumerate(texts)]
    log.end(RunState.DONE, response={"choices": choices})

    await ReplySaver(turns, turn.reply, free)(log)

    assert said(turns) == ["Hello?", "first"]
    assert len(turns.conversations.all_siblings(TALK)[turn.reply.id]) == 3


def begin(turns: TurnService) -> tuple[Turn, Run]:
    run = new_run()
    return turns.send(TALK, "Hello?", run), run


def free(_run: Run) -> Cost:
    return Cost(None, "nothing is charged")
