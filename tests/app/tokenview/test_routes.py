"""The routes of the token view count for an open session, and return one page of tokens."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Router

from components.session.live_session import LiveSession, live_sessions
from components.tokenview.routes import MAX_TYPED_BYTES, token_routes
from components.tokenview.views import PAGE_SIZE, analysis_view
from core.token_analysis.analysis import EncodingOptions, analyse


@pytest.fixture
def live_session() -> Iterator[LiveSession]:
    session = live_sessions.open("someone")
    yield session
    live_sessions.close(session)


@pytest.fixture
async def browser(live_session: LiveSession) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Router(token_routes()))
    headers = {"x-live-token": live_session.token}
    async with httpx2.AsyncClient(transport=transport, base_url="http://app", headers=headers) as client:
        yield client


def pane_text(pane: dict[str, Any]) -> str:
    return "".join(text for text, *_ in pane["spans"])


async def test_counts_and_stores_the_typed_text(
    browser: httpx2.AsyncClient, live_session: LiveSession
) -> None:
    view = (await browser.post("/text?at=0", content="hello 한글")).json()

    assert pane_text(view["left"]) == live_session.token_session.texts["text"] == "hello 한글"
    assert view["summary"][0]["value"] == str(view["left"]["total"])


async def test_returns_the_page_at_an_index(browser: httpx2.AsyncClient) -> None:
    await browser.post("/text", content="word " * 5_000)

    pane = (await browser.get("/text?at=2000")).json()["left"]

    assert pane["at"] == 2_000
    assert sum(len(ids) for _, ids, *_ in pane["spans"]) == PAGE_SIZE


async def test_returns_the_text_only_on_request(browser: httpx2.AsyncClient) -> None:
    await browser.post("/text", content="hello")

    assert (await browser.get("/text")).json()["text"] is None
    assert (await browser.get("/text?text")).json()["text"] == "hello"


async def test_counts_the_requested_kind_whichever_is_selected(
    browser: httpx2.AsyncClient, live_session: LiveSession
) -> None:
    live_session.token_session.select("ids", live_session.token_session.options)

    view = (await browser.post("/text", content="typed a moment ago")).json()

    assert pane_text(view["left"]) == "typed a moment ago"
    assert live_session.token_session.kind == "ids"


async def test_rejects_a_request_without_a_token(browser: httpx2.AsyncClient) -> None:
    assert (await browser.get("/text", headers={"x-live-token": ""})).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "hint"),
    [
        pytest.param("/text", b"a" * (MAX_TYPED_BYTES + 1), "Upload it as a file", id="large"),
        pytest.param("/novel", b"a", "Reload the page", id="kind"),
    ],
)
async def test_explains_what_it_does_not_count(
    browser: httpx2.AsyncClient, path: str, body: bytes, hint: str
) -> None:
    response = await browser.post(path, content=body)

    assert (response.status_code, hint in response.json()["hint"]) == (400, True)


async def test_forgets_the_text_that_a_larger_one_replaces(browser: httpx2.AsyncClient) -> None:
    await browser.post("/text", content="the old text")
    await browser.post("/text", content=b"a" * (MAX_TYPED_BYTES + 1))

    view = (await browser.get("/text?text")).json()

    assert "larger than 1 MB" in view["error"]["title"]
    assert view["text"] == ""
    assert (await browser.post("/text", content="short")).json()["summary"]


@pytest.mark.parametrize("at", ["-1", "x", "9" * 40, "", "1e3"])
async def test_accepts_any_index(browser: httpx2.AsyncClient, at: str) -> None:
    await browser.post("/text", content="a few words")

    assert (await browser.get(f"/text?at={at}")).status_code == 200


async def test_explains_why_ids_cannot_be_decoded(browser: httpx2.AsyncClient) -> None:
    error = (await browser.post("/ids", content="1 two")).json()["error"]

    assert error["title"] == "'two' is not a token ID."


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(deadline=None)  # the first example loads the vocabularies
def test_returns_the_same_text_in_both_encodings(text: str) -> None:
    view = analysis_view(analyse("text", text, EncodingOptions("gpt-4o", compare_with="cl100k_base")))

    assert pane_text(view["left"]) == pane_text(view["right"]) == text
