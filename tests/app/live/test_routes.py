"""The live routes let in whoever holds a desk's token, and nobody sees what is another's."""

import asyncio
import json
from typing import Any

import httpx2
import pytest

from components.runtime import resources
from components.session.live_session import LiveSession, live_sessions
from core.client.client import create_client_async
from core.client.profile import Profile
from core.sandbox.server import SandboxServer
from tests.app.live.conftest import QUESTION, ask_in_silence, pass_of, running, send, transcript

ROUTES = [
    ("GET", "/transcript"),
    ("POST", "/send"),
    ("POST", "/sends/1/withdraw"),
    ("POST", "/estimate"),
    ("GET", "/runs/1"),
    ("POST", "/runs/1/stop"),
    ("POST", "/messages/1/delete"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("token", [None, "", "guess"])
async def test_turns_away_whoever_has_no_desk(
    http: httpx2.AsyncClient, method: str, path: str, token: str | None
) -> None:
    headers = {} if token is None else {"x-live-token": token}

    answer = await http.request(method, path, headers=headers)

    assert answer.status_code == 401
    assert "Reload" in answer.json()["hint"]


async def test_turns_away_a_desk_that_was_closed(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    live_sessions.close(mine)

    assert (await http.get("/transcript", headers=pass_of(mine))).status_code == 401


async def test_tells_of_a_reply_from_start_to_end(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    told = await send(http, mine)

    assert [told[0]["t"], told[-1]["t"]] == ["start", "end"]
    text = "".join(event["s"] for event in told if event["t"] == "text")
    assert "42" in text
    assert told[-1]["message"]["text"] == text
    assert told[-1]["message"]["run"]["state"] == "done"
    assert (await transcript(http, mine))["messages"][-1] == told[-1]["message"]


async def test_asks_nothing_in_another_conversation_than_the_browser_shows(
    http: httpx2.AsyncClient, mine: LiveSession
) -> None:
    elsewhere = "f" * 32

    asked = await http.post("/send", headers=pass_of(mine), json={**QUESTION, "conversation": elsewhere})
    read = await http.get("/transcript", headers=pass_of(mine), params={"conversation": elsewhere})

    assert [asked.status_code, read.status_code] == [409, 409]
    assert (await transcript(http, mine))["messages"] == []


async def test_adds_up_the_replies_of_all_branches(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    first = (await send(http, mine))[-1]["message"]

    told = await send(http, mine, {"action": "regenerate", "message": first["id"]})

    assert told[-1]["totals"][0]["value"] == "2"
    assert mine.usage.output_tokens > 0


async def test_tells_a_reader_who_returns_only_the_rest(
    http: httpx2.AsyncClient, mine: LiveSession, server: SandboxServer
) -> None:
    server.settings.update({"pace": "ttft=0.05,tps=100"})
    sending = asyncio.create_task(send(http, mine))
    run = await running(http, mine)

    rest = await http.get(f"/runs/{run}?after=3", headers=pass_of(mine))

    whole = [event for event in await sending if event["t"] == "text"]
    late = [json.loads(line) for line in rest.text.splitlines()]
    seen = "".join(event["s"] for event in whole)
    assert seen.endswith("".join(event["s"] for event in late if event["t"] == "text"))
    assert late[-1]["t"] == "end"
    assert min(event["n"] for event in late if event["t"] == "text") > 3


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 5_000, "999"])
async def test_tells_the_end_to_a_reader_who_counts_oddly(
    http: httpx2.AsyncClient, mine: LiveSession, server: SandboxServer, after: str
) -> None:
    server.settings.update({"faults": ["slow=0.3"]})
    sending = asyncio.create_task(send(http, mine))
    run = await running(http, mine)

    answer = await http.get(f"/runs/{run}", params={"after": after}, headers=pass_of(mine))

    assert answer.status_code == 200
    assert json.loads(answer.text.splitlines()[-1])["t"] == "end"
    await sending


async def test_stops_a_reply_that_says_nothing(
    http: httpx2.AsyncClient, mine: LiveSession, server: SandboxServer
) -> None:
    sending, run = await ask_in_silence(http, mine, server)

    assert (await http.post(f"/runs/{run}/stop", headers=pass_of(mine))).json() == {"stopped": True}

    assert (await sending)[-1]["message"]["run"]["state"] == "stopped"


async def test_shows_nobody_the_reply_of_another(
    http: httpx2.AsyncClient, mine: LiveSession, theirs: LiveSession, server: SandboxServer
) -> None:
    sending, run = await ask_in_silence(http, mine, server)

    assert (await http.get(f"/runs/{run}", headers=pass_of(theirs))).status_code == 404
    assert (await http.post(f"/runs/{run}/stop", headers=pass_of(theirs))).json() == {"stopped": False}

    assert resources.jobs.get(run)
    await http.post(f"/runs/{run}/stop", headers=pass_of(mine))
    await sending


async def test_shows_nobody_the_conversation_of_another(
    http: httpx2.AsyncClient, mine: LiveSession, theirs: LiveSession
) -> None:
    await send(http, mine)
    theirs.conversation = mine.conversation

    assert (await transcript(http, theirs))["messages"] == []
    answer = await http.post("/send", headers=pass_of(theirs), json=QUESTION)
    assert answer.status_code == 400


async def test_changes_no_message_of_another(
    http: httpx2.AsyncClient, mine: LiveSession, theirs: LiveSession
) -> None:
    message = (await send(http, mine))[-1]["message"]["id"]

    for change in ("delete", "pin", "select", "restore"):
        answer = await http.post(f"/messages/{message}/{change}", headers=pass_of(theirs))
        assert answer.status_code == 400
    assert [view["pinned"] for view in (await transcript(http, mine))["messages"]] == [False, False]


async def test_deletes_and_restores_a_message(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    message = (await send(http, mine))[-1]["message"]["id"]

    gone = (await http.post(f"/messages/{message}/delete", headers=pass_of(mine))).json()
    back = (await http.post(f"/messages/{message}/restore", headers=pass_of(mine))).json()

    assert len(gone["messages"]) == 1
    assert [view["id"] for view in back["messages"]][-1] == message


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"action": "send", "text": "  "}',
        b'{"action": "shout", "text": "x"}',
        b'{"action": "regenerate", "message": "nobody"}',
        b'{"action": "send", "images": [{"data": "no image"}]}',
        b'{"action": "send", "images": "text"}',
        b'{"action": "send", "images": [1]}',
        b'{"action": ["send"], "text": {}}',
    ],
    ids=[
        "nothing",
        "half",
        "a list",
        "blank",
        "unknown action",
        "unknown message",
        "no image",
        "text for images",
        "numbers for images",
        "other types",
    ],
)
async def test_says_why_something_cannot_be_sent(
    http: httpx2.AsyncClient, mine: LiveSession, body: bytes
) -> None:
    answer = await http.post("/send", headers=pass_of(mine), content=body)

    assert answer.status_code == 400
    assert answer.json()["title"]
    assert (await transcript(http, mine))["messages"] == []


async def test_waits_for_a_page_that_is_not_drawn_yet(http: httpx2.AsyncClient, mine: LiveSession) -> None:
    mine.settings = None

    answer = await http.post("/send", headers=pass_of(mine), json=QUESTION)

    assert "not ready" in answer.json()["title"]


async def test_asks_in_the_conversation_that_was_on_show(
    http: httpx2.AsyncClient, mine: LiveSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the page moves on while the SDK is still loading."""
    here = mine.conversation

    async def slowly(profile: Profile) -> Any:
        mine.conversation = "e" * 32
        return await create_client_async(profile)

    monkeypatch.setattr("core.chat.reply_service.create_client_async", slowly)
    await http.post("/send", headers=pass_of(mine), json=QUESTION)

    assert (await transcript(http, mine))["messages"] == []
    mine.conversation = here
    assert len((await transcript(http, mine))["messages"]) == 2
