"""Who stops a question before hearing of its reply has it back, wherever it was on its way."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
from starlette.applications import Starlette

from components.live.routes import live_routes
from components.runtime import resources
from components.session.live_session import LiveSession
from core.conversations.repository import ConversationRepository
from core.sandbox.server import SandboxServer
from tests.app.live.conftest import QUESTION, ask_in_silence, pass_of, send, transcript

KEYED = {**QUESTION, "key": "1-1"}


async def withdraw(http: httpx2.AsyncClient, desk: LiveSession, key: str = "1-1") -> None:
    assert (await http.post(f"/sends/{key}/withdraw", headers=pass_of(desk))).status_code == 200


async def test_takes_back_a_question_whose_sender_is_gone(
    http: httpx2.AsyncClient, mine: LiveSession
) -> None:
    """As when Stop is pressed while the message is on its way: the browser has the question again."""
    body = json.dumps(QUESTION).encode()
    gone = {"type": "http.disconnect"}
    received: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": body}])
    headers = [(b"x-live-token", mine.token.encode())]
    scope = {"type": "http", "method": "POST", "path": "/send", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        return next(received, gone)

    async def send_nowhere(_message: Any) -> None:
        """The browser hears nothing any more."""

    await Starlette(routes=live_routes())(scope, receive, send_nowhere)

    assert (await transcript(http, mine))["messages"] == []


async def test_takes_back_a_question_whose_reply_began_unheard(
    http: httpx2.AsyncClient, mine: LiveSession, server: SandboxServer
) -> None:
    sending, run = await ask_in_silence(http, mine, server, KEYED)

    await withdraw(http, mine)

    assert (await transcript(http, mine))["messages"] == []
    assert resources.jobs.get(run) is None
    await sending


async def test_never_asks_a_question_that_arrives_after_its_withdrawal(
    http: httpx2.AsyncClient, mine: LiveSession
) -> None:
    await withdraw(http, mine)

    answer = await http.post("/send", headers=pass_of(mine), json=KEYED)

    assert answer.status_code == 410
    assert (await transcript(http, mine))["messages"] == []


async def test_loses_no_question_that_follows_a_withdrawal_at_once(
    http: httpx2.AsyncClient, mine: LiveSession
) -> None:
    """Stop comes while the first question is being written, and the next question right after it."""
    first = asyncio.create_task(send(http, mine, KEYED))
    while not mine.send_lock.locked():
        await asyncio.sleep(0)

    await withdraw(http, mine)
    await send(http, mine, {**QUESTION, "text": "The second", "key": "1-2"})

    asked, answered = (await transcript(http, mine))["messages"]
    assert (asked["text"], bool(answered["text"])) == ("The second", True)
    await first


async def test_leaves_no_conversation_of_a_question_that_was_taken_back(
    http: httpx2.AsyncClient, mine: LiveSession
) -> None:
    await send(http, mine, KEYED)
    await withdraw(http, mine)
    conversations = ConversationRepository(resources.store(), mine.owner)
    listed = [found.id for found in conversations.list()]

    await send(http, mine, {**QUESTION, "text": "Another", "key": "1-2"})

    assert mine.conversation not in listed
    assert conversations.get(mine.conversation).title == "Another"


async def test_takes_back_no_other_question(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    await send(http, mine, KEYED)
    await withdraw(http, mine, "1-2")

    await send(http, mine, {**QUESTION, "key": "1-3"})

    assert len((await transcript(http, mine))["messages"]) == 4
