"""A conversation that the server stores is continued with the new message alone, and counted as a whole."""

import json
from collections.abc import Iterator

import pytest

from core.calls import CallService
from core.chat.context import context_usage, stored_context_usage
from core.chat.reply_service import ReplyOptions, ReplyService, SendRequest
from core.chat.request import stored_reply
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.conversations.messages import Message
from core.conversations.turn_service import turn_service
from core.runs.run import Run
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from core.tokens.context_window import TrimOptions
from tests.servers import http_response, in_sequence, stub_server
from tests.unit.conftest import profile_for
from tests.unit.responses.test_call import message, snapshot

CONVERSATION = "0" * 32
QUESTION = "Why does the sea have tides?"
SETTINGS = ChatSettings(
    model="gpt-6-luna", api="responses", state="previous_response_id", instructions="Be brief.", stream=False
)
_SMALL_WINDOW = TrimOptions("drop_oldest", 50)
_TOLERANCE = 5  # tokens


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return profile_for(sandbox.url, sandbox.key)


@pytest.fixture
def replies(calls: CallService) -> ReplyService:
    return ReplyService(calls)


async def ask(replies: ReplyService, profile: Profile, text: str = QUESTION, **changes: object) -> Run:
    """Send *text* with `SETTINGS` and *changes*, and return the run of its reply."""
    options = ReplyOptions(profile, SETTINGS.model_copy(update=changes), _SMALL_WINDOW)
    job, _turn = await replies.start(CONVERSATION, SendRequest("send", text), options)
    await job.saved.wait()
    return job.log.snapshot()


def branch(store: Store) -> list[Message]:
    return turn_service(store, "local").conversations.branch(CONVERSATION)


async def test_sends_a_reply_that_was_edited_as_its_new_text(replies: ReplyService, store: Store) -> None:
    stored = snapshot("completed", [message("The sun alone.")])
    continued = snapshot("completed", [message("Yes.")], id="resp_2")
    responses = in_sequence(http_response(stored), http_response(continued))
    async with stub_server(responses) as server:
        profile = profile_for(server.url)
        await ask(replies, profile)
        turn_service(store, "local").conversations.set_text(branch(store)[-1].id, "The moon and the sun.")

        run = await ask(replies, profile, "Both?")

    sent = json.loads(server.requests[1].body)
    assert "previous_response_id" not in sent
    assert [item["content"] for item in sent["input"]] == [QUESTION, "The moon and the sun.", "Both?"]
    assert "differs from the response that the server stores" in run.note


async def test_continues_a_reply_that_was_itself_continued(
    replies: ReplyService, profile: Profile, store: Store
) -> None:
    await ask(replies, profile, max_completion_tokens=16, reasoning_effort="none")
    options = ReplyOptions(profile, SETTINGS)
    action = SendRequest("continue", message_id=branch(store)[-1].id)
    job, _turn = await replies.start(CONVERSATION, action, options)
    await job.saved.wait()

    run = await ask(replies, profile, "Thank you.")

    assert run.params["previous_response_id"] == (job.log.snapshot().response or {})["id"]
    assert run.note == ""


async def test_counts_what_the_server_will_count(
    replies: ReplyService, profile: Profile, store: Store
) -> None:
    for text in (QUESTION, "And twice a day?"):
        await ask(replies, profile, text)
    history = branch(store)
    previous = stored_reply(SETTINGS, history, RunRepository(store), profile)
    assert previous

    usage = stored_context_usage(SETTINGS, previous, history, "What of lakes?")
    run = await ask(replies, profile, "What of lakes?")

    assert run.params["input"] == "What of lakes?"
    assert run.usage
    assert abs(usage.tokens - run.usage.input_tokens) <= _TOLERANCE
    assert usage.continues_response


async def test_applies_a_simulated_window_only_to_a_conversation_that_is_sent_as_a_whole(
    replies: ReplyService, profile: Profile, store: Store
) -> None:
    previous = await ask(replies, profile)
    history = branch(store)

    assert not stored_context_usage(SETTINGS, previous, history, "word " * 60).is_over
    assert context_usage(SETTINGS, _SMALL_WINDOW, history, "word " * 60).is_over


async def test_estimates_all_messages_while_the_reply_is_under_way(
    replies: ReplyService, profile: Profile, store: Store
) -> None:
    ended = await ask(replies, profile)
    running = Run("chat", ended.endpoint, ended.params, id=ended.id)

    assert stored_context_usage(SETTINGS, running, branch(store), "More?").tokens > 20
