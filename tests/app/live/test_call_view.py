"""The panel beside Chat gets the call of a reply, also while it is under way."""

import json
from typing import Any

import httpx2
import pytest

from components.session.live_session import LiveSession
from core.sandbox.server import SandboxServer
from tests.app.live.conftest import auth_headers, send, send_to_slow_server


async def get_call(
    client: httpx2.AsyncClient, session: LiveSession, run_id: str, part: str = "events", after: int = 0
) -> dict[str, Any]:
    params: dict[str, Any] = {"part": part, "after": after}
    response = await client.get(f"/runs/{run_id}/call", headers=auth_headers(session), params=params)
    assert response.status_code == 200, response.text
    call: dict[str, Any] = response.json()
    return call


async def send_question(client: httpx2.AsyncClient, session: LiveSession) -> tuple[str, str]:
    """Send a question; return the id of its run and the text of the reply."""
    message = (await send(client, session))[-1]["message"]
    return message["run"]["id"], message["text"]


async def test_lists_every_event_with_the_text_that_it_brought(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    run_id, text = await send_question(client, session)

    call = await get_call(client, session, run_id)

    assert (call["state"], call["is_running"], call["api"]) == ("done", False, "Chat Completions")
    assert [row[2] for row in call["events"]][:2] == ["sent", "headers"]
    assert len(call["events"]) == call["total_events"] > 5
    assert sum(row[4] for row in call["events"]) == len(text)


async def test_sends_only_the_events_that_the_panel_lacks(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    run_id, _ = await send_question(client, session)
    whole = await get_call(client, session, run_id)

    rest = await get_call(client, session, run_id, after=3)

    assert rest["events"] == whole["events"][3:]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("code", "client.chat.completions.create("),
        ("request", "POST http"),
        ("response", '"chat.completion"'),
    ],
)
async def test_writes_the_part_on_show(
    client: httpx2.AsyncClient, session: LiveSession, part: str, expected: str
) -> None:
    run_id, _ = await send_question(client, session)

    assert expected in json.dumps((await get_call(client, session, run_id, part))["part"]).replace('\\"', '"')


async def test_shows_a_call_while_it_is_under_way(
    client: httpx2.AsyncClient, session: LiveSession, server: SandboxServer
) -> None:
    sending, run_id = await send_to_slow_server(client, session, server)

    call = await get_call(client, session, run_id, "response")

    assert call["is_running"]
    assert [row[2] for row in call["events"]][:1] == ["sent"]
    await client.post(f"/runs/{run_id}/stop", headers=auth_headers(session))
    await sending


async def test_shows_no_call_of_another_owner(
    client: httpx2.AsyncClient, session: LiveSession, other_session: LiveSession
) -> None:
    run_id, _ = await send_question(client, session)

    response = await client.get(f"/runs/{run_id}/call", headers=auth_headers(other_session))

    assert response.status_code == 404
