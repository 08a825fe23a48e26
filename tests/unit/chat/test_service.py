"""A question that does not fit is made to fit, and what that took is kept and said."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from core.chat.completion import ENDPOINT, ChatSettings
from core.chat.service import ReplyOptions, context_usage, create_reply, prepare_request
from core.client.retry import RetryPolicy
from core.conversations.messages import Turn
from core.conversations.repository import ConversationRepository
from core.conversations.turn_service import TurnService
from core.runs.log import RunLog
from core.runs.run import Event, Run, RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tokens.context_window import TrimOptions, TrimStrategy
from tests.servers import ConnectionFault, chunk, event_stream, http_response, in_sequence, stub_server
from tests.unit.chat.test_completion import connected

SETTINGS = ChatSettings(model="gpt-4o-mini")
TIGHT = 150


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def turn(store: Store) -> Turn:
    """The fifth question of a conversation whose first four do not fit into `TIGHT` tokens with it."""
    turns = TurnService(ConversationRepository(store), RunRepository(store))
    for number in range(4):
        said = turns.send("0" * 32, f"Question {number}: " + "word " * 30, _run())
        turns.conversations.set_text(said.reply.id, f"Answer {number}: " + "word " * 30)
    return turns.send("0" * 32, "And now?", _run())


def _run() -> Run:
    return Run("chat", ENDPOINT, {"model": SETTINGS.model})


class Kept:
    """Remembers the runs that were made besides the reply's own."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.events: list[Event] = []

    def __call__(self, run: Run, events: Sequence[Event]) -> None:
        self.runs.append(run)
        self.events += events


def question(strategy: TrimStrategy, keep: Kept) -> ReplyOptions:
    return ReplyOptions(SETTINGS, TrimOptions(strategy, TIGHT), RetryPolicy(0), {}, keep)


async def asked(url: str, key: str, how: ReplyOptions, turn: Turn) -> Run:
    log = RunLog(_run())
    async with connected(url, key) as client:
        await create_reply(client, how, turn, log)
    return log.snapshot()


async def test_drops_the_oldest_turns(server: SandboxServer, turn: Turn) -> None:
    run = await asked(server.url, server.key, question("drop_oldest", Kept()), turn)

    assert run.state is RunState.DONE
    assert run.params["messages"][-1]["content"] == "And now?"
    assert len(run.params["messages"]) < len(turn.api_messages())


async def test_summarises_what_it_drops_and_keeps_that_run(server: SandboxServer, turn: Turn) -> None:
    kept = Kept()
    how = question("summarise_oldest", kept)

    first = await asked(server.url, server.key, how, turn)
    await asked(server.url, server.key, how, turn)

    assert [run.capability for run in kept.runs] == ["summary"]
    assert kept.runs[0].text in [message["content"] for message in first.params["messages"]]
    assert any(event.kind == "sent" for event in kept.events)


async def test_says_when_the_summary_failed(turn: Turn) -> None:
    kept = Kept()
    answers = in_sequence(http_response({"error": {"message": "no"}}, 500), event_stream(chunk("ok", "stop")))

    async with stub_server(answers) as quirk:
        run = await asked(quirk.url, "k", question("summarise_oldest", kept), turn)

    assert kept.runs[0].state is RunState.FAILED
    assert (run.state, run.text) == (RunState.DONE, "ok")
    assert "summary failed" in run.note


async def test_keeps_a_summary_that_was_stopped(turn: Turn) -> None:
    kept = Kept()
    async with stub_server((ConnectionFault.HANG,)) as quirk, asyncio.timeout(10):
        task = asyncio.create_task(asked(quirk.url, "k", question("summarise_oldest", kept), turn))
        while not quirk.requests:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert [run.state for run in kept.runs] == [RunState.STOPPED]


async def test_sends_everything_when_told_to(server: SandboxServer, turn: Turn) -> None:
    run = await asked(server.url, server.key, question("none", Kept()), turn)

    assert run.params["messages"] == turn.api_messages()


def test_never_drops_the_last_question(turn: Turn) -> None:
    prepared = prepare_request(SETTINGS, TrimOptions("keep_pinned", TIGHT), turn.history)

    assert prepared.trimmed.messages[-1]["content"] == "And now?"
    assert turn.history[-1] not in prepared.dropped


def test_measures_an_empty_conversation_as_nothing() -> None:
    assert context_usage(SETTINGS, TrimOptions(), []).tokens == 0


def test_measures_an_image_by_its_size(turn: Turn) -> None:
    small, large = (
        context_usage(SETTINGS, TrimOptions(), turn.history, "", [size]).tokens
        for size in ((32, 32), (1024, 1024))
    )

    assert large > small


def test_measures_the_draft_with_the_rest(turn: Turn) -> None:
    assert (
        context_usage(SETTINGS, TrimOptions(), turn.history, "more words").tokens
        > context_usage(SETTINGS, TrimOptions(), turn.history).tokens
    )
