"""An undone message is removed with its reply, however far its request has come."""

import asyncio
import json
from typing import Any

import httpx2
from starlette.applications import Starlette

from components.live.routes import live_routes
from components.runtime import resources
from components.session.live_session import LiveSession
from core.conversations.repository import ConversationRepository
from core.sandbox.server import SandboxServer
from tests.app.live.conftest import SEND_BODY, auth_headers, get_transcript, send, send_to_slow_server

BODY_WITH_KEY = {**SEND_BODY, "key": "1-1"}


async def undo_send(client: httpx2.AsyncClient, session: LiveSession, key: str = "1-1") -> None:
    response = await client.post(f"/sends/{key}/undo", headers=auth_headers(session))
    assert response.status_code == 200


async def test_removes_a_message_whose_client_has_disconnected(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    """A browser whose Stop aborted the request has put the message back into the composer."""
    messages = iter([{"type": "http.request", "body": json.dumps(SEND_BODY).encode()}])
    headers = [(name.encode(), value.encode()) for name, value in auth_headers(session).items()]
    scope = {"type": "http", "method": "POST", "path": "/send", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, Any]:
        return next(messages, {"type": "http.disconnect"})

    async def discard(_message: Any) -> None:
        """The connection is closed."""

    await Starlette(routes=live_routes())(scope, receive, discard)

    assert (await get_transcript(client, session))["messages"] == []


async def test_removes_a_message_whose_reply_has_started(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer
) -> None:
    sending, run_id = await send_to_slow_server(client, session, server, BODY_WITH_KEY)

    await undo_send(client, session)

    assert (await get_transcript(client, session))["messages"] == []
    assert resources.jobs.get(run_id) is None
    await sending


async def test_rejects_a_message_that_arrives_after_its_undo(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    await undo_send(client, session)

    response = await client.post("/send", headers=auth_headers(session), json=BODY_WITH_KEY)

    assert response.status_code == 410
    assert (await get_transcript(client, session))["messages"] == []


async def test_keeps_a_message_that_is_sent_right_after_an_undo(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    """The first message is undone while it is being saved, and the second is sent at once."""
    first = asyncio.create_task(send(client, session, BODY_WITH_KEY))
    while not session.send_lock.locked():
        await asyncio.sleep(0)

    await undo_send(client, session)
    await send(client, session, {**SEND_BODY, "text": "The second", "key": "1-2"})

    message, reply = (await get_transcript(client, session))["messages"]
    assert (message["text"], bool(reply["text"])) == ("The second", True)
    await first


async def test_removes_the_conversation_of_an_undone_first_message(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    await send(client, session, BODY_WITH_KEY)
    await undo_send(client, session)
    conversations = ConversationRepository(resources.store(), session.owner)
    listed = [conversation.id for conversation in conversations.list()]

    await send(client, session, {**SEND_BODY, "text": "Another", "key": "1-2"})

    assert session.conversation not in listed
    assert conversations.get(session.conversation).title == "Another"


async def test_does_not_remove_a_message_with_another_key(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    await send(client, session, BODY_WITH_KEY)
    await undo_send(client, session, "1-2")

    await send(client, session, {**SEND_BODY, "key": "1-3"})

    assert len((await get_transcript(client, session))["messages"]) == 4
