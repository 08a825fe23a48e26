"""A reply is generated again with another model and API, or with a failure of the sandbox, for once."""

from typing import Any

import httpx2

from components.session.live_session import LiveSession
from tests.app.live.conftest import auth_headers, get_transcript, send


async def regenerate(client: httpx2.AsyncClient, session: LiveSession, **options: str) -> dict[str, Any]:
    """Generate the last reply again, and return it."""
    message = (await get_transcript(client, session))["messages"][-1]["id"]
    events = await send(client, session, {"action": "regenerate", "message": message, **options})
    reply: dict[str, Any] = events[-1]["message"]
    return reply


async def test_regenerates_with_another_model_and_api(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    await send(client, session)
    reply = await regenerate(client, session, model="gpt-6-luna", api="responses")

    assert (reply["run"]["model"], len(reply["siblings"])) == ("gpt-6-luna", 2)
    path = f"/runs/{reply['run']['id']}/call?part=request"
    call = (await client.get(path, headers=auth_headers(session))).json()
    assert (call["api"], call["part"].splitlines()[0].rsplit("/", 1)[-1]) == ("Responses", "responses")
    assert (await regenerate(client, session))["run"]["model"] == "gpt-4o-mini"


async def test_fails_one_request_of_the_sandbox(client: httpx2.AsyncClient, session: LiveSession) -> None:
    assert session.profile
    session.profile = session.profile.model_copy(update={"kind": "sandbox"})
    await send(client, session)
    failed = (await regenerate(client, session, fault="401"))["run"]

    assert (failed["error"]["status"], failed["error"]["simulated"]) == (401, True)
    assert (await regenerate(client, session))["run"]["state"] == "done"


async def test_sends_no_fault_to_another_server(client: httpx2.AsyncClient, session: LiveSession) -> None:
    await send(client, session)
    message = (await get_transcript(client, session))["messages"][-1]["id"]
    body = {"action": "regenerate", "message": message, "fault": "401"}
    response = await client.post("/send", headers=auth_headers(session), json=body)

    assert response.status_code == 400
    assert len((await get_transcript(client, session))["messages"][-1]["siblings"]) == 1


async def test_sends_a_model_that_needs_responses_there_unless_chosen_otherwise(
    client: httpx2.AsyncClient, session: LiveSession
) -> None:
    await send(client, session)

    refused = (await regenerate(client, session, model="o3-pro", api="chat.completions"))["run"]
    assert refused["error"]["title"] == "This model is only available in the Responses API"
    assert (await regenerate(client, session, model="o3-pro"))["run"]["state"] == "done"
