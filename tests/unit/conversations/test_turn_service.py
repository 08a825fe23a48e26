"""Turns of a conversation: questions, replies and branches."""

import pytest

from core.conversations.messages import Message, Turn
from core.conversations.reply_saver import ReplySaver
from core.conversations.turn_service import CONTINUE_PROMPT, TurnService, turn_service
from core.errors.types import NotFound, PlaygroundError
from core.pricing.prices import Cost
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.store import Store

CONVERSATION_ID = "0" * 32


@pytest.fixture
def turns(store: Store) -> TurnService:
    return turn_service(store, "me")


def new_run() -> Run:
    return Run("chat", "chat.completions.create", {"model": "m"})


def set_reply(turns: TurnService, turn: Turn, text: str) -> Message:
    turns.conversations.set_text(turn.reply.id, text)
    return turns.conversations.message(turn.reply.id)


def branch_texts(turns: TurnService) -> list[str]:
    return [message.text for message in turns.conversations.branch(CONVERSATION_ID)]


def test_creates_the_conversation_with_its_first_question(turns: TurnService) -> None:
    run = new_run()

    turn = turns.send(CONVERSATION_ID, "Hello", run)

    assert turns.conversations.get(CONVERSATION_ID).title == "Hello"
    assert turn.api_messages() == [{"role": "user", "content": "Hello"}]
    assert turn.reply.run_id == run.id
    assert turns.runs.get(run.id).state is RunState.RUNNING


def test_sends_the_previous_messages(turns: TurnService) -> None:
    set_reply(turns, turns.send(CONVERSATION_ID, "Hello", new_run()), "Hi")

    turn = turns.send(CONVERSATION_ID, "How are you?", new_run())

    assert [message["content"] for message in turn.api_messages()] == ["Hello", "Hi", "How are you?"]


def test_does_not_send_an_empty_reply(turns: TurnService) -> None:
    turns.send(CONVERSATION_ID, "Hello", new_run())

    turn = turns.send(CONVERSATION_ID, "Are you there?", new_run())

    assert [message["content"] for message in turn.api_messages()] == ["Hello", "Are you there?"]


def test_edits_a_question_on_a_new_branch(turns: TurnService) -> None:
    first = turns.send(CONVERSATION_ID, "Hello", new_run())
    set_reply(turns, first, "Hi")
    assert first.question

    turn = turns.edit(first.question.id, "Goodbye", new_run())

    assert turn.api_messages() == [{"role": "user", "content": "Goodbye"}]
    assert branch_texts(turns) == ["Goodbye", ""]
    assert len(turns.conversations.all_siblings(CONVERSATION_ID)[first.question.id]) == 2


def test_keeps_the_images_of_an_edited_question(turns: TurnService) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    first = turns.send(CONVERSATION_ID, [{"type": "text", "text": "What is this?"}, image], new_run())
    assert first.question

    turn = turns.edit(first.question.id, "And this?", new_run())

    assert turn.api_messages()[0]["content"] == [{"type": "text", "text": "And this?"}, image]


@pytest.mark.parametrize("which", ["the reply", "the question"])
def test_regenerates_a_reply_as_a_sibling(turns: TurnService, which: str) -> None:
    first = turns.send(CONVERSATION_ID, "Hello", new_run())
    set_reply(turns, first, "Hi")
    assert first.question

    turn = turns.regenerate(first.reply.id if which == "the reply" else first.question.id, new_run())

    assert turn.question is None
    assert turn.api_messages() == [{"role": "user", "content": "Hello"}]
    assert turns.conversations.all_siblings(CONVERSATION_ID)[turn.reply.id] == [first.reply.id, turn.reply.id]


def test_continues_a_partial_reply(turns: TurnService) -> None:
    first = turns.send(CONVERSATION_ID, "Count", new_run())
    reply = set_reply(turns, first, "One, two")

    turn = turns.continue_reply(reply.id, new_run())

    assert turn.reply.text == "One, two"
    assert [message["content"] for message in turn.api_messages()] == ["Count", "One, two", CONTINUE_PROMPT]
    assert branch_texts(turns) == ["Count", "One, two"]


def test_reports_a_turn_before_it_is_stored(turns: TurnService, store: Store) -> None:
    turns.send(CONVERSATION_ID, "First", new_run())
    reported: list[tuple[Turn, list[str]]] = []
    reporting = turn_service(store, "me", lambda turn: reported.append((turn, branch_texts(turns))))

    turn = reporting.send(CONVERSATION_ID, "Second", new_run())

    assert reported == [(turn, ["First", ""])]


def test_rejects_the_conversation_of_another_owner(turns: TurnService, store: Store) -> None:
    turn = turns.send(CONVERSATION_ID, "Mine", new_run())
    other_owner = turn_service(store, "them")

    with pytest.raises((NotFound, PlaygroundError)):
        other_owner.send(CONVERSATION_ID, "Let me in", new_run())
    with pytest.raises(NotFound):
        other_owner.regenerate(turn.reply.id, new_run())
    assert branch_texts(turns) == ["Mine", ""]


async def test_saves_the_text_while_it_is_received(turns: TurnService) -> None:
    turn, run = send_question(turns)
    log = RunLog(run)
    save = ReplySaver(turns, turn.reply, free)
    log.write("Hel")
    await save(log)
    assert branch_texts(turns) == ["Hello?", "Hel"]

    log.write("lo")
    log.end(RunState.DONE, finish_reason="stop")
    await save(log)

    assert branch_texts(turns) == ["Hello?", "Hello"]
    assert turns.runs.get(run.id).state is RunState.DONE
    assert turns.runs.get(run.id).cost == free(run)


async def test_saves_each_event_once(turns: TurnService) -> None:
    turn, run = send_question(turns)
    log = RunLog(run)
    save = ReplySaver(turns, turn.reply, free)
    for data in "abc":
        log.record("chunk", data)
        await save(log)

    assert [event.data for event in turns.runs.events(run.id)] == ["a", "b", "c"]


async def test_saves_the_other_choices_as_branches(turns: TurnService) -> None:
    turn, run = send_question(turns)
    log = RunLog(run)
    log.write("first")
    texts = ["first", "second", None]
    choices = [{"index": index, "message": {"content": text}} for index, text in enumerate(texts)]
    log.end(RunState.DONE, response={"choices": choices})

    save = ReplySaver(turns, turn.reply, free)
    await save(log)
    await save(log)  # a periodic save and the final one may both see the end of the run

    assert branch_texts(turns) == ["Hello?", "first"]
    assert len(turns.conversations.all_siblings(CONVERSATION_ID)[turn.reply.id]) == 3


async def test_reports_the_end_of_a_run_once(turns: TurnService) -> None:
    turn, run = send_question(turns)
    log, ended = RunLog(run), list[Run]()
    save = ReplySaver(turns, turn.reply, free, ended.append)
    log.end(RunState.DONE)

    await save(log)
    await save(log)

    assert [run.id for run in ended] == [log.id]


def send_question(turns: TurnService) -> tuple[Turn, Run]:
    run = new_run()
    return turns.send(CONVERSATION_ID, "Hello?", run), run


def free(_run: Run) -> Cost:
    return Cost(None, "nothing is charged")
