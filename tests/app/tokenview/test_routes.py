"""The token view's routes count for whoever holds a desk's token, and hand out a window at a time."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Router

from components.session.live_session import LiveSession, live_sessions
from components.tokenview.routes import MAX_TYPED_BYTES, token_routes
from components.tokenview.views import PAGE_SIZE, analysis_view
from core.tokens.analysis import EncodingOptions, analyse


@pytest.fixture
def desk() -> Iterator[LiveSession]:
    opened = live_sessions.open("someone")
    yield opened
    live_sessions.close(opened)


@pytest.fixture
async def browser(desk: LiveSession) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Router(token_routes()))
    headers = {"x-live-token": desk.token}
    async with httpx2.AsyncClient(transport=transport, base_url="http://app", headers=headers) as client:
        yield client


def shown(pane: dict[str, Any]) -> str:
    return "".join(text for text, *_ in pane["pieces"])


async def test_counts_what_is_typed_and_keeps_it(browser: httpx2.AsyncClient, desk: LiveSession) -> None:
    view = (await browser.post("/text?at=0", content="hello 한글")).json()

    assert shown(view["left"]) == desk.token_session.texts["text"] == "hello 한글"
    assert view["summary"][0]["value"] == str(view["left"]["total"])


async def test_hands_out_the_window_that_is_asked_for(browser: httpx2.AsyncClient) -> None:
    await browser.post("/text", content="word " * 5_000)

    pane = (await browser.get("/text?at=2000")).json()["left"]

    assert pane["at"] == 2_000
    assert sum(len(ids) for _, ids, *_ in pane["pieces"]) == PAGE_SIZE


async def test_tells_what_was_typed_only_when_asked(browser: httpx2.AsyncClient) -> None:
    await browser.post("/text", content="hello")

    assert (await browser.get("/text")).json()["text"] is None
    assert (await browser.get("/text?text")).json()["text"] == "hello"


async def test_reads_what_is_asked_for_whatever_is_on_show(
    browser: httpx2.AsyncClient, desk: LiveSession
) -> None:
    desk.token_session.select("ids", desk.token_session.options)

    view = (await browser.post("/text", content="typed a moment ago")).json()

    assert shown(view["left"]) == "typed a moment ago"
    assert desk.token_session.kind == "ids"


async def test_lets_nobody_in_without_a_token(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/text", headers={"x-live-token": ""})).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        pytest.param("/text", b"a" * (MAX_TYPED_BYTES + 1), "Upload it as a file", id="large"),
        pytest.param("/novel", b"a", "Reload the page", id="kind"),
    ],
)
async def test_says_what_it_does_not_count(
    browser: httpx2.AsyncClient, path: str, body: bytes, says: str
) -> None:
    reply = await browser.post(path, content=body)

    assert (reply.status_code, says in reply.json()["hint"]) == (400, True)


@pytest.mark.parametrize("at", ["-1", "x", "9" * 40, "", "1e3"])
async def test_stays_in_the_text_wherever_it_is_asked_to_go(browser: httpx2.AsyncClient, at: str) -> None:
    await browser.post("/text", content="a few words")

    assert (await browser.get(f"/text?at={at}")).status_code == 200


async def test_says_why_ids_cannot_be_decoded(browser: httpx2.AsyncClient) -> None:
    problem = (await browser.post("/ids", content="1 two")).json()["problem"]

    assert problem["title"] == "'two' is not a token ID."


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_shows_the_same_text_by_both_encodings(text: str) -> None:
    view = analysis_view(analyse("text", text, EncodingOptions("gpt-4o", compare_with="cl100k_base")))

    assert shown(view["left"]) == shown(view["right"]) == text
