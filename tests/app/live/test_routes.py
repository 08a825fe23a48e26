"""The live routes serve only the data of the session's owner; a reply is streamed, resumed and stopped."""

import asyncio
from typing import Any

import httpx2
import pytest

from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import create_client_async
from core.client.profile import Profile
from core.sandbox.server import SandboxServer
from tests.app.live.conftest import (
    SEND_BODY,
    auth_headers,
    get_transcript,
    parse_events,
    send,
    send_to_slow_server,
    wait_for_run,
)

ROUTES = [
    ("GET", "/transcript"),
    ("POST", "/send"),
    ("POST", "/sends/1/undo"),
    ("POST", "/context-usage"),
    ("GET", "/models"),
    ("GET", "/runs/1"),
    ("GET", "/runs/1/call"),
    ("POST", "/runs/1/stop"),
    ("POST", "/messages/1/delete"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("token", [None, "", "guess"])
async def test_rejects_a_request_without_the_token_of_a_session(
    client: httpx2.AsyncClient, method: str, path: str, token: str | None
) -> None:
    headers = {} if token is None else {"x-live-token": token}

    response = await client.request(method, path, headers=headers)

    assert response.status_code == 401
    assert "Reload" in response.json()["hint"]


async def test_rejects_the_token_of_a_closed_session(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    live_sessions.close(session)

    assert (await client.get("/transcript", headers=auth_headers(session))).status_code == 401


async def test_streams_a_reply_from_start_to_end(client: httpx2.AsyncClient, session: LiveSession) -> None:
    events = await send(client, session)

    assert [events[0]["t"], events[-1]["t"]] == ["start", "end"]
    text = "".join(event["s"] for event in events if event["t"] == "text")
    assert "42" in text
    assert events[-1]["message"]["text"] == text
    assert events[-1]["message"]["run"]["state"] == "done"
    assert (await get_transcript(client, session))["messages"][-1] == events[-1]["message"]


async def test_rejects_another_conversation_than_the_session_shows(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    headers, other = auth_headers(session), "f" * 32

    sent = await client.post("/send", headers=headers, json={**SEND_BODY, "conversation": other})
    transcript = await client.get("/transcript", headers=headers, params={"conversation": other})

    assert [sent.status_code, transcript.status_code] == [409, 409]
    assert (await get_transcript(client, session))["messages"] == []


async def test_totals_the_usage_of_all_branches(client: httpx2.AsyncClient, session: LiveSession) -> None:
    first = (await send(client, session))[-1]["message"]

    events = await send(client, session, {"action": "regenerate", "message": first["id"]})

    assert events[-1]["totals"][0]["value"] == "2"
    assert session.usage.output_tokens > 0


async def test_resumes_a_stream_after_a_number_of_deltas(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer
) -> None:
    server.settings.update({"latency": "ttft=0.05,tps=100"})
    sending = asyncio.create_task(send(client, session))
    run_id = await wait_for_run(client, session)

    response = await client.get(f"/runs/{run_id}?after=3", headers=auth_headers(session))

    text = "".join(event["s"] for event in await sending if event["t"] == "text")
    resumed = parse_events(response)
    resumed_text = [event for event in resumed if event["t"] == "text"]
    assert text.endswith("".join(event["s"] for event in resumed_text))
    assert resumed[-1]["t"] == "end"
    assert min(event["n"] for event in resumed_text) > 3


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 5_000, "999"])
async def test_streams_the_end_if_after_is_no_number_of_a_delta(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer, after: str
) -> None:
    server.settings.update({"faults": ["slow=0.3"]})
    sending = asyncio.create_task(send(client, session))
    run_id = await wait_for_run(client, session)

    response = await client.get(f"/runs/{run_id}", params={"after": after}, headers=auth_headers(session))

    assert response.status_code == 200
    assert parse_events(response)[-1]["t"] == "end"
    await sending


async def test_stops_a_reply_before_its_first_token(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer
) -> None:
    sending, run_id = await send_to_slow_server(client, session, server)

    response = await client.post(f"/runs/{run_id}/stop", headers=auth_headers(session))

    assert response.json() == {"stopped": True}
    assert (await sending)[-1]["message"]["run"]["state"] == "stopped"


async def test_neither_streams_nor_stops_a_run_of_another_owner(
    client: httpx2.AsyncClient, session: LiveSession, other_session: LiveSession, server: SandboxServer
) -> None:
    sending, run_id = await send_to_slow_server(client, session, server)

    followed = await client.get(f"/runs/{run_id}", headers=auth_headers(other_session))
    stopped = await client.post(f"/runs/{run_id}/stop", headers=auth_headers(other_session))

    assert followed.status_code == 404
    assert stopped.json() == {"stopped": False}
    assert resources.jobs.get(run_id)
    await client.post(f"/runs/{run_id}/stop", headers=auth_headers(session))
    await sending


async def test_neither_shows_nor_continues_a_conversation_of_another_owner(
    client: httpx2.AsyncClient, session: LiveSession, other_session: LiveSession
) -> None:
    await send(client, session)
    other_session.conversation = session.conversation

    assert (await get_transcript(client, other_session))["messages"] == []
    response = await client.post("/send", headers=auth_headers(other_session), json=SEND_BODY)
    assert response.status_code == 400


async def test_does_not_change_a_message_of_another_owner(
    client: httpx2.AsyncClient, session: LiveSession, other_session: LiveSession
) -> None:
    message_id = (await send(client, session))[-1]["message"]["id"]

    for action in ("delete", "pin", "select", "restore"):
        response = await client.post(f"/messages/{message_id}/{action}", headers=auth_headers(other_session))
        assert response.status_code == 400
    messages = (await get_transcript(client, session))["messages"]
    assert [message["pinned"] for message in messages] == [False, False]


async def test_deletes_and_restores_a_message(client: httpx2.AsyncClient, session: LiveSession) -> None:
    message_id = (await send(client, session))[-1]["message"]["id"]
    headers = auth_headers(session)

    after_delete = (await client.post(f"/messages/{message_id}/delete", headers=headers)).json()
    after_restore = (await client.post(f"/messages/{message_id}/restore", headers=headers)).json()

    assert len(after_delete["messages"]) == 1
    assert [message["id"] for message in after_restore["messages"]][-1] == message_id


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"action": "send", "text": "  "}',
        b'{"action": "shout", "text": "x"}',
        b'{"action": "regenerate", "message": "unknown"}',
        b'{"action": "send", "images": [{"data": "no image"}]}',
        b'{"action": "send", "images": "text"}',
        b'{"action": "send", "images": [1]}',
        b'{"action": ["send"], "text": {}}',
    ],
    ids=[
        "empty body",
        "truncated JSON",
        "a list",
        "blank text",
        "unknown action",
        "unknown message",
        "invalid image",
        "text for images",
        "numbers for images",
        "wrong types",
    ],
)
async def test_explains_why_a_body_cannot_be_sent(
    client: httpx2.AsyncClient, session: LiveSession, body: bytes
) -> None:
    response = await client.post("/send", headers=auth_headers(session), content=body)

    assert response.status_code == 400
    assert response.json()["title"]
    assert (await get_transcript(client, session))["messages"] == []


async def test_rejects_a_message_before_the_page_is_drawn(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    session.settings = None

    response = await client.post("/send", headers=auth_headers(session), json=SEND_BODY)

    assert "not ready" in response.json()["title"]


async def test_sends_to_the_conversation_that_was_shown_at_the_request(
    client: httpx2.AsyncClient, session: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page may change to another conversation while the SDK is being imported."""
    conversation = session.conversation

    async def change_conversation(profile: Profile) -> Any:
        session.conversation = "e" * 32
        return await create_client_async(profile)

    monkeypatch.setattr("core.calls.create_client_async", change_conversation)
    await client.post("/send", headers=auth_headers(session), json=SEND_BODY)

    assert (await get_transcript(client, session))["messages"] == []
    session.conversation = conversation
    assert len((await get_transcript(client, session))["messages"]) == 2


async def test_lists_the_models_of_a_server_other_than_the_active_one(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    hosted = Profile(id="hosted", name="OpenAI", base_url="https://api.openai.com/v1", kind="openai")
    local = Profile(id="local", name="Local", base_url="http://127.0.0.1:9/v1", kind="local")
    session.profiles = {"hosted": hosted, "local": local}
    session.server_models[hosted.base_url] = {"gpt-4o": None, "text-embedding-3-small": None}

    async def listed(server: str) -> list[str]:
        response = await client.get("/models", headers=auth_headers(session), params={"server": server})
        return [model["id"] for model in response.json()["models"]]

    assert [await listed(server) for server in ("hosted", "local", "removed")] == [["gpt-4o"], [], []]
