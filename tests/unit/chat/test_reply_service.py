"""A reply is generated from a history that fits into the context window, and every call for it is a run."""

import asyncio
from collections.abc import Iterator

import pytest

from core.calls import CallService
from core.chat.reply_service import ReplyOptions, ReplyService, SendRequest
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.conversations.turn_service import turn_service
from core.errors.types import PlaygroundError
from core.runs.jobs import ORPHAN_TIMEOUT, RELOAD_GRACE, Jobs
from core.runs.run import Run, RunState
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tokens.context_window import TrimOptions, TrimStrategy
from tests.servers import ConnectionFault, chunk, event_stream, http_response, in_sequence, stub_server
from tests.unit.conftest import profile_for
from tests.unit.runs.conftest import FakeClock

SETTINGS = ChatSettings(model="gpt-4o-mini")
CONVERSATION = "0" * 32
WINDOW = 150
LAST_MESSAGE = SendRequest("send", "And now?")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def replies(calls: CallService, store: Store) -> ReplyService:
    """The service of a conversation whose four turns do not fit into `WINDOW` tokens."""
    turns = turn_service(store, "local")
    for number in range(4):
        run = Run("chat", "chat.completions.create", {"model": SETTINGS.model})
        turn = turns.send(CONVERSATION, f"Question {number}: " + "word " * 30, run)
        turns.conversations.set_text(turn.reply.id, f"Answer {number}: " + "word " * 30)
    return ReplyService(calls)


def options(profile: Profile, strategy: TrimStrategy) -> ReplyOptions:
    return ReplyOptions(profile, SETTINGS, TrimOptions(strategy, WINDOW))


async def reply(replies: ReplyService, options: ReplyOptions) -> Run:
    """Send the last message and return the run of its reply."""
    job, _turn = await replies.start(CONVERSATION, LAST_MESSAGE, options)
    await job.saved.wait()
    return job.log.snapshot()


def summaries(store: Store) -> list[Run]:
    """Return the saved runs of summaries with all their fields, newest first."""
    runs = RunRepository(store)
    return [runs.get(run.id) for run in runs.list(capability="summary")]


async def test_saves_the_reply_and_its_run(
    replies: ReplyService, sandbox: SandboxServer, store: Store, ended_runs: list[Run]
) -> None:
    run = await reply(replies, options(profile_for(sandbox.url, sandbox.key), "none"))

    assert run.state is RunState.DONE
    assert turn_service(store, "local").conversations.branch(CONVERSATION)[-1].text == run.text
    assert RunRepository(store).get(run.id).cost
    assert [ended.id for ended in ended_runs] == [run.id]


async def test_drops_the_oldest_turns(replies: ReplyService, sandbox: SandboxServer) -> None:
    run = await reply(replies, options(profile_for(sandbox.url, sandbox.key), "drop_oldest"))

    assert run.state is RunState.DONE
    assert run.params["messages"][-1]["content"] == "And now?"
    assert len(run.params["messages"]) < 9


async def test_sends_everything_without_a_trim_strategy(
    replies: ReplyService, sandbox: SandboxServer
) -> None:
    run = await reply(replies, options(profile_for(sandbox.url, sandbox.key), "none"))

    assert len(run.params["messages"]) == 9


async def test_summarises_dropped_messages_once(
    replies: ReplyService, sandbox: SandboxServer, store: Store
) -> None:
    summarise = options(profile_for(sandbox.url, sandbox.key), "summarise_oldest")

    first = await reply(replies, summarise)
    last_message = turn_service(store, "local").conversations.branch(CONVERSATION)[-1]
    regenerated, _turn = await replies.start(
        CONVERSATION, SendRequest("regenerate", message_id=last_message.id), summarise
    )
    await regenerated.saved.wait()

    (summary,) = summaries(store)
    assert summary.text in [message["content"] for message in first.params["messages"]]
    assert summary.text in [message["content"] for message in regenerated.log.snapshot().params["messages"]]
    assert any(event.kind == "sent" for event in RunRepository(store).events(summary.id))


async def test_notes_that_the_summary_failed(replies: ReplyService, store: Store) -> None:
    responses = in_sequence(
        http_response({"error": {"message": "no"}}, 500), event_stream(chunk("ok", "stop"))
    )

    async with stub_server(responses) as server:
        run = await reply(replies, options(profile_for(server.url), "summarise_oldest"))

    assert summaries(store)[0].state is RunState.FAILED
    assert (run.state, run.text) == (RunState.DONE, "ok")
    assert "summary failed" in run.note


async def test_saves_a_summary_that_was_stopped(replies: ReplyService, store: Store) -> None:
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job, _turn = await replies.start(
            CONVERSATION, LAST_MESSAGE, options(profile_for(server.url), "summarise_oldest")
        )
        while not server.requests:
            await asyncio.sleep(0)
        job.stop()
        await job.saved.wait()

    assert job.log.snapshot().state is RunState.STOPPED
    assert [run.state for run in summaries(store)] == [RunState.STOPPED]


async def test_removes_the_turn_that_is_undone(replies: ReplyService, store: Store) -> None:
    before = turn_service(store, "local").conversations.branch(CONVERSATION)
    async with stub_server((ConnectionFault.HANG,)) as server:
        job, turn = await replies.start(CONVERSATION, LAST_MESSAGE, options(profile_for(server.url), "none"))
        assert turn.question

        await replies.undo(job.log.id, turn.question.id)

    assert job.log.snapshot().state is RunState.STOPPED
    assert turn_service(store, "local").conversations.branch(CONVERSATION) == before


@pytest.mark.parametrize(
    "request_", [SendRequest("send", "  "), SendRequest("dance", "hello")], ids=["empty", "unknown action"]
)
async def test_stores_nothing_that_cannot_be_sent(
    request_: SendRequest, replies: ReplyService, store: Store
) -> None:
    before = turn_service(store, "local").conversations.branch(CONVERSATION)

    with pytest.raises(PlaygroundError):
        await replies.start(CONVERSATION, request_, options(profile_for("http://127.0.0.1:9/v1"), "none"))

    assert turn_service(store, "local").conversations.branch(CONVERSATION) == before


async def test_keeps_a_summary_running_while_another_tab_follows_the_reply(
    replies: ReplyService, store: Store
) -> None:
    clock = FakeClock()
    jobs = Jobs(clock, clock.sleep)
    jobs.session_opened("session")
    replies = ReplyService(CallService(jobs, lambda: store, "local", "session", lambda _run: None))
    async with stub_server((ConnectionFault.HANG,)) as server, asyncio.timeout(60):
        job, _turn = await replies.start(
            CONVERSATION, LAST_MESSAGE, options(profile_for(server.url), "summarise_oldest")
        )
        job.readers += 1
        while not (server.requests and any(jobs.get(run.id) for run in summaries(store))):
            await asyncio.sleep(0)

        jobs.session_closed("session")
        await clock.run_sleepers()
        clock.now += RELOAD_GRACE + ORPHAN_TIMEOUT
        await clock.run_sleepers()
        states = [run.state for run in summaries(store)]
        await jobs.stop_all()

    assert states == [RunState.RUNNING]
